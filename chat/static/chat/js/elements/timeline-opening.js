/** Where a room opens: at a linked message, where it was left, at the first unread, or the end. */

const LINK = /^#m(\d+)$/;
const DIVIDER_PX = 96;

/** The message that the address links to; null without one. */
export function linkedSeq(hash = location.hash) {
  const found = LINK.exec(hash);
  return found ? Number(found[1]) : null;
}

/** @returns {{seq: number|null, offset?: number, mark: boolean, firstUnread: number|null}} */
export function openingOf(page, log) {
  const { entry } = page.session;
  const done = entry && Math.max(entry.last_read_seq, log.prunedTo);
  const firstUnread = entry && done < log.lastSeq ? done + 1 : null;
  const linked = linkedSeq();
  if (linked !== null && linked <= log.prunedTo) {
    // It was removed: the oldest that is left has the sentence that says so above it.
    const oldest = log.prunedTo < log.lastSeq ? log.prunedTo + 1 : null;
    return { seq: oldest, mark: false, firstUnread };
  }
  if (linked !== null && linked <= log.lastSeq) {
    return { seq: linked, mark: true, firstUnread };
  }
  const place = page.places.of(log.room);
  if (place && place.seq <= log.lastSeq) return { ...place, mark: false, firstUnread };
  return { seq: firstUnread, offset: DIVIDER_PX, mark: false, firstUnread };
}
