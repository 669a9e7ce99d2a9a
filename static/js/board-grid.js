// The board as numbers: minutes of a day, hall columns, who is in whose way, and what typed signs mean. Pure: no page.

export const STEP = 5;
export const DAY_END = 24 * 60;

export function minutesOf(clock) {
  const parts = /^(\d{1,2}):(\d{2})$/.exec(clock ?? "");
  return parts ? Number(parts[1]) * 60 + Number(parts[2]) : null;
}

export function clockOf(minute) {
  const within = ((minute % DAY_END) + DAY_END) % DAY_END;
  return `${String(Math.floor(within / 60)).padStart(2, "0")}:${String(within % 60).padStart(2, "0")}`;
}

export const timesOf = ({ start, minutes }) => `${clockOf(start)}–${clockOf(start + minutes)}`;

const snapped = (minute) => Math.round(minute / STEP) * STEP;

// The rows of grid.css between which a place stands, kept inside the hours that are drawn.
export function lines({ start, minutes }, { firstHour, hours }) {
  const last = hours * (60 / STEP) + 1;
  const line = (minute) => Math.round((minute - firstHour * 60) / STEP) + 1;
  const from = Math.min(Math.max(line(start), 1), last - 1);
  return { from, to: Math.min(Math.max(line(start + minutes), from + 1), last) };
}

// `field` is the grid on the screen: top, bottom, firstHour, hours and columns of {hall, left, right}.
export function placeAt({ x, y }, field, minutes) {
  const column = field.columns.find(({ left, right }) => x >= left && x < right);
  if (!column) return null;
  const share = (y - field.top) / (field.bottom - field.top);
  const minute = snapped(field.firstHour * 60 + share * field.hours * 60);
  const latest = Math.max(field.firstHour * 60, Math.min(DAY_END, (field.firstHour + field.hours) * 60) - minutes);
  return { hall: column.hall, start: Math.min(Math.max(minute, field.firstHour * 60), latest), minutes };
}

export function lengthAt(y, field, start) {
  const share = (y - field.top) / (field.bottom - field.top);
  const end = Math.min(snapped(field.firstHour * 60 + share * field.hours * 60), DAY_END);
  return Math.max(STEP, end - start);
}

// One step of the keyboard; null where the day or the halls end.
export function stepped(place, { minutes = 0, length = 0, halls = 0, to = null }, columns) {
  const next = { ...place, start: place.start + minutes, minutes: place.minutes + length };
  if (halls || to !== null) {
    const now = columns.indexOf(place.hall);
    const wanted = to === null ? now + halls : (to + columns.length) % columns.length;
    if (wanted < 0 || wanted >= columns.length || wanted === now) return null;
    next.hall = columns[wanted];
  }
  const fits = next.start >= 0 && next.minutes >= STEP && next.start < DAY_END;
  // What already ends after midnight may still be moved.
  const ends = next.start + next.minutes <= Math.max(DAY_END, place.start + place.minutes);
  return fits && ends ? next : null;
}

// Who is in the way: the same hall, or the same person elsewhere. Ends are exclusive; a part nests in its whole.
export function inTheWay(place, card, others) {
  const overlaps = (other) => place.start < other.start + other.minutes && other.start < place.start + place.minutes;
  const related = (other) => other.code === card.parent || other.parent === card.code;
  const around = others.filter((other) => other.code !== card.code && !other.cancelled && !related(other) && overlaps(other));
  const hall = place.hall && around.find((other) => other.hall === place.hall);
  if (hall) return { other: hall, person: null };
  for (const other of around) {
    const person = card.people.find((name) => other.people.includes(name));
    if (person) return { other, person };
  }
  return null;
}

// The next time that nothing is in the way, for a card that comes from the shelf.
export function freePlace(card, { hall, start }, others, lastMinute) {
  const minutes = card.minutes;
  for (let minute = start; minute + minutes <= lastMinute; minute += STEP) {
    const place = { hall, start: minute, minutes };
    if (!inTheWay(place, card, others)) return place;
  }
  return { hall, start, minutes };
}

const plain = (text) =>
  text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase();

export const contains = (text, words) => plain(words).split(/\s+/).every((word) => plain(text).includes(word));

// What is typed while a card is in the hand: `1430` or `930` is a time, `-1600` an end, `+45` a length, `#7` the seventh
// hall, `#0` none yet, letters the first hall that begins with them. One sign at a time; `push` gives what is understood so far.
export class Typed {
  constructor() {
    this.clear();
  }

  clear() {
    this.text = "";
    this.isWhole = false;
  }

  push(sign, halls) {
    const joined = this.text + sign;
    const understood = this.#read(joined, halls);
    if (understood) return this.#keep(joined, understood);
    // What is whole may be followed by something new; what is half is wrong.
    const isHalf = this.text && !this.isWhole && /\d/.test(sign);
    const alone = isHalf ? null : this.#read(sign, halls);
    if (alone) return this.#keep(sign, alone);
    this.clear();
    return { refused: joined };
  }

  // Enter says that nothing follows: `9` and `14` are whole hours then.
  finish() {
    if (!this.text || this.isWhole) return {};
    const short = /^(-?)(\d{1,3})$/.exec(this.text);
    if (!short) return { refused: this.text };
    const minute = short[2].length === 3 ? timeOf(`0${short[2]}`) : timeOf(`${short[2].padStart(2, "0")}00`);
    if (minute === null) return { refused: this.text };
    return short[1] ? { end: minute } : { start: minute };
  }

  #keep(text, understood) {
    this.text = text;
    this.isWhole = Object.keys(understood).length > 0;
    return understood;
  }

  #read(text, halls) {
    const signs = text.replace(/(\d):(?=\d|$)/, "$1");
    const digits = /^(-?)(\d{1,4})$/.exec(signs);
    if (digits) return this.#time(digits[1] === "-", digits[2]);
    if (text === "-" || text === "+" || text === "#") return {};
    const length = /^\+(\d{1,3})$/.exec(text);
    if (length) return length[1] % STEP === 0 && Number(length[1]) > 0 ? { minutes: Number(length[1]) } : {};
    const number = /^#(\d{1,2})$/.exec(text);
    if (number && Number(number[1]) === 0) return { hall: "" };
    if (number) return halls[number[1] - 1] ? { hall: halls[number[1] - 1].slug } : null;
    if (!/^\p{L}/u.test(text)) return null;
    const hall = halls.find(({ name }) => plain(name).startsWith(plain(text)));
    return hall ? { hall: hall.slug } : null;
  }

  #time(isEnd, digits) {
    const whole = digits.length === 4 || (digits.length === 3 && /^[3-9]/.test(digits));
    if (!whole) return Number(digits[0]) <= 2 || digits.length < 3 ? {} : null;
    const minute = timeOf(digits.padStart(4, "0"));
    if (minute === null) return null;
    return isEnd ? { end: minute } : { start: minute };
  }
}

function timeOf(digits) {
  const [hour, minute] = [Number(digits.slice(0, 2)), Number(digits.slice(2))];
  if (hour > 24 || minute > 59 || minute % STEP || (hour === 24 && minute)) return null;
  return hour * 60 + minute;
}
