/* The visitor's own time beside the venue's, where the server does not know the zone yet. It then learns it from a cookie,
   so that the next page comes complete. A zone chosen on the page ("Change your time zone") always wins. */

const REPORTED = "retreat_tz_auto";
const CHOSEN = "retreat_tz";

const cookie = (name) =>
  document.cookie
    .split("; ")
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);

const language = document.documentElement.lang;
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const city = zone?.split("/").pop().replaceAll("_", " ");

/** Minutes since midnight, and the date, on the wall of a zone. */
function wall(instant, timeZone) {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat("en-GB", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
    })
      .formatToParts(instant)
      .map(({ type, value }) => [type, value]),
  );
  return { date: `${parts.year}-${parts.month}-${parts.day}`, clock: `${parts.hour}:${parts.minute}` };
}

/** Own clock for an instant written with the venue's offset; empty where both clocks agree. */
function ownClock(written) {
  const instant = new Date(written);
  if (!written.includes("T") || Number.isNaN(instant.valueOf())) return "";
  const own = wall(instant, zone);
  if (written.startsWith(`${own.date}T${own.clock}`)) return "";
  const weekday = new Intl.DateTimeFormat(language, { timeZone: zone, weekday: "short" }).format(instant);
  return written.startsWith(own.date) ? own.clock : `${weekday} ${own.clock}`;
}

function pill(text, withCity) {
  const span = document.createElement("span");
  span.className = "own-time";
  span.textContent = text;
  if (withCity) {
    const name = document.createElement("span");
    name.className = "visually-hidden";
    name.textContent = ` ${city}`;
    span.append(name);
  }
  return span;
}

function fillIn() {
  let differs = false;
  for (const place of document.querySelectorAll(".slot-time, .tick-label, [data-own]")) {
    if (place.querySelector(".own-time")) continue;
    const isWhole = "own" in place.dataset; // a session's own page says from when till when, and where
    const times = [...place.querySelectorAll("time")].slice(0, isWhole ? 2 : 1);
    const own = times
      .map((time) => ownClock(time.dateTime))
      .filter(Boolean)
      .join("–");
    if (!own) continue;
    differs = true;
    const isTick = place.classList.contains("tick-label");
    const span = isWhole ? pill(`${own} ${city}`, false) : pill(own, !isTick);
    if (isTick) span.classList.add("tick-own");
    place.append(" ", span);
  }
  // Cards of a day write only hours: their list knows the day and its offset, and a card of another zone its own instant.
  for (const card of document.querySelectorAll("[data-offset] > .slot")) {
    const hour = card.querySelector("p > b:first-child");
    const { day, offset } = card.parentElement.dataset;
    const own = hour?.matches("p:first-child > b") ? ownClock(card.dataset.at ?? `${day}T${hour.textContent}${offset}`) : "";
    if (!own || hour.parentElement.querySelector("i")) continue;
    differs = true;
    const mark = document.createElement("i");
    mark.textContent = own;
    hour.parentElement.append(" ", mark);
  }
  const sentence = document.querySelector(".own-zone");
  if (sentence && differs) {
    const at = document.querySelector("time[datetime*='T']");
    const day = document.querySelector("[data-offset]")?.dataset.day;
    const offset = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "shortOffset" })
      .formatToParts(new Date(at ? at.dateTime : `${day}T12:00Z`))
      .find(({ type }) => type === "timeZoneName").value;
    sentence.textContent = `${sentence.dataset.yours} ${city}, ${offset.replace("GMT", "UTC")}.`;
  }
}

if (zone && !cookie(CHOSEN)) {
  const known = cookie(REPORTED);
  if (known !== zone) document.cookie = `${REPORTED}=${zone}; path=/; samesite=lax`;
  if (!known) fillIn();
}
