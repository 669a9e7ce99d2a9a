// Comfort for the registration form: the badge as it is typed, members found by name, the assistant's own fields.
// Without this file the form is complete: the preview then shows what was sent last.

const form = document.querySelector("#register, #answers");
const value = (name) => form.elements[name]?.value.trim().replace(/\s+/g, " ") ?? "";
const part = (name) => document.querySelector(`[data-badge="${name}"]`);

function lines() {
  const whole = value("badge_name") || [value("given_name"), value("family_name")].filter(Boolean).join(" ");
  const family = value("family_name");
  const native = value("native_name");
  if (native && native !== whole) return { first: "", main: native, other: whole, language: value("native_language") };
  if (family && whole !== family && whole.endsWith(` ${family}`)) {
    return { first: whole.slice(0, -family.length).trim(), main: family, other: "", language: "" };
  }
  return { first: "", main: whole, other: "", language: "" };
}

function write(name, text) {
  const target = part(name);
  const words = target?.querySelector("bdi") ?? target;
  if (words) words.textContent = text || words.dataset.empty || "";
}

function preview() {
  const badge = document.querySelector("#badge");
  if (!badge) return;
  for (const name of ["honorific", "position", "organisation", "city", "country"]) write(name, value(name));
  const shown = lines();
  for (const name of ["first", "main", "other"]) write(name, shown[name]);
  const main = part("main");
  if (shown.language) main.lang = shown.language;
  else main.removeAttribute("lang");
  const box = badge.querySelector(".badge-name");
  box.classList.toggle("is-long", shown.main.length > 16);
  box.classList.toggle("is-short", shown.main.length < 9 && !shown.first);
  const category = form.elements.category;
  if (category?.selectedOptions) {
    for (const one of [...badge.classList]) if (one.startsWith("cat-")) badge.classList.remove(one);
    badge.classList.add(`cat-${category.value}`);
    write("category", category.selectedOptions[0]?.textContent ?? "");
    if (category.dataset.letters) part("letter").textContent = JSON.parse(category.dataset.letters)[category.value] ?? "";
  }
}

function assistant() {
  const box = form.elements.for_someone_else;
  const fields = document.querySelector("#filled-by");
  if (!box || !fields) return;
  const show = () => {
    fields.hidden = !box.checked;
    // A field that is hidden is not sent, and what was typed comes back with the box.
    for (const input of fields.querySelectorAll("input")) input.disabled = !box.checked;
  };
  box.addEventListener("change", show);
  show();
}

function members() {
  const input = form.elements.organisation;
  const list = document.querySelector("#known-organisations");
  if (!input || !list || !form.dataset.organisations) return;
  let found = [];
  let waiting = 0;
  let asked = "";
  const ask = async () => {
    const words = input.value.trim();
    if (words.length < 2 || words === asked) return;
    asked = words;
    const answer = await fetch(`${form.dataset.organisations}?q=${encodeURIComponent(words)}`);
    if (!answer.ok || input.value.trim() !== words) return;
    found = (await answer.json()).organisations;
    if (!found.length) return;
    list.replaceChildren(
      ...found.map((one) => {
        const option = document.createElement("option");
        option.value = one.name;
        option.label = [one.name, one.city, one.country].filter((text, at, all) => text && all.indexOf(text) === at).join(", ");
        return option;
      }),
    );
  };
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    const chosen = found.find((one) => one.name === input.value);
    if (chosen) {
      for (const name of ["city", "country", "section"]) {
        const field = form.elements[name];
        if (field && !field.value && chosen[name]) field.value = chosen[name];
      }
      preview();
    } else {
      waiting = setTimeout(() => ask().catch(() => {}), 200);
    }
  });
}

if (form) {
  form.addEventListener("input", preview);
  form.addEventListener("change", preview);
  assistant();
  members();
  preview();
  document.querySelector(".error-summary")?.focus();
}
