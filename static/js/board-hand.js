// The card in the hand, by mouse, finger or keys: where it came from, where it would stand, and what is in the way there.

import { DAY_END, clockOf, freePlace, inTheWay, lines, timesOf } from "./board-grid.js";
import * as live from "./board-live.js";
import {
  cardOf, cards, dayName, filled, forbids, frame, grid, hallName, halls, isInGrid, itemOf, linkOf, placed, say, shelfCards, shownDay, words,
} from "./board-read.js";

const LEASE_AFTER_MS = 400;
const LEASE_AGAIN_MS = 15_000;
const PICTURE_MINUTES = 35;

let hand = null;
let lastPlace = null;

export const held = () => hand;
live.holdAnswers(() => hand !== null);
live.onMorph(() => hand && draw());

// Grid classes for a resting place; the server writes the same.
export function stand(li, place) {
  const columns = halls();
  const column = columns.findIndex(({ slug }) => slug === place.hall) + 1;
  const { from, to } = lines(place, frame());
  for (const name of [...li.classList]) if (/^(hall|wide|from|to|cascade)-\d+$/.test(name)) li.classList.remove(name);
  li.classList.add(`hall-${Math.max(column, 1)}`, `from-${from}`, `to-${to}`);
  // Without a hall, and no column for that yet: across all of them.
  if (!column) li.classList.add(`wide-${columns.length}`);
}

export function verdictOf(card, place) {
  const found = inTheWay(place, card, placed());
  if (!found) return { isFree: true, text: filled(words.free, { hall: hallName(place.hall) }) };
  const values = {
    title: found.other.title,
    hall: hallName(found.other.hall),
    person: found.person,
    until: clockOf(found.other.start + found.other.minutes),
  };
  return { isFree: false, text: filled(found.person ? words.busy : words.taken, values) };
}

// Takes a card up. Gives false, in words, when it may not be taken.
export function lift(li, { byKeys = false } = {}) {
  const refusal = forbids(li);
  if (refusal) {
    say(refusal);
    live.tell(refusal);
    return false;
  }
  const card = cardOf(li);
  const whence = card.isOnShelf || card.start === null ? null : { day: card.day, hall: card.hall, start: card.start, minutes: card.minutes };
  hand = { card, byKeys, whence, place: whence ?? firstPlace(card), isOff: false, typed: "" };
  hand.lease = setTimeout(function again() {
    hand.isLeased = true;
    hand.lease = setTimeout(again, LEASE_AGAIN_MS);
    live.hold(card.code).then((refusal) => {
      if (!refusal || hand?.card !== card) return;
      linkOf(giveBack(refusal))?.focus({ preventScroll: true });
      live.tell(refusal);
    });
  }, LEASE_AFTER_MS);
  draw();
  if (byKeys) say(filled(words.picked, { title: card.title, times: timesOf(hand.place), hall: hallName(hand.place.hall) }));
  return true;
}

// After the card that was put down last, in its hall; the first free place of the day at first.
function firstPlace(card) {
  const { firstHour, hours } = frame();
  const after = lastPlace?.day === shownDay() && halls().some(({ slug }) => slug === lastPlace.hall) ? lastPlace : null;
  const wanted = after
    ? { hall: after.hall, start: Math.min(after.start + after.minutes, DAY_END - card.minutes) }
    : { hall: halls()[0]?.slug ?? "", start: firstHour * 60 };
  return { day: shownDay(), ...freePlace(card, wanted, placed(), Math.min(DAY_END, (firstHour + hours) * 60)) };
}

export function carry(place, { typed = "" } = {}) {
  hand.place = { ...hand.place, ...place };
  hand.isOff = false;
  hand.typed = typed;
  drawSoon();
  if (hand.byKeys) {
    const verdict = verdictOf(hand.card, hand.place).text;
    say(filled(words.carried, { times: timesOf(hand.place), hall: hallName(hand.place.hall), verdict }));
  }
}

export function carryOff() {
  hand.isOff = true;
  draw();
  if (hand.byKeys) say(filled(words.off, { title: hand.card.title }));
}

export async function carryToDay(day) {
  if (!(await live.showDay(day)) || !hand) return;
  hand.place = { ...hand.place, day };
  draw();
  say(filled(words.onDay, { day: dayName(day) }));
}

const isSame = (one, other) =>
  one && one.day === other.day && one.hall === other.hall && one.start === other.start && one.minutes === other.minutes;

export function giveBack(sentence = words.back) {
  const { card } = hand;
  finish();
  const li = itemOf(card.code);
  say(filled(sentence, { title: card.title }));
  live.settle();
  return li;
}

// Puts it down: the page shows it at once, the server has the last word.
export function putDown() {
  const { card, whence, place, isOff } = hand;
  if (isOff ? !whence : isSame(whence, place)) return giveBack();
  finish();
  const li = itemOf(card.code);
  if (isOff) {
    takeOff(card, li);
    return null;
  }
  moveTo(card, li, place);
  lastPlace = place;
  return itemOf(card.code);
}

export function takeOff(card, li) {
  li?.remove();
  live.move(card, { day: "" });
}

export function moveTo(card, li, place) {
  if (place.day === shownDay() && li) rest(li, place);
  else li?.remove();
  live.move(card, { day: place.day, hall: place.hall, times: [clockOf(place.start), clockOf(place.start + place.minutes)] });
}

// What a card shows until the server's own answer is there.
export function rest(li, place) {
  const hadFocus = li.contains(document.activeElement);
  if (!isInGrid(li)) {
    li.classList.add("slot");
    grid().append(li);
  }
  stand(li, place);
  Object.assign(li.dataset, { start: clockOf(place.start), end: clockOf(place.start + place.minutes), minutes: place.minutes, hall: place.hall, day: place.day });
  const [starts, ends] = li.querySelectorAll(".slot-time time");
  if (starts) starts.textContent = clockOf(place.start);
  if (ends) ends.textContent = clockOf(place.start + place.minutes);
  if (hadFocus) linkOf(li)?.focus({ preventScroll: true });
}

function finish() {
  clearTimeout(hand.lease);
  cancelAnimationFrame(hand.frame);
  if (hand.isLeased) live.hold("");
  overlay().remove();
  ghosts.length = 0;
  for (const li of cards()) li.classList.remove("is-lifted");
  hand = null;
}

// On the screen --------------------------------------------------------------------------------------------------

const ghosts = [];

// A grid of its own over the day's: what is carried is drawn often, and two hundred cards need not be laid out again for it.
function overlay() {
  const day = grid().parentElement;
  const there = day.querySelector(":scope > .ghosts");
  if (there) return there;
  const made = document.createElement("ol");
  made.className = "ghosts";
  made.setAttribute("aria-hidden", "true");
  day.append(made);
  return made;
}

function ghost(name, place, lines_, more = "") {
  const li = document.createElement("li");
  li.className = `slot ghost ${more}`;
  li.setAttribute("aria-hidden", "true");
  const text = document.createElement("p");
  text.className = name;
  lines_.filter(Boolean).forEach((line, number) => {
    if (number) text.append(document.createElement("br"));
    text.append(line);
  });
  li.append(text);
  stand(li, place);
  ghosts.push(li);
  overlay().append(li);
  return li;
}

// Several keys or movements within one frame are drawn once.
function drawSoon() {
  hand.frame ??= requestAnimationFrame(() => {
    if (!hand) return;
    hand.frame = null;
    draw();
  });
}

function draw() {
  for (const old of ghosts) old.remove();
  ghosts.length = 0;
  const { card, whence, place, isOff, byKeys, typed } = hand;
  const source = itemOf(card.code);
  source?.classList.add("is-lifted");
  document.querySelector(".shelf")?.classList.toggle("is-target", isOff);
  if (whence && whence.day === shownDay()) ghost("origin", whence, [filled(words.was, { times: timesOf(whence) }), hallName(whence.hall)]);
  if (isOff || place.day !== shownDay()) return;
  const verdict = verdictOf(card, place);
  const said = ghost(verdict.isFree ? "drop" : "drop would-clash", place, [timesOf(place), verdict.text, typed && `${typed}_`], "is-drop");
  if (!byKeys || !source) return;
  const inHand = copyOf(source, place);
  // Short enough to leave the words below it to be read.
  stand(inHand, { ...place, minutes: Math.min(place.minutes, PICTURE_MINUTES) });
  ghosts.push(inHand);
  overlay().append(inHand);
  said.scrollIntoView({ block: "nearest", inline: "nearest" });
}

// The look's card in the hand: a picture of the card, for the eye alone.
export function copyOf(li, place = null) {
  const copy = li.cloneNode(true);
  copy.removeAttribute("id");
  for (const name of [...copy.classList]) if (!/^(track-\d+|is-long|is-tentative|is-cancelled)$/.test(name)) copy.classList.remove(name);
  copy.classList.add("slot", "in-hand");
  copy.setAttribute("aria-hidden", "true");
  copy.querySelectorAll(".hint, .held-by").forEach((part) => part.remove());
  // Nothing in a picture takes the focus.
  copy.querySelectorAll("a, [id], [tabindex]").forEach((part) => {
    part.removeAttribute("href");
    part.removeAttribute("id");
    part.removeAttribute("tabindex");
  });
  copy.querySelectorAll("form, details, button, input").forEach((part) => part.remove());
  const time = copy.querySelector(".slot-time");
  if (time && place) {
    const span = document.createElement("span");
    span.textContent = timesOf(place);
    time.replaceChildren(span);
  }
  const grab = document.getElementById("board-grab");
  if (grab) copy.append(grab.content.cloneNode(true));
  return copy;
}

export const nextOnShelf = (after) => {
  const all = shelfCards();
  return all[Math.min(Math.max(after, 0), all.length - 1)];
};
