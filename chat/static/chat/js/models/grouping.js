/** What stands between and around messages: day lines, the unread divider, groups of one author. */

export const GROUP_MS = 5 * 60_000;

/** Whether `next` goes on where `previous` left off, under the same name. */
export function continues(previous, next, dayOf) {
  if (!previous || previous.author.id !== next.author.id) return false;
  const gap = Date.parse(next.created_at) - Date.parse(previous.created_at);
  return gap >= 0 && gap <= GROUP_MS && dayOf(previous.created_at) === dayOf(next.created_at);
}

/**
 * The items of a timeline, in order.
 * @param {object[]} messages by ascending seq, pending ones (without seq) last
 * @param {{dayOf: (at) => string, firstUnread: number|null}} options
 * @returns {Array<{kind: "day"|"unread"|"message", key: string, ...}>}
 */
export function arrange(messages, { dayOf, firstUnread = null }) {
  const items = [];
  let previous = null;
  let day = null;
  let divided = firstUnread === null;
  for (const message of messages) {
    const today = dayOf(message.created_at);
    if (today !== day) {
      // The key tells two lines of one day apart, should a clock have gone back.
      items.push({ kind: "day", key: `d${today}:${keyOf(message)}`, day: message.created_at });
      day = today;
      previous = null;
    }
    if (!divided && message.seq >= firstUnread) {
      items.push({ kind: "unread", key: "unread" });
      divided = true;
      previous = null;
    }
    const continued = continues(previous, message, dayOf);
    items.push({ kind: "message", key: keyOf(message), message, continued });
    previous = message;
  }
  return items;
}

/** A message under its place; one that has none yet under its nonce. */
export function keyOf(message) {
  return message.seq ? `m${message.seq}` : `n${message.nonce}`;
}
