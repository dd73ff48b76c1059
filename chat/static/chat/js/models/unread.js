/** Unread is a subtraction. How far this person has read each room, and telling the server. */
import { Signal } from "./signal.js";

const TELL_EVERY_MS = 2_000;

/** @returns {number} how many messages are unread */
export function unreadCount(entry) {
  const done = Math.max(entry.last_read_seq, entry.facts?.pruned_to_seq ?? 0);
  return Math.max(0, entry.last_seq - done);
}

/** The title of the page: how many messages are unread, then the room, then the site. */
export function titleWith(unread, room, site) {
  const name = room ? `${room} · ${site}` : site;
  return unread > 0 ? `(${unread > 999 ? "999+" : unread}) ${name}` : name;
}

export class ReadMarks {
  /** (room, seq) when this tab has seen further. */
  moved = new Signal();
  #told = new Map();
  #seen = new Map();
  #timer = null;

  /**
   * @param {(room, seq) => Promise} tell sends `read{room, seq}`
   * @param {{setTimeout}} io
   */
  constructor(tell, io) {
    this.tell = tell;
    this.io = io;
  }

  /** What the server knows already. */
  learn(room, seq) {
    this.#told.set(room, Math.max(seq, this.#told.get(room) ?? 0));
  }

  /** The store went back in time: start anew. */
  forget() {
    this.#told.clear();
    this.#seen.clear();
  }

  /** Everything up to `seq` was seen, in a focused and visible tab. */
  seen(room, seq) {
    const before = Math.max(this.#seen.get(room) ?? 0, this.#told.get(room) ?? 0);
    if (seq <= before) return;
    this.#seen.set(room, seq);
    this.moved.emit(room, seq);
    this.#timer ??= this.io.setTimeout(() => this.flush(), TELL_EVERY_MS);
  }

  /** Tell the server now; what cannot be told is told after the next return. */
  flush() {
    this.#timer = null;
    for (const [room, seq] of this.#seen) {
      if (seq > (this.#told.get(room) ?? 0)) {
        this.tell(room, seq).then(
          () => this.learn(room, seq),
          () => {},
        );
      }
    }
  }
}
