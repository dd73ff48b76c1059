/** How long a sanction lasts, and what its person reads. */
import { gettext, interpolate } from "./i18n.js";

export const FOR_EVER = "ever";
export const UNTIL = "until";
const MINUTE_MS = 60_000;

/** What can be chosen: the value, and its name. */
export const TERMS = () => [
  ["10", gettext("10 minutes")],
  ["60", gettext("1 hour")],
  ["1440", gettext("1 day")],
  ["10080", gettext("1 week")],
  [FOR_EVER, gettext("For ever")],
  [UNTIL, gettext("Until…")],
];

/**
 * @param {string} term one of the values above
 * @param {string} date what a datetime-local field says
 * @returns {{minutes: number|null}|null} null for a date that is missing or over
 */
export function termOf(term, date, now) {
  if (term === FOR_EVER) return { minutes: null };
  if (term !== UNTIL) return { minutes: Number(term) };
  const minutes = Math.ceil((Date.parse(date) - now) / MINUTE_MS);
  return minutes >= 1 ? { minutes } : null;
}

/** The value of a datetime-local field for a moment, in the browser's own time zone. */
export function localValue(moment) {
  const shifted = moment - new Date(moment).getTimezoneOffset() * MINUTE_MS;
  return new Date(shifted).toISOString().slice(0, 16);
}

/**
 * What the person reads, in the words of chat/standing.py.
 * @param {"mute"|"ban"|"kick"} kind
 * @param {string|null} left how long it lasts, in words; null for ever
 */
export function whatTheyRead(kind, left, reason) {
  const said = interpolate(sentenceOf(kind, left !== null), { left });
  if (!reason) return said;
  const why = interpolate(gettext("Reason: %(reason)s"), { reason });
  return interpolate(gettext("%(sentence)s %(reason)s"), { sentence: said, reason: why });
}

function sentenceOf(kind, ends) {
  if (kind === "kick") return gettext("You were sent out of this room; you may return.");
  if (kind === "mute" && ends) return gettext("You cannot write in this room, for another %(left)s.");
  if (kind === "mute") return gettext("You cannot write in this room, for ever.");
  if (ends) return gettext("You are banned from this room, for another %(left)s.");
  return gettext("You are banned from this room, for ever.");
}
