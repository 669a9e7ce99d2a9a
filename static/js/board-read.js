// What the server's markup says of the board. Nothing else reads it.

import { minutesOf } from "./board-grid.js";

export const root = document.getElementById("board-live");
export const words = document.getElementById("board-words")?.dataset ?? {};
export const isRtl = document.documentElement.dir === "rtl";
export const calm = matchMedia("(prefers-reduced-motion: reduce)");

// "{hall} is free" with what stands for {hall}; a function, since a name may hold a dollar sign.
export const filled = (sentence, values = {}) =>
  (sentence ?? "").replace(/\{(\w+)\}/g, (_whole, name) => values[name] ?? "");

export const board = () => root.querySelector(".board");
export const grid = () => root.querySelector(".slots");
export const shelf = () => root.querySelector(".shelf");
export const cards = () => [...root.querySelectorAll("li[data-code]:not(.in-hand)")];
export const shelfCards = () => [...root.querySelectorAll(".shelf li[data-code]")].filter((li) => !li.hidden);
export const itemOf = (code) => root.querySelector(`li[data-code="${CSS.escape(code)}"]:not(.in-hand)`);
export const linkOf = (li) => li?.querySelector(".slot-title a[href]");
export const isOnShelf = (li) => Boolean(li.closest(".shelf"));
// Below the grid lies what has a day and no place in it.
export const isInGrid = (li) => Boolean(li.closest(".slots"));
export const shownDay = () => root.dataset.day;

export function cardOf(li) {
  const { code, start, minutes, hall, day, people, parent, title, version } = li.dataset;
  return {
    code,
    version,
    title: title || linkOf(li)?.textContent.trim() || code,
    start: minutesOf(start),
    minutes: Number(minutes) || 60,
    hall: hall ?? "",
    day: day || (isOnShelf(li) ? "" : shownDay()),
    people: people ? people.split("|") : [],
    parent: parent || null,
    cancelled: li.classList.contains("is-cancelled"),
    isOnShelf: isOnShelf(li),
  };
}

export const placed = () => [...grid().querySelectorAll("li[data-code]:not(.in-hand)")].map(cardOf);

export const halls = () =>
  [...root.querySelectorAll(".board-halls [data-hall]")].map((head) => ({
    slug: head.dataset.hall,
    name: head.querySelector("h3")?.textContent.trim() ?? "",
    head,
  }));

export const hallName = (slug) => halls().find((hall) => hall.slug === slug)?.name || words.noHall;

export function frame() {
  const { firstHour, hours } = (root.querySelector("[data-first-hour]") ?? board()).dataset;
  return { firstHour: Number(firstHour), hours: Number(hours) };
}

// The grid as it lies on the screen just now.
export function field() {
  const { top, bottom } = grid().getBoundingClientRect();
  const columns = halls().map(({ slug, head }) => {
    const { left, right } = head.getBoundingClientRect();
    return { hall: slug, left, right };
  });
  return { top, bottom, columns, ...frame() };
}

export const days = () =>
  [...root.querySelectorAll(".days a[href]")].map((link) => ({
    link,
    day: link.dataset.day || new URL(link.href).searchParams.get("day"),
    name: link.dataset.name || link.firstChild?.textContent.trim() || "",
  }));

export const dayName = (day) => days().find((each) => each.day === day)?.name ?? day;

export const forbids = (li) => {
  if (root.hasAttribute("data-read-only")) return words.readOnly;
  if ("locked" in li.dataset && li.dataset.locked !== "" && li.dataset.locked !== "no") return filled(words.locked, { title: cardOf(li).title });
  if (li.dataset.held) return filled(words.held, { title: cardOf(li).title, name: li.dataset.held });
  return null;
};

export function say(sentence) {
  const said = root.querySelector("#said");
  if (!said || !sentence) return;
  // The same sentence twice is read twice only when it was gone in between.
  if (said.textContent.trim() === sentence) {
    said.textContent = "";
    setTimeout(() => { said.textContent = sentence; }, 30);
  } else said.textContent = sentence;
}
