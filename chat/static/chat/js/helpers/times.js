/** Times in the reader's language and time zone. Clocks decide nothing; they are only shown. */

/** Formatting is slow, and a timeline asks for the same days at each drawing. */
const MOST_DAYS = 5_000;
const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];

export class Times {
  #time;
  #day;
  #dayOfOtherYear;
  #full;
  #moment;
  #key;
  #unit;
  #list;
  #days = new Map();

  /**
   * @param {string} language
   * @param {string} zone an IANA name; empty for the browser's own
   */
  constructor(language, zone, now = () => new Date()) {
    const timeZone = zone || undefined;
    const of = (options) => new Intl.DateTimeFormat(language, { timeZone, ...options });
    const long = { weekday: "long", month: "long", day: "numeric" };
    this.now = now;
    // Not `hour: "numeric"`, which writes 0:05 where the language itself writes 00:05.
    this.#time = of({ timeStyle: "short" });
    this.#day = of(long);
    this.#dayOfOtherYear = of({ ...long, year: "numeric" });
    this.#full = of({ dateStyle: "full", timeStyle: "medium" });
    this.#moment = of({ dateStyle: "medium", timeStyle: "short" });
    this.#unit = (unit, style) =>
      new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: style });
    this.#list = (style) => new Intl.ListFormat(language, { type: "unit", style });
    this.#key = new Intl.DateTimeFormat("en-CA", {
      timeZone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
    });
    this.relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  }

  /** "2026-11-20" in the reader's zone: the same for all moments of one day there. */
  dayOf = (at) => {
    const known = this.#days.get(at);
    if (known) return known;
    if (this.#days.size >= MOST_DAYS) this.#days.clear();
    const day = this.#key.format(new Date(at));
    this.#days.set(at, day);
    return day;
  };

  /** "14:05" */
  time(at) {
    return this.#time.format(new Date(at));
  }

  /** "Friday, 20 November 2026, 14:05:33" */
  full(at) {
    return this.#full.format(new Date(at));
  }

  /** "14:05" where that is today, else "20 Nov 2026, 14:05" */
  moment(at) {
    const isToday = this.dayOf(at) === this.dayOf(this.now());
    return (isToday ? this.#time : this.#moment).format(new Date(at));
  }

  /** "30 seconds", "1 hour, 30 minutes": the two largest units. */
  span(seconds) {
    return this.#span(seconds, "long");
  }

  #span(seconds, style) {
    let left = seconds;
    const parts = [];
    for (const [unit, size] of UNITS) {
      const count = Math.floor(left / size);
      left -= count * size;
      if (count > 0) parts.push(this.#unit(unit, style).format(count));
    }
    return spaced(this.#list(style).format(parts.slice(0, 2)));
  }

  /** "30s", "1h 30m" */
  shortSpan(seconds) {
    return this.#span(seconds, "narrow");
  }

  /** What is left, calmly: seconds in the last minute alone, minutes in the last day. */
  left(ms) {
    const seconds = Math.ceil(ms / 1000);
    const step = seconds < 60 ? 1 : seconds < 86_400 ? 60 : 3_600;
    return this.span(Math.ceil(seconds / step) * step);
  }

  /** "Today", "Yesterday", "Friday, 20 November", with the year where it is another. */
  day(at) {
    const [then, today] = [this.dayOf(at), this.dayOf(this.now())];
    const days = Math.round((Date.parse(then) - Date.parse(today)) / 86_400_000);
    if (days === 0 || days === -1) return capital(this.relative.format(days, "day"));
    const sameYear = then.slice(0, 4) === today.slice(0, 4);
    return (sameYear ? this.#day : this.#dayOfOtherYear).format(new Date(at));
  }
}

/** A space between Han and digits, which some locales leave out; a number stays by its unit. */
const spaced = (text) =>
  text.replace(/(?<=\d) ?(?=\p{Script=Han})/gu, "\u00a0").replace(/(?<=\p{Script=Han})(?=\d)/gu, " ");

const capital = (text) => text.charAt(0).toLocaleUpperCase() + text.slice(1);

/**
 * The page speaks "en"; whether its reader writes 2:05 PM or 14:05 only their browser knows.
 * @param {string} language of the page
 * @param {readonly string[]} preferred what the browser asks for, such as "en-GB"
 * @returns {string} the first of those that is the same language in the same script
 */
export function localeOf(language, preferred = navigator.languages) {
  const kind = (locale) => {
    const { language: spoken, script } = new Intl.Locale(locale).maximize();
    return `${spoken}-${script}`;
  };
  return preferred.find((locale) => kind(locale) === kind(language)) ?? language;
}
