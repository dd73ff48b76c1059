/**
 * Why somebody cannot write in a room: the same order as chat/posting_rules.py. The server
 * decides; this only spares people a post that would be refused.
 */

/**
 * @param {object} as things stand: {bar, facts, entry, level, me, moderatesSite, leads, now}
 * @returns {{why: string, until?: string|null, reason?: string}|null} null where one may write
 */
export function whyNotWrite({ bar, facts, entry, level, me, moderatesSite, leads, now }) {
  if (bar) return { why: "bar" };
  if (!facts) return { why: "unknown" };
  if (facts.archived) return { why: "archived" };
  if (!entry) return { why: "join" };
  if (bites(entry.muted, now)) return { why: "muted", ...entry.muted };
  if (level === "read_only" && !moderatesSite) return { why: "site_read_only" };
  if (facts.posting === "moderators" && !leads) return { why: "moderators_only" };
  if (me.kind === "guest" && !isOpenToGuests(facts, level)) return { why: "members_only" };
  return null;
}

/** The clock by which the server ends a sanction may count whole seconds. */
const LAG_MS = 1_200;

/** When a sanction no longer holds, as a time of this clock. */
export function endOf(until) {
  return Date.parse(until) + LAG_MS;
}

/** Whether a mute or a ban still holds. */
export function bites(sanction, now) {
  return Boolean(sanction) && (sanction.until === null || endOf(sanction.until) > now);
}

function isOpenToGuests(facts, level) {
  if ((facts.posting ?? "everyone") !== "everyone") return false;
  return level === "normal" || level === "approve_first";
}
