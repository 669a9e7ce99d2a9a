// Comfort for the list of registrations: its filter, columns and saved lists in a dialog, one person beside the list,
// and what the bar for the selected says. Without it every link leads to a page of its own.

const WIDE = matchMedia("(min-width: 75rem)");
const STAYS = /\/registrations\/[^/]+\/(approve|decline|cancel|arrived|not-arrived)$/;

async function fetched(address, options = {}) {
  const answer = await fetch(address, { credentials: "same-origin", ...options });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return { answer, page };
}

// Dialogs: the part of another page that says it may stand in one --------------------------------------------

function dialogOf(page, part, close) {
  const dialog = document.createElement("dialog");
  const title = page.querySelector("h1").textContent;
  dialog.className = part.hasAttribute("data-wide") ? "sheet-dialog is-wide" : "sheet-dialog";
  dialog.setAttribute("aria-label", title);
  const head = document.createElement("div");
  head.className = "dialog-head";
  const heading = document.createElement("h2");
  heading.textContent = title;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-xs push";
  button.textContent = close;
  button.addEventListener("click", () => dialog.close());
  head.append(heading, button);
  dialog.append(head, document.importNode(part, true));
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  return dialog;
}

async function openDialog(link) {
  try {
    const { answer, page } = await fetched(link.href);
    const part = page.querySelector("[data-dialog-part]");
    if (!answer.ok || !part) throw new Error("no dialog");
    const dialog = dialogOf(page, part, list.dataset.close);
    document.body.append(dialog);
    dialog.showModal();
    sortColumns(dialog);
  } catch {
    location.assign(link.href);
  }
}

// Columns: up and down without a page in between ---------------------------------------------------------------

function sortColumns(root) {
  const columns = root.querySelector("[data-columns]");
  if (!columns) return;
  const button = (line, step) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn-xs";
    const hidden = document.createElement("span");
    hidden.className = "visually-hidden";
    hidden.textContent = `: ${line.querySelector("label").textContent}`;
    made.append(step < 0 ? columns.dataset.up : columns.dataset.down, hidden);
    made.addEventListener("click", () => {
      const other = step < 0 ? line.previousElementSibling : line.nextElementSibling;
      if (!other) return;
      if (step < 0) other.before(line);
      else other.after(line);
      made.focus();
    });
    return made;
  };
  // What is ticked comes after what was, and what is not goes back below.
  columns.addEventListener("change", (event) => {
    const ticked = [...columns.querySelectorAll("li:has(:checked)")].filter((line) => !line.contains(event.target));
    const line = event.target.closest("li");
    if (ticked.length) ticked.at(-1).after(line);
    else columns.prepend(line);
    event.target.focus();
  });
  for (const line of columns.children) {
    line.querySelector(".column-moves")?.remove();
    const moves = document.createElement("span");
    moves.className = "column-moves";
    moves.append(button(line, -1), button(line, 1));
    line.append(moves);
  }
}

// One person beside the list -------------------------------------------------------------------------------------

const rows = () => [...list.querySelectorAll("tr[data-person]")];
const linkOf = (row) => row.querySelector(".name a, th a, a");
let asked = 0;

function say(text) {
  list.querySelector("[data-said]").textContent = text;
}

function panelOf(page) {
  const aside = page.querySelector("aside.person");
  const facts = page.querySelector("dl.facts");
  if (!aside || !facts) return null;
  const panel = document.createElement("div");
  const top = document.createElement("div");
  top.className = "person-top";
  const letter = facts.querySelector(".code");
  if (letter) top.append(document.importNode(letter, true));
  const heading = document.createElement("h2");
  heading.id = "beside-heading";
  heading.tabIndex = -1;
  heading.append(...document.importNode(page.querySelector("h1"), true).childNodes);
  top.append(heading);
  const sub = page.querySelector(".page-head .sub");
  const under = document.createElement("span");
  under.className = "soft small num";
  under.textContent = sub ? sub.textContent : "";
  top.append(under);
  const acts = document.createElement("span");
  acts.className = "beside-acts";
  for (const link of page.querySelectorAll(".page-head .actions a")) {
    if (/\/edit$/.test(link.getAttribute("href"))) acts.append(document.importNode(link, true));
  }
  const whole = document.createElement("a");
  whole.className = "btn btn-xs";
  whole.dataset.whole = "";
  whole.textContent = list.dataset.whole;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn btn-xs";
  close.textContent = list.dataset.close;
  close.addEventListener("click", () => closePanel());
  acts.append(whole, close);
  for (const link of acts.querySelectorAll("a")) link.classList.add("btn-xs");
  top.append(acts);
  panel.append(top);
  const factsSection = document.createElement("section");
  const factsHeading = document.createElement("h3");
  factsHeading.textContent = page.querySelector("#facts")?.textContent ?? "";
  factsSection.append(factsHeading, document.importNode(facts, true));
  const sections = [...aside.children].filter((child) => child.tagName !== "H2");
  for (const flash of page.querySelectorAll("main .flash")) panel.append(document.importNode(flash, true));
  sections.forEach((child, number) => {
    panel.append(document.importNode(child, true));
    // What is decided first, then what it is decided on.
    if (number === 0) panel.append(factsSection);
  });
  return panel;
}

function show(page, address) {
  const panel = panelOf(page);
  if (!panel) return false;
  panel.querySelector("[data-whole]").href = address;
  beside.replaceChildren(...panel.childNodes);
  beside.hidden = false;
  list.classList.add("split");
  return true;
}

async function openPerson(row, { focus = false, remember = true } = {}) {
  const link = linkOf(row);
  const turn = ++asked;
  let page;
  try {
    ({ page } = await fetched(link.href));
  } catch {
    location.assign(link.href);
    return;
  }
  // Somebody walks the list faster than it answers: the last one counts.
  if (turn !== asked) return;
  if (!show(page, link.href)) {
    location.assign(link.href);
    return;
  }
  mark(row);
  if (remember) {
    const here = new URL(location.href);
    here.searchParams.set("who", row.dataset.person);
    history.replaceState(null, "", here);
  }
  if (focus) linkOf(row).focus();
  say(beside.querySelector("h2").textContent.trim());
}

function mark(row) {
  for (const other of rows()) {
    other.classList.toggle("is-open", other === row);
    linkOf(other).removeAttribute("aria-current");
  }
  linkOf(row).setAttribute("aria-current", "true");
  row.scrollIntoView({ block: "nearest" });
}

function closePanel() {
  const row = list.querySelector("tr.is-open");
  asked += 1;
  beside.hidden = true;
  beside.replaceChildren();
  list.classList.remove("split");
  row?.classList.remove("is-open");
  if (row) {
    linkOf(row).removeAttribute("aria-current");
    linkOf(row).focus();
  }
  const here = new URL(location.href);
  here.searchParams.delete("who");
  history.replaceState(null, "", here);
}

function step(by) {
  const all = rows();
  const now = all.findIndex((row) => row.classList.contains("is-open"));
  const next = all[now < 0 ? 0 : now + by];
  if (next) openPerson(next, { focus: true });
}

// A decision in the panel is sent without leaving: the panel and the list are read again where they are.
async function decide(form, submitter) {
  const body = new FormData(form, submitter);
  const { answer, page } = await fetched(form.action, { method: "POST", body });
  if (!show(page, answer.url)) {
    location.assign(answer.redirected ? answer.url : form.action);
    return;
  }
  const said = beside.querySelector(".flash");
  say(said ? said.textContent : "");
  beside.querySelector("h2").focus();
  const who = list.querySelector("tr.is-open")?.dataset.person;
  const here = await fetched(location.href);
  for (const part of ["nav.views", ".page-head .sub"]) {
    const before = document.querySelector(part);
    const after = here.page.querySelector(part);
    if (before && after) before.replaceWith(document.importNode(after, true));
  }
  const fresh = new Map(rowsOf(here.page).map((row) => [row.dataset.person, row]));
  for (const row of rows()) {
    const after = fresh.get(row.dataset.person);
    // Whoever no longer matches stays in sight until the list is opened again.
    if (!after) row.classList.add("is-gone");
    else {
      const ticked = row.querySelector("input:checked");
      const made = document.importNode(after, true);
      row.replaceWith(made);
      if (ticked && made.querySelector("input")) made.querySelector("input").checked = true;
    }
  }
  const open = rows().find((row) => row.dataset.person === who);
  if (open) mark(open);
  count();
}

const rowsOf = (page) => [...page.querySelectorAll("tr[data-person]")];

// What the bar for the selected says ------------------------------------------------------------------------------

function count() {
  const bar = list.querySelector("[data-bulk]");
  if (!bar) return;
  const ticked = [...list.querySelectorAll("tbody input[name=who]:checked")];
  const everybody = bar.querySelector("[name=everybody]");
  const some = ticked.length > 0 || everybody?.checked;
  bar.hidden = !some;
  bar.querySelector("[data-selected]").textContent = everybody?.checked
    ? bar.dataset.all
    : bar.dataset.some.replace("0", ticked.length);
  const approvable = ticked.filter((box) => "approvable" in box.dataset).length;
  const number = bar.querySelector("[data-approvable-count]");
  if (number) {
    number.textContent = everybody?.checked ? "" : approvable;
    number.closest("button").disabled = !everybody?.checked && approvable === 0;
  }
  const every = list.querySelector("[data-every]");
  if (every) {
    const all = list.querySelectorAll("tbody input[name=who]").length;
    every.checked = all > 0 && ticked.length === all;
    every.indeterminate = ticked.length > 0 && ticked.length < all;
  }
}

// ------------------------------------------------------------------------------------------------------------------

const list = document.querySelector("[data-list]");
const beside = document.querySelector("[data-beside]");

// An address says only what is asked; a form for it would list every empty field.
document.addEventListener("formdata", (event) => {
  if (event.target.method !== "get") return;
  for (const [name, value] of [...event.formData]) {
    if (value === "") event.formData.delete(name);
  }
});

if (!list) sortColumns(document);
else {
  document.addEventListener("click", (event) => {
    const dialogLink = event.target.closest("a[data-dialog]");
    const plain = !event.defaultPrevented && event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (dialogLink && plain) {
      event.preventDefault();
      openDialog(dialogLink);
      return;
    }
    const row = event.target.closest("tr[data-person]");
    if (!row || !plain || !WIDE.matches || event.target.closest("input, label, button, summary, td.check")) return;
    const link = event.target.closest("a");
    if (link && link !== linkOf(row)) return;
    if (!link && String(getSelection())) return;
    event.preventDefault();
    openPerson(row, { focus: true });
  });
  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
    if (event.key === "Escape" && !beside.hidden) {
      event.preventDefault();
      closePanel();
      return;
    }
    // Single keys act only while the list or the panel has focus (WCAG 2.1.4).
    if (!WIDE.matches || !(event.target.closest("tr[data-person]") || beside.contains(event.target))) return;
    const arrow = event.target.closest("tr[data-person]");
    if (event.key === "j" || (arrow && event.key === "ArrowDown")) {
      event.preventDefault();
      step(1);
    } else if (event.key === "k" || (arrow && event.key === "ArrowUp")) {
      event.preventDefault();
      step(-1);
    }
  });
  beside.addEventListener("submit", (event) => {
    if (!STAYS.test(new URL(event.target.action).pathname)) return;
    event.preventDefault();
    decide(event.target, event.submitter).catch(() => location.reload());
  });
  list.addEventListener("change", (event) => {
    if (event.target.matches("[data-every]")) {
      for (const box of list.querySelectorAll("tbody input[name=who]")) box.checked = event.target.checked;
    }
    count();
  });
  const every = list.querySelector("[data-every]");
  if (every) every.hidden = false;
  count();
  const open = list.querySelector("tr.is-open");
  if (open && WIDE.matches) openPerson(open, { remember: false });
  else if (open && !WIDE.matches) open.classList.remove("is-open");
}
