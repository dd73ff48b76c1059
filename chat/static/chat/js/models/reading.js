/** How far I have read, here and elsewhere, and what a return has brought that I missed. */
import { ReadMarks } from "./unread.js";

export class Reading {
  #session;

  constructor(session, io) {
    this.#session = session;
    this.marks = new ReadMarks((room, seq) => session.command("read", { room, seq }), io);
  }

  learn(entries) {
    for (const entry of entries) this.marks.learn(entry.facts.id, entry.last_read_seq);
  }

  /** I have read on in another window, or on another device. */
  elsewhere(room, seq) {
    this.marks.learn(room, seq);
    this.#session.rooms.read(room, seq);
  }

  /** Everything in a room of mine up to `seq` was seen. */
  seen(room, seq) {
    if (!this.#session.rooms.get(room)) return;
    this.#session.rooms.read(room, seq);
    this.marks.seen(room, seq);
  }

  /** My own messages are never unread, where nothing unread stands before them. */
  ownAreRead(room, messages) {
    const entry = this.#session.rooms.get(room);
    for (const { seq, author } of messages) {
      const isNext = entry && seq === entry.last_read_seq + 1;
      if (isNext && author.id === this.#session.me.id) this.seen(room, seq);
    }
  }

  /** How many messages of others a return to a room has brought. */
  missed(log, { fresh, messages }) {
    const before = log.lastSeq - fresh;
    // A long gap comes in several frames; the list of rooms knows its length at once.
    const grown = (this.#session.rooms.get(log.room)?.last_seq ?? log.lastSeq) - before;
    // One's own that were waiting to be sent were not missed.
    const isOwn = ({ author, seq }) => author.id === this.#session.me.id && seq > before;
    return grown - messages.filter(isOwn).length;
  }
}
