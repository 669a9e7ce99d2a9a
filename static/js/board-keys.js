// The board by keyboard. Single keys act only while a card's own link has the focus, or a card is in the hand (WCAG 2.1.4).

import { Typed, clockOf, stepped } from "./board-grid.js";
import { carry, carryOff, carryToDay, giveBack, held, lift, moveTo, nextOnShelf, putDown, rest, takeOff } from "./board-hand.js";
import * as live from "./board-live.js";
import {
  cardOf, cards, days, filled, forbids, halls, isInGrid, isOnShelf, isRtl, itemOf, linkOf, root, say, shelf, shelfCards, shownDay, words,
} from "./board-read.js";

const GATHER_MS = 250;
const typed = new Typed();
let shelfPlace = 0;
let wasAt = null;

const columns = () => halls().map(({ slug }) => slug);
const focus = (li) => linkOf(li)?.focus();

// One step, by whatever key asks for it ------------------------------------------------------------------------------

function stepOf(event) {
  const way = isRtl ? -1 : 1;
  if (event.shiftKey) {
    return { ArrowUp: { length: -5 }, ArrowDown: { length: 5 } }[event.key] ?? null;
  }
  return (
    {
      ArrowUp: { minutes: -5 },
      ArrowDown: { minutes: 5 },
      ArrowLeft: { halls: -way },
      ArrowRight: { halls: way },
      PageUp: { minutes: -60 },
      PageDown: { minutes: 60 },
      Home: { to: 0 },
      End: { to: -1 },
    }[event.key] ?? null
  );
}

// In the hand ----------------------------------------------------------------------------------------------------------

function take(li) {
  if (!li || !lift(li, { byKeys: true })) return;
  typed.clear();
  // The next is at the place of the one that is taken, since that one leaves.
  if (isOnShelf(li)) shelfPlace = shelfCards().indexOf(li);
  wasAt = li.dataset.code;
  focus(li);
  hint.show(li);
}

function inTheHand(event) {
  const { card, place } = held();
  const step = stepOf(event);
  if (event.key === "Escape") {
    hint.hide();
    focus(giveBack());
  } else if (event.key === "Tab") {
    hint.hide();
    giveBack();
    return;
  } else if (event.key === "Enter") {
    const last = typed.finish();
    if (last.refused || !apply(last)) return void event.preventDefault();
    put(event.shiftKey);
  } else if (event.shiftKey && (event.key === "PageUp" || event.key === "PageDown")) {
    const all = days();
    const next = all[all.findIndex(({ day }) => day === shownDay()) + (event.key === "PageUp" ? -1 : 1)];
    if (next) carryToDay(next.day).then(() => focus(itemOf(card.code)));
  } else if (step) {
    typed.clear();
    const next = stepped(place, step, columns());
    if (next) carry(next);
    else say(filled(words.edge, { title: card.title }));
  } else if (event.key === "Delete") {
    carryOff();
  } else if (event.key === "Backspace") {
    typed.clear();
    carry({});
  } else if (event.key.length === 1 && !(event.key === " " && !typed.text)) {
    const understood = typed.push(event.key, halls());
    apply(understood);
  } else return;
  event.preventDefault();
}

function apply(understood) {
  const { place } = held();
  if (understood.refused) {
    say(filled(words.notUnderstood, { typed: understood.refused }));
    return false;
  }
  const { hall, start, end, minutes } = understood;
  if (hall !== undefined) carry({ hall }, { typed: typed.text });
  else if (start !== undefined) carry({ start }, { typed: typed.text });
  else if (minutes !== undefined) carry({ minutes }, { typed: typed.text });
  else if (end !== undefined) {
    const length = end - place.start;
    if (length <= 0) {
      say(filled(words.notUnderstood, { typed: typed.text }));
      return false;
    }
    carry({ minutes: length }, { typed: typed.text });
  }
  return true;
}

function put(takesNext) {
  const fromShelf = !held().whence;
  const li = putDown();
  hint.hide();
  typed.clear();
  hint.used();
  if (takesNext) {
    const next = nextOnShelf(shelfPlace);
    if (next) take(next);
    else {
      focus(li);
      say(words.shelfEmpty);
    }
  } else if (li) focus(li);
  else focusNear(fromShelf);
}

// At once, and gathered: a card that is pushed several times is one move ------------------------------------------------

let push = null;
live.holdAnswers(() => push !== null);

function nudge(li, step) {
  if (push && push.li !== li) flush();
  if (!push) {
    const refusal = forbids(li);
    if (refusal) return say(refusal);
    const card = cardOf(li);
    push = { li, card, place: { day: card.day, hall: card.hall, start: card.start, minutes: card.minutes } };
    push.whence = push.place;
    hint.show(li);
  }
  const next = stepped(push.place, step, columns());
  if (next) {
    push.place = next;
    rest(li, next);
    li.scrollIntoView({ block: "nearest", inline: "nearest" });
  } else say(filled(words.edge, { title: push.card.title }));
  clearTimeout(push.timer);
  push.timer = setTimeout(flush, GATHER_MS);
}

export function flush() {
  if (!push) return;
  const { li, card, place, whence } = push;
  clearTimeout(push.timer);
  push = null;
  if (place === whence || (place.hall === whence.hall && place.start === whence.start && place.minutes === whence.minutes)) return live.settle();
  hint.used();
  moveTo(card, li, place);
}

function pushBack() {
  const { li, whence } = push;
  clearTimeout(push.timer);
  push = null;
  rest(li, whence);
  live.settle();
}

// Around ---------------------------------------------------------------------------------------------------------------

function focusNear(onShelf, index = null) {
  const all = onShelf ? shelfCards() : cards().filter((li) => !isOnShelf(li));
  focus(all[Math.min(index ?? shelfPlace, all.length - 1)] ?? cards()[0]);
}

function walk(li, by) {
  const all = isOnShelf(li) ? shelfCards() : cards().filter((other) => !isOnShelf(other));
  focus(all[all.indexOf(li) + by]);
}

function again(which) {
  flush();
  const form = root.querySelector(`form[data-board="${which}"], form[action="${root.dataset[`${which}Url`]}"]`);
  const button = form?.querySelector(`button[value="${which}"]`) ?? form?.querySelector("button");
  if (!form || button?.disabled) say(which === "undo" ? words.undoneNothing : words.redoneNothing);
  else live.submit(form, button);
}

export function toSearch() {
  const field = shelf()?.querySelector("input[type=search], input[name=q]");
  field?.focus();
  field?.select();
}

function onCard(event, li) {
  const key = event.key.toLowerCase();
  const step = stepOf(event);
  const isShelf = isOnShelf(li);
  if (event.key === "Enter") {
    flush();
    take(li);
  } else if (event.key === "Escape" && push) pushBack();
  else if (step && isShelf) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") walk(li, event.key === "ArrowDown" ? 1 : -1);
    else return;
  } else if (step && isInGrid(li)) nudge(li, step);
  else if (/^[1-9]$/.test(key) && isInGrid(li)) toDay(li, Number(key));
  else if ((key === "u" || event.key === "Delete") && !isShelf) off(li);
  else if (key === "e") linkOf(li).click();
  else if (key === "z") again(event.shiftKey ? "redo" : "undo");
  else if (key === "/") toSearch();
  else if (key === "s") isShelf ? backToBoard() : toShelf(li);
  else if (key === "j" || key === "k") walk(li, key === "j" ? 1 : -1);
  else return;
  event.preventDefault();
}

function toShelf(li) {
  wasAt = li.dataset.code;
  if (shelfCards().length) focusNear(true);
  else say(words.shelfEmpty);
}

function backToBoard() {
  const li = wasAt && itemOf(wasAt);
  if (li && !isOnShelf(li)) focus(li);
  else focus(cards().find((other) => !isOnShelf(other)));
}

function toDay(li, number) {
  flush();
  const wanted = days()[number - 1];
  if (!wanted || wanted.day === shownDay()) return;
  leave(li, (card) => moveTo(card, li, { day: wanted.day, hall: card.hall, start: card.start, minutes: card.minutes }));
}

function off(li) {
  flush();
  leave(li, (card) => takeOff(card, li));
}

// A card that leaves the day leaves the focus to its neighbour.
function leave(li, act) {
  const refusal = forbids(li);
  if (refusal) return say(refusal);
  const index = cards().filter((other) => !isOnShelf(other)).indexOf(li);
  act(cardOf(li));
  hint.used();
  focusNear(false, index);
}

// The hint, until it is known ---------------------------------------------------------------------------------------------

const HINT_USES = 5;
const HINT_KEY = "retreat.board.hints";

const hint = {
  // A browser may keep nothing for us: then the hint stays.
  count() {
    try {
      return Number(localStorage.getItem(HINT_KEY)) || 0;
    } catch {
      return 0;
    }
  },
  used() {
    try {
      localStorage.setItem(HINT_KEY, String(this.count() + 1));
    } catch {
      // See count().
    }
  },
  hide() {
    for (const shown of root.querySelectorAll(".hint")) shown.remove();
    for (const link of root.querySelectorAll("[aria-describedby=board-keys], [aria-describedby=board-hand-keys]")) link.removeAttribute("aria-describedby");
  },
  show(li) {
    this.hide();
    if (this.count() >= HINT_USES || !linkOf(li)?.matches(":focus-visible")) return;
    const template = document.getElementById(held() ? "board-hand-hint" : "board-hint");
    const made = template.content.firstElementChild.cloneNode(true);
    // A card contains what lies in it, fixed or not; the page does not.
    (held() ? root : li).append(made);
    linkOf(li).setAttribute("aria-describedby", made.id);
    if (held()) return;
    const box = made.getBoundingClientRect();
    made.classList.toggle("is-above", box.bottom > innerHeight && box.top - box.height > 120);
    made.classList.toggle("is-end", isRtl ? box.left < 0 : box.right > innerWidth);
  },
};

live.onMorph(() => {
  const li = document.activeElement?.closest?.("li[data-code]");
  if (li && document.activeElement === linkOf(li)) hint.show(li);
});

export function startKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    const isTyping = event.target.closest?.("input:not([type=checkbox]), textarea, select");
    const chord = event.ctrlKey || event.metaKey;
    if (!isTyping && chord && !event.altKey && ["z", "y"].includes(event.key.toLowerCase()) && !held()) {
      event.preventDefault();
      again(event.key.toLowerCase() === "y" || event.shiftKey ? "redo" : "undo");
      return;
    }
    if (chord || event.altKey) return;
    if (held()?.byKeys) return inTheHand(event);
    if (held()) return;
    if (isTyping) {
      if (event.key === "Escape" && isTyping.closest(".shelf")) focusNear(true, 0);
      return;
    }
    const li = event.target.closest?.("li[data-code]");
    if (li && event.target === linkOf(li)) onCard(event, li);
  });
  root.addEventListener("focusin", (event) => {
    const li = event.target.closest("li[data-code]");
    if (li && event.target === linkOf(li)) hint.show(li);
    else hint.hide();
    if (push && push.li !== li) flush();
  });
  root.addEventListener("focusout", (event) => {
    if (!root.contains(event.relatedTarget)) hint.hide();
  });
  addEventListener("pagehide", flush);
}
