// Dragging by mouse, pen and finger: pointer events, five-minute steps, and the page under the hand that scrolls by itself.

import { lengthAt, placeAt, timesOf } from "./board-grid.js";
import { carry, carryOff, carryToDay, copyOf, giveBack, held, lift, putDown } from "./board-hand.js";
import { board, days, field, grid, isInGrid, linkOf, root, shownDay, words } from "./board-read.js";

const THRESHOLD_PX = 4;
const SLIP_PX = 10;
const LONG_PRESS_MS = 300;
const TAB_MS = 600;
const EDGE_PX = 44;
const PICTURE_PX = { wide: 260, high: 64 };
const HANDLE_PX = { mouse: 7, pen: 9, touch: 14 };

let pressed = null;
let drag = null;

function press(event) {
  if (root.hasAttribute("data-read-only")) return;
  if (pressed || drag || held() || !event.isPrimary || event.button !== 0) return;
  const li = event.target.closest("li[data-code]");
  if (!li || event.target.closest("button, input, select, textarea, summary, details, .held-by")) return;
  const box = li.getBoundingClientRect();
  const isEdge = isInGrid(li) && box.bottom - event.clientY <= Math.min(HANDLE_PX[event.pointerType] ?? 7, box.height / 3);
  pressed = { li, id: event.pointerId, type: event.pointerType, x: event.clientX, y: event.clientY, box, isEdge };
  pressed.point = { x: event.clientX, y: event.clientY };
  if (event.pointerType === "touch") {
    pressed.timer = setTimeout(() => pressed && begin(), LONG_PRESS_MS);
    li.addEventListener("touchmove", stopScrolling, { passive: false });
  }
}

// A finger that comes down on a page still gliding from the last flick stops it, and whatever it does then is the browser's:
// the browser would take the pointer away at its first movement, card and all.
const leaveGliding = (event) => !event.cancelable && pressed?.type === "touch" && !drag && letGoOfPress();

const stopScrolling = (event) => drag && event.cancelable && event.preventDefault();

function letGoOfPress() {
  if (!pressed) return;
  clearTimeout(pressed.timer);
  pressed.li.removeEventListener("touchmove", stopScrolling);
  pressed = null;
}

function begin() {
  const { li, box, isEdge, type, x, y } = pressed;
  if (!lift(li)) {
    pressed.isRefused = true;
    letGoOfPress();
    return;
  }
  // The card may leave the page while it is carried to another day; the board stays.
  root.setPointerCapture?.(pressed.id);
  drag = { ...pressed, grabbed: y - box.top, last: pressed.point };
  root.classList.add(isEdge ? "is-resizing" : "is-dragging");
  if (type === "touch") navigator.vibrate?.(10);
  if (!isEdge) {
    const list = document.createElement("ul");
    list.className = "hand slots-hand";
    list.append(copyOf(li));
    const copy = list.firstElementChild;
    copy.style.inlineSize = `${Math.min(box.width, PICTURE_PX.wide)}px`;
    copy.style.blockSize = `${Math.min(box.height, PICTURE_PX.high)}px`;
    document.body.append(list);
    drag.picture = list;
    // The hand stays on the picture, wherever the card was grabbed.
    drag.shift = { x: Math.min(x - box.left, PICTURE_PX.wide - 10), y: Math.min(y - box.top, PICTURE_PX.high - 10) };
  }
  follow();
  scrollAtEdges();
}

function movePointer(event) {
  if (pressed && !drag && event.pointerId === pressed.id) {
    pressed.point = { x: event.clientX, y: event.clientY };
    const far = Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y);
    if (pressed.type === "touch") {
      if (far > SLIP_PX) letGoOfPress();
    } else if (far > THRESHOLD_PX) begin();
  }
  if (drag && event.pointerId === drag.id) {
    drag.last = { x: event.clientX, y: event.clientY };
    follow();
  }
}

function follow() {
  if (!drag) return;
  if (!held()) {
    // Somebody else had it.
    drag.picture?.remove();
    return;
  }
  const { x, y } = drag.last;
  if (drag.picture) drag.picture.style.transform = `translate(${x - drag.shift.x}px, ${y - drag.shift.y}px)`;
  drag.time ??= drag.picture?.querySelector(".slot-time");
  if (drag.isEdge) {
    carry({ minutes: lengthAt(y, field(), held().place.start) });
    return;
  }
  const under = document.elementFromPoint(x, y);
  overTab(under?.closest(".days a"));
  if (drag.overTab) return;
  if (under?.closest(".shelf")) {
    drag.isOutside = false;
    carryOff();
    return;
  }
  const inside = isInside(x, y);
  drag.isOutside = !inside;
  if (!inside) return;
  // A card from the shelf hangs by its head: its height there says nothing of its length.
  const grabbed = held().whence ? Math.min(drag.grabbed, gridRow() * held().place.minutes) : 8;
  const { left, right } = seenSides();
  const place = placeAt({ x: Math.min(Math.max(x, left + 1), right - 1), y: y - grabbed }, field(), held().place.minutes);
  if (!place) return;
  carry({ ...place, day: shownDay() });
  if (drag.time) drag.time.textContent = timesOf(held().place);
}

const gridRow = () => {
  const { top, bottom, hours } = field();
  return (bottom - top) / (hours * 60);
};

// A finger at the edge of a phone means the outermost hall that is seen.
function seenSides() {
  const day = grid().getBoundingClientRect();
  const seen = board().getBoundingClientRect();
  return { left: Math.max(day.left, seen.left), right: Math.min(day.right, seen.right) };
}

function isInside(x, y) {
  const day = grid().getBoundingClientRect();
  const seen = board().getBoundingClientRect();
  const { left, right } = seenSides();
  const isBeside = x < left - EDGE_PX / 2 || x > right + EDGE_PX / 2;
  return !isBeside && y >= Math.max(day.top, seen.top) - EDGE_PX && y <= Math.min(day.bottom, seen.bottom) + EDGE_PX / 2;
}

// Onto a day's tab, and a moment there: that day.
function overTab(link) {
  if (link === drag.overTab?.link) return;
  clearTimeout(drag.tabTimer);
  drag.overTab?.link.classList.remove("is-under");
  drag.overTab = link ? days().find((each) => each.link === link) : null;
  if (!drag.overTab) return;
  const { day } = drag.overTab;
  link.classList.add("is-under");
  drag.tabTimer = setTimeout(async () => {
    if (day !== shownDay()) await carryToDay(day);
    if (drag) {
      drag.overTab = null;
      follow();
    }
  }, TAB_MS);
}

function drop(event) {
  if (drag && event.pointerId === drag.id) {
    const { overTab: tab, isOutside, picture } = drag;
    const isTaken = Boolean(held());
    end();
    picture?.remove();
    if (isTaken) {
      if (tab) carry({ day: tab.day });
      // Outside is said in words; the card is not lost.
      const li = isOutside && !tab ? giveBack(words.outside) : putDown();
      linkOf(li)?.focus({ preventScroll: true });
    }
    // The click that follows belongs to the drag.
    addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", swallow, { capture: true }), 50);
  }
  letGoOfPress();
}

const swallow = (event) => {
  event.preventDefault();
  event.stopPropagation();
};

function cancel(event) {
  if (drag && event.pointerId === drag.id) abandon();
  letGoOfPress();
}

export function abandon() {
  if (!drag) return;
  const { picture } = drag;
  end();
  picture?.remove();
  if (held()) giveBack();
}

function end() {
  clearTimeout(drag.tabTimer);
  cancelAnimationFrame(drag.frame);
  drag.overTab?.link.classList.remove("is-under");
  drag.li.removeEventListener("touchmove", stopScrolling);
  if (root.hasPointerCapture?.(drag.id)) root.releasePointerCapture(drag.id);
  root.classList.remove("is-dragging", "is-resizing");
  document.querySelector(".shelf")?.classList.remove("is-target");
  drag = null;
}

// Near an edge of what is seen of the grid, the grid scrolls sideways and the page up and down.
function scrollAtEdges() {
  if (!drag) return;
  const { x, y } = drag.last;
  const frame = board();
  const box = frame.getBoundingClientRect();
  const pull = (at, low, high) => (at < low + EDGE_PX ? at - low - EDGE_PX : at > high - EDGE_PX ? at - high + EDGE_PX : 0) / 4;
  const over = document.elementFromPoint(x, y);
  if (!over?.closest(".shelf, .days")) {
    const canSideways = frame.scrollWidth > frame.clientWidth && y > box.top && y < box.bottom;
    const sideways = canSideways ? pull(x, Math.max(box.left, 0), Math.min(box.right, innerWidth)) : 0;
    const down = pull(y, Math.max(box.top, 0), Math.min(box.bottom, innerHeight));
    const isOwn = frame.scrollHeight > frame.clientHeight + 1 && getComputedStyle(frame).overflowY !== "visible";
    if (sideways) frame.scrollLeft += sideways;
    if (down && isOwn) frame.scrollTop += down;
    const page = pull(y, 0, innerHeight);
    if (page) scrollBy(0, page);
    if (sideways || down || page) follow();
  }
  drag.frame = requestAnimationFrame(scrollAtEdges);
}

export function startDragging() {
  root.addEventListener("pointerdown", press);
  // Comes after pointerdown; were it passive, a browser might never let it be cancelled.
  root.addEventListener("touchstart", leaveGliding, { passive: false });
  // Known before a finger comes down: a listener that is added then may be too late to keep the browser from scrolling.
  // The card has its own besides, since it may leave the page while it is carried.
  root.addEventListener("touchmove", stopScrolling, { passive: false });
  document.addEventListener("pointermove", movePointer);
  document.addEventListener("pointerup", drop);
  document.addEventListener("pointercancel", cancel);
  // The browser's own dragging of links, and the menu of a long press, would take the card out of the hand.
  root.addEventListener("dragstart", (event) => event.target.closest("li[data-code]") && event.preventDefault());
  root.addEventListener("contextmenu", (event) => (drag || pressed?.type === "touch") && event.preventDefault());
  document.addEventListener("keydown", (event) => {
    if (drag && event.key === "Escape") {
      event.preventDefault();
      abandon();
    }
  });
}
