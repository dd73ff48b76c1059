/**
 * The newest known forms of messages that are not in the loaded window.
 *
 * A history page can be read by the server before a redaction and arrive after it.
 * What is kept here wins over such a page. The memory is bounded: `forgotten` is the
 * highest revision that was let go, and a page read before that revision cannot be
 * trusted any more (see `RoomLog.merge`).
 */
export class Remembered {
  forgotten = 0;
  #forms = new Map();
  #limit;

  constructor(limit = 2000) {
    this.#limit = limit;
  }

  get size() {
    return this.#forms.size;
  }

  get(seq) {
    return this.#forms.get(seq);
  }

  take(seq) {
    const message = this.#forms.get(seq);
    this.#forms.delete(seq);
    return message;
  }

  /**
   * Keep a form, unless a newer one is kept already.
   * @returns {object|null} the form that had to be let go to make room
   */
  keep(message) {
    const known = this.#forms.get(message.seq);
    if (known && known.revision >= message.revision) return null;
    this.#forms.delete(message.seq);
    this.#forms.set(message.seq, message);
    if (this.#forms.size <= this.#limit) return null;
    const [seq, oldest] = this.#forms.entries().next().value;
    this.#forms.delete(seq);
    this.forgotten = Math.max(this.forgotten, oldest.revision);
    return oldest;
  }

  /** Forget the forms of all messages up to a place. */
  drop(upTo) {
    for (const seq of [...this.#forms.keys()]) if (seq <= upTo) this.#forms.delete(seq);
  }

  clear() {
    this.#forms.clear();
    this.forgotten = 0;
  }
}
