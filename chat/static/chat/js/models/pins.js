/**
 * The pinned messages of the open room. Of two copies of a message the one with the higher
 * revision is kept, as in the log; the server's list says which there are besides.
 */
import { Signal } from "./signal.js";

export class Pins {
  changed = new Signal();
  #fetch;
  #room = null;
  #known = new Map();
  /** While the list is under way, what was taken away meanwhile must not come back by it. */
  #asked = null;

  /** @param {(room) => Promise<{messages: object[], revision: number}>} fetchPins */
  constructor(fetchPins) {
    this.#fetch = fetchPins;
  }

  /** What is pinned last comes first. */
  get list() {
    return [...this.#known.values()]
      .filter(isPinned)
      .sort((a, b) => Date.parse(b.pinned_at) - Date.parse(a.pinned_at) || b.seq - a.seq);
  }

  /** Read the list of a room; that of another room is forgotten at once. */
  async load(room) {
    if (room !== this.#room) this.forget(room);
    const asked = (this.#asked = {});
    const isNewest = () => this.#asked === asked;
    try {
      const answer = await this.#fetch(room);
      if (isNewest()) this.#merge(answer);
    } catch (refusal) {
      if (!refusal?.code) throw refusal;
    } finally {
      if (isNewest()) this.#settle();
    }
  }

  /** Messages that changed just now. */
  take(room, messages) {
    if (room !== this.#room) return;
    let isNew = false;
    for (const message of messages) {
      const known = this.#known.get(message.id);
      if (!known && !isPinned(message) && !this.#asked) continue;
      if (known && known.revision >= message.revision) continue;
      this.#known.set(message.id, message);
      isNew = true;
    }
    if (isNew) this.changed.emit();
  }

  forget(room = null) {
    this.#room = room;
    this.#asked = null;
    this.#known.clear();
    this.changed.emit();
  }

  #merge({ messages, revision }) {
    const listed = new Set(messages.map(({ id }) => id));
    for (const [id, known] of this.#known) {
      if (known.revision <= revision && !listed.has(id)) this.#known.delete(id);
    }
    for (const message of messages) {
      const known = this.#known.get(message.id);
      if (!known || known.revision < message.revision) this.#known.set(message.id, message);
    }
  }

  #settle() {
    this.#asked = null;
    for (const [id, known] of this.#known) if (!isPinned(known)) this.#known.delete(id);
    this.changed.emit();
  }
}

const isPinned = ({ pinned_at: at, redacted }) => Boolean(at) && !redacted;
