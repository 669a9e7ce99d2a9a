// Comfort for the board of the agenda: cards by hand and by keys, what others do within seconds, and answers in place.
// Without it every card leads to its form, and undo, redo, accept and "next free" are forms of their own.

import { startDragging } from "./board-drag.js";
import { contains } from "./board-grid.js";
import { flush, startKeys } from "./board-keys.js";
import * as live from "./board-live.js";
import { filled, itemOf, linkOf, root, shelf, words } from "./board-read.js";

// The shelf's search filters as one types; the server's own filter answers Enter.
function search() {
  const field = shelf()?.querySelector("input[type=search]");
  if (!field) return;
  const all = [...shelf().querySelectorAll("li[data-code]")];
  for (const li of all) li.hidden = !contains(`${li.dataset.title ?? ""} ${li.dataset.people ?? ""} ${li.textContent}`, field.value);
  const shown = all.filter((li) => !li.hidden).length;
  const count = shelf().querySelector(".panel-head .count");
  if (!count) return;
  count.dataset.all ??= count.textContent;
  count.textContent = shown === all.length ? all.length : filled(words.found, { shown, all: all.length });
}

// Jump goes to the later card, with Shift to the earlier.
function jump(event, link) {
  const others = [...(link.closest(".clash")?.querySelectorAll(".clash-pair a[href*='#session-']") ?? [])];
  const isJump = Boolean(link.closest(".clash-acts"));
  const wanted = isJump && others.length > 1 ? others.at(event.shiftKey ? 0 : -1) : link;
  const li = itemOf(decodeURIComponent(wanted.hash.replace("#session-", "")));
  if (!li) return;
  event.preventDefault();
  reach(li);
}

function reach(li) {
  linkOf(li)?.focus({ preventScroll: true });
  li.scrollIntoView({ block: "center", inline: "nearest" });
}

if (root) {
  root.classList.add("is-live");
  live.onMorph(search);
  live.start();
  startDragging();
  startKeys();
  root.addEventListener("input", (event) => event.target.matches(".shelf input[type=search]") && search());
  root.addEventListener("submit", (event) => {
    if (event.target.method !== "post" || event.defaultPrevented) return;
    event.preventDefault();
    flush();
    live.submit(event.target, event.submitter);
  });
  root.addEventListener("click", (event) => {
    const link = event.target.closest("a[href*='#session-']");
    if (link && !event.ctrlKey && !event.metaKey) jump(event, link);
  });
  search();
  root.querySelector(".days [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  if (location.hash.startsWith("#session-")) {
    const li = itemOf(decodeURIComponent(location.hash.slice("#session-".length)));
    if (li) reach(li);
  }
}
