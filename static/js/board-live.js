// What goes to the server and comes back: moves one after the other, the poll, and how an answer becomes the page.

import { Idiomorph } from "../vendor/idiomorph/idiomorph.esm.js";
import { calm, cards, filled, itemOf, linkOf, root, say, shownDay, words } from "./board-read.js";

const POLL_MS = 4000;
const LONGEST_WAIT_MS = 60_000;
const FLIGHT_MS = 220;
const MOST_FLIGHTS = 40;

let truth = root.outerHTML;
let etag = null;
let waiting = null;
const queue = [];
let isSending = false;
let spoken = null;
const versions = new Map();
const holders = new Set();
const listeners = [];

// Who carries a card says so: while somebody does, answers wait.
export function holdAnswers(isBusy) {
  holders.add(isBusy);
}

export function onMorph(listener) {
  listeners.push(listener);
}

const isBusy = () => [...holders].some((busy) => busy());

// Notes beside the board ------------------------------------------------------------------------------------------

const notes = document.getElementById("board-notes");

function note(name, values = {}) {
  if (!notes) return;
  if (!values.isFurther) unnote(name);
  const made = document.getElementById(`board-${name}`).content.firstElementChild.cloneNode(true);
  made.dataset.note = name;
  // Nothing was lost where nothing was sent.
  if (!values.isMove) made.querySelector("[data-lost]")?.remove();
  const walker = document.createTreeWalker(made, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) walker.currentNode.data = filled(walker.currentNode.data, values);
  notes.append(made);
}

function unnote(name) {
  for (const old of notes?.querySelectorAll(`[data-note=${name}]`) ?? []) old.remove();
}

// An answer becomes the page ----------------------------------------------------------------------------------------

function parsed(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  return { page, fresh: page.getElementById("board-live") ?? page.body };
}

// A clash is numbered by time, so its number passes to another when one is settled; what is open or half-written in it
// belongs to its two sessions. Both the page and the answer are given names that stay.
function nameClashes(part) {
  for (const article of part.querySelectorAll("article.clash[id]")) {
    const sides = [...article.querySelectorAll(".clash-pair a[href]")].map((link) => link.hash.slice(1));
    const kind = article.querySelector("input[name=clash]")?.value ?? "";
    const name = ["clash-of", kind, ...sides].join("-");
    for (const link of part.querySelectorAll(`a[href="#${CSS.escape(article.id)}"]`)) link.setAttribute("href", `#${name}`);
    article.id = name;
  }
}

function placesOf(items) {
  return new Map(items.map((li) => [li.dataset.code, li.getBoundingClientRect()]));
}

// A card that somebody else moved, or that was refused, flies to its place: the eye keeps it.
function fly(before) {
  if (calm.matches) return;
  const moved = cards()
    .map((li) => ({ li, was: before.get(li.dataset.code), is: li.getBoundingClientRect() }))
    .filter(({ was, is }) => was?.width && is.width && Math.abs(was.left - is.left) + Math.abs(was.top - is.top) > 2);
  if (moved.length > MOST_FLIGHTS) return;
  for (const { li, was, is } of moved) {
    li.animate([{ transform: `translate(${was.left - is.left}px, ${was.top - is.top}px)` }, { transform: "none" }], {
      duration: FLIGHT_MS,
      easing: "ease-out",
    });
  }
}

const isTyped = (node) =>
  node instanceof Element && node.matches("input:not([type=hidden]), textarea") && node.value !== node.defaultValue;

const isSaid = (sentence) => !sentence || sentence === spoken;

function morph(html) {
  const { fresh } = parsed(html);
  nameClashes(fresh);
  const before = placesOf(cards());
  const focused = document.activeElement;
  const keep = root.contains(focused) ? focused.closest("li[data-code]")?.dataset.code : null;
  const neighbours = keep ? cards().map((li) => li.dataset.code) : [];
  for (const { name, value } of fresh.attributes) if (name.startsWith("data-")) root.setAttribute(name, value);
  Idiomorph.morph(root, fresh.innerHTML, {
    morphStyle: "innerHTML",
    ignoreActiveValue: true,
    callbacks: {
      // What somebody has begun to type, an open detail and the last sentence stay.
      beforeNodeMorphed: (old, next) => !(isTyped(old) || (old.id === "said" && isSaid(next.textContent.trim()))),
      beforeAttributeUpdated: (name, node) => !(name === "open" && node.nodeName === "DETAILS"),
    },
  });
  versions.clear();
  if (keep && !(root.contains(document.activeElement) && document.activeElement.isConnected && document.activeElement !== root)) refocus(keep, neighbours);
  for (const listener of listeners) listener();
  fly(before);
}

// The same card wherever it stands now; when it left the page, the one after it.
function refocus(code, neighbours) {
  const from = neighbours.indexOf(code);
  const order = [...neighbours.slice(from), ...neighbours.slice(0, from).reverse()];
  const found = order.map(itemOf).find(Boolean);
  linkOf(found)?.focus({ preventScroll: true });
}

function take(html) {
  truth = html;
  if (isBusy() || queue.length || isSending) waiting = html;
  else {
    waiting = null;
    morph(html);
  }
}

// Once the hand is empty and nothing is under way, what was kept is shown.
export function settle() {
  if (waiting === null || isBusy() || queue.length || isSending) return;
  const html = waiting;
  waiting = null;
  morph(html);
}

// What the server says was true last: for a move that never reached it.
function restore() {
  waiting = truth;
  settle();
}

// Moves --------------------------------------------------------------------------------------------------------------

class NotTaken extends Error {}

async function ask(address, options) {
  const isMove = options.method === "POST";
  const answer = await fetch(address, {
    credentials: "same-origin",
    ...options,
    headers: { "X-Board": "live", ...options.headers },
  });
  const html = answer.status === 304 ? "" : await answer.text();
  if (answer.status === 401 || (answer.redirected && new URL(answer.url).pathname.startsWith("/sign-in"))) {
    note("signed-out", { isMove });
    throw new NotTaken("signed out");
  }
  if (answer.status === 400) {
    note("stale", { isMove });
    throw new NotTaken("stale");
  }
  if (answer.status === 403) {
    note("refused", { sentence: words.readOnly });
    throw new NotTaken("forbidden");
  }
  if (answer.status === 304) return { answer, html: null };
  if (answer.status >= 500 || !/id="(board-live|said)"/.test(html)) {
    note("refused", { sentence: words.failed });
    throw new NotTaken("failed");
  }
  return { answer, html };
}

function send(job) {
  queue.push(job);
  run();
}

async function run() {
  if (isSending) return;
  isSending = true;
  root.classList.add("is-saving");
  while (queue.length) await sendOne(queue.shift());
  isSending = false;
  root.classList.remove("is-saving");
  settle();
}

async function sendOne(job) {
  const body = job.body();
  if (!body.has("csrf_token")) body.set("csrf_token", root.dataset.csrf);
  if (!body.has("shown")) body.set("shown", shownDay());
  try {
    const { answer, html } = await ask(job.address, { method: "POST", body });
    online();
    unnote("refused");
    etag = answer.headers.get("ETag");
    const { fresh } = parsed(html);
    if (answer.status === 409 || answer.status === 422) refuse(job, fresh);
    else if (job.code) versions.set(job.code, fresh.querySelector(`li[data-code="${CSS.escape(job.code)}"]`)?.dataset.version);
    const sentence = fresh.querySelector("#said")?.textContent.trim();
    truth = html;
    waiting = html;
    // Said now, while the answer waits; and not again when it is shown.
    spoken = isBusy() || queue.length ? sentence : null;
    if (spoken) say(spoken);
    job.done?.(answer.status < 400);
  } catch (error) {
    if (!(error instanceof NotTaken)) {
      offline();
      // Everything that waited behind it is lost with it, and named.
      const titles = [...new Set([job, ...queue].map(({ title }) => title).filter(Boolean))];
      for (const title of titles) note("refused", { sentence: filled(words.unsaved, { title }), isFurther: true });
      if (titles.length) say(titles.map((title) => filled(words.unsaved, { title })).join(" "));
    }
    queue.length = 0;
    job.done?.(false);
    restore();
  }
}

// What came after a refused move of the same card was meant for a place that it never had.
function refuse(job, fresh) {
  for (let index = queue.length - 1; index >= 0; index -= 1) {
    if (job.code && queue[index].code === job.code) queue.splice(index, 1);
  }
  const sentence = fresh.querySelector("#said")?.textContent.trim();
  if (sentence) note("refused", { sentence });
}

// `version` is the one that was seen when the card was taken, unless we ourselves moved it since.
export function move(card, { day, hall, times }, extra = {}) {
  send({
    address: root.dataset.moveUrl,
    code: card.code,
    title: card.title,
    body: () => {
      const body = new FormData();
      body.set("session", card.code);
      body.set("version", versions.get(card.code) ?? card.version ?? "");
      body.set("day", day ?? "");
      body.set("hall", day ? (hall ?? "") : "");
      const [start, end] = day ? times : ["", ""];
      body.set("start", start);
      body.set("end", end);
      return body;
    },
    ...extra,
  });
}

export function submit(form, submitter) {
  const body = new FormData(form, submitter);
  const done = (isTaken) => {
    if (!isTaken) return;
    // What was written has been taken: it is nobody's draft any more.
    form.reset();
    form.closest("details")?.removeAttribute("open");
  };
  send({ address: submitter?.getAttribute("formaction") || form.action, body: () => body, done });
}

export const tell = (sentence) => note("refused", { sentence });

// Gives the server's sentence when somebody else has the card.
export async function hold(code) {
  const body = new FormData();
  body.set("session", code);
  body.set("csrf_token", root.dataset.csrf);
  body.set("shown", shownDay());
  try {
    const options = { method: "POST", body, credentials: "same-origin", headers: { "X-Board": "live" } };
    const answer = await fetch(root.dataset.holdUrl, options);
    return answer.status === 409 ? await answer.text() : null;
  } catch {
    // The move itself will find out that nobody answers.
    return null;
  }
}

// The poll -----------------------------------------------------------------------------------------------------------

let timer = null;
let wait = POLL_MS;

function stateOf(day) {
  const address = new URL(root.dataset.stateUrl, location.href);
  for (const name of ["q", "track", "kind"]) {
    const asked = new URLSearchParams(location.search).get(name);
    if (asked && !address.searchParams.has(name)) address.searchParams.set(name, asked);
  }
  address.searchParams.set("day", day);
  return address;
}

async function poll() {
  clearTimeout(timer);
  if (document.hidden) return;
  if (!isBusy() && !isSending && !queue.length) {
    const asked = truth;
    try {
      const headers = etag ? { "If-None-Match": etag } : {};
      const { answer, html } = await ask(stateOf(shownDay()), { headers });
      wait = POLL_MS;
      online();
      // Something of ours was answered meanwhile: that is newer than what was asked for before it.
      if (html !== null && truth === asked) {
        etag = answer.headers.get("ETag");
        take(html);
      }
    } catch (error) {
      if (error instanceof NotTaken && error.message !== "failed") return;
      if (!(error instanceof NotTaken)) offline();
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    }
  }
  clearTimeout(timer);
  timer = setTimeout(poll, wait);
}

function offline() {
  if (notes?.querySelector("[data-note=offline]")) return;
  const zone = root.dataset.zone || undefined;
  const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(new Date());
  note("offline", { time });
}

function online() {
  if (!notes?.querySelector("[data-note=offline]")) return;
  unnote("offline");
  say(words.online);
}

// Another day, while a card may be in the hand.
export async function showDay(day) {
  try {
    const { answer, html } = await ask(stateOf(day), {});
    etag = answer.headers.get("ETag");
    truth = html;
    waiting = null;
    morph(html);
    const here = new URL(location.href);
    here.searchParams.set("day", day);
    here.hash = "";
    history.replaceState(null, "", here);
    return true;
  } catch (error) {
    if (!(error instanceof NotTaken)) offline();
    return false;
  }
}

export function start() {
  nameClashes(root);
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : poll()));
  addEventListener("online", () => {
    wait = POLL_MS;
    poll();
  });
  addEventListener("offline", offline);
  timer = setTimeout(poll, POLL_MS);
}
