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
  const isUnread = entry && entry.last_read_seq < log.lastSeq;
  const firstUnread = isUnread ? entry.last_read_seq + 1 : null;
  const linked = linkedSeq();
  if (linked !== null && linked <= log.lastSeq) {
    return { seq: linked, mark: true, firstUnread };
  }
  const place = page.places.of(log.room);
  if (place && place.seq <= log.lastSeq) return { ...place, mark: false, firstUnread };
  return { seq: firstUnread, offset: DIVIDER_PX, mark: false, firstUnread };
}
