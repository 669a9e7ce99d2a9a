/* A star is set without leaving the page. Without this module the same buttons send their form, and the page comes anew.
   A day with many cards comes without buttons: they are added here. */

let sending = Promise.resolve();
const PRESSED = "retreat-stars";

/** Show a star as set or not; the name of the button is what the next press asks for. */
function show(button, isStarred) {
  button.setAttribute("aria-pressed", String(isStarred));
  button.name = isStarred ? "unstar" : "star";
}

function tell(count) {
  for (const place of document.querySelectorAll("[data-stars]")) {
    place.textContent = count;
    if (place.parentElement.localName === "span") place.parentElement.hidden = !Number(count);
  }
  for (const file of document.querySelectorAll(".my-stars .actions")) file.hidden = !Number(count);
}

function say(form, words) {
  let line = form.querySelector(".stars-failed");
  if (!line) {
    line = document.createElement("p");
    line.className = "stars-failed";
    line.setAttribute("role", "alert");
    form.prepend(line);
  }
  line.textContent = words;
}

/** This page as the server would give it by now; null where it does not. */
async function pageNow() {
  const answer = await fetch(location.href, { cache: "no-cache" });
  return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}

async function send(form, name, code, isFirst = true) {
  const body = new URLSearchParams(new FormData(form));
  body.set(name, code);
  const answer = await fetch(form.action, {
    method: "POST",
    headers: { Accept: "application/json" },
    body,
  });
  const token = form.elements.namedItem("csrf_token");
  if (isFirst && token && answer.status === 400) {
    // An own page that was left open overnight: its form has expired, and a new one is a page away.
    const now = await pageNow();
    token.value = now?.querySelector("form.stars [name=csrf_token]")?.value ?? token.value;
    return send(form, name, code, false);
  }
  const { count, message } = await answer.json();
  if (!answer.ok) throw new Error(message, { cause: "refused" });
  return count;
}

async function toggle(form, button) {
  const { name, value } = button;
  show(button, name === "star");
  // One after the other: each answer brings the cookie that the next one adds to.
  const mine = sending.then(() => send(form, name, value));
  sending = mine.catch(() => {});
  try {
    const count = await mine;
    form.querySelector(".stars-failed")?.remove();
    tell(count);
    sayToOtherTabs();
  } catch (error) {
    show(button, name !== "star");
    say(form, error.cause === "refused" ? error.message : form.dataset.failed);
  }
}

/** That something was pressed, and not what: the address of an own page is secret. */
function sayToOtherTabs() {
  try {
    localStorage.setItem(PRESSED, String(Date.now()));
  } catch {
    // A browser that keeps nothing: its other tabs are right as soon as they are loaded anew.
  }
}

/** Ask for this page again, and show the stars that are set by now. */
async function catchUp() {
  const now = await pageNow();
  if (!now) return;
  const starred = new Set();
  for (const one of now.querySelectorAll("form.stars [aria-pressed=true]")) starred.add(one.value);
  for (const words of now.querySelectorAll("form.stars > [data-starred]")) {
    for (const code of words.dataset.starred.split(" ")) starred.add(code);
  }
  for (const one of document.querySelectorAll("form.stars [aria-pressed]")) show(one, starred.has(one.value));
  tell(now.querySelector("[data-stars]")?.textContent ?? 0);
}

function catchUpInTurn() {
  sending = sending.then(catchUp).catch(() => {});
}

// A page that is gone back to comes out of the browser's memory as it was left.
addEventListener("pageshow", (event) => {
  if (event.persisted) catchUpInTurn();
});
addEventListener("storage", (event) => {
  if (event.key === PRESSED) catchUpInTurn();
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form.stars") || !event.submitter) return;
  event.preventDefault();
  toggle(event.target, event.submitter);
});

function button(code, label, isStarred) {
  const made = document.createElement("button");
  made.className = "star";
  made.id = `s-${code}`;
  made.value = code;
  made.setAttribute("aria-label", label);
  show(made, isStarred);
  return made;
}

for (const words of document.querySelectorAll("form.stars > [data-starred]")) {
  const starred = new Set(words.dataset.starred.split(" "));
  for (const link of words.parentElement.querySelectorAll(".c > :is(h2, h3) > a, .part > a")) {
    const code = link.getAttribute("href").split("/").pop();
    const label = words.dataset.label.replace("%s", () => link.textContent);
    (link.closest("h2, h3") ?? link).after(button(code, label, starred.has(code)));
  }
}
