/** What I wrote that has no place in the room yet: held for a moderator, or on its way. */

/** As messages without a seq, in the order in which they stand after the newest message. */
export function unplaced(session, room) {
  return [...session.writing.heldIn(room).map((post) => heldRow(post, room)), ...outboxRows(session, room)];
}

function heldRow({ id, author, nonce, body, created_at, status, reason }, room) {
  const state = status === "rejected" ? "rejected" : "held";
  return { room, author, nonce, body, created_at, state, held: id, reason };
}

function outboxRows({ outbox, writing, me, now }, room) {
  const isSlow = writing.slowUntil(room) > now();
  return outbox.of(room).map((entry) => ({
    ...entry,
    author: me,
    created_at: new Date(entry.at).toISOString(),
    isSlowed: isSlow && entry.state === "pending",
  }));
}
