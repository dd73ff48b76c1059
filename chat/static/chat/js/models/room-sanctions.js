/**
 * What those who lead the open room know of its people: who is muted or banned there, and on
 * whom they may not lay hands. The server judges; this only spares a refusal.
 */
import { bites } from "./may-write.js";
import { Signal } from "./signal.js";

export class RoomSanctions {
  changed = new Signal();
  /** For how many days the text of a redaction can be brought back; 0: not at all. */
  evidenceDays = 0;
  #fetch;
  #now;
  #room = null;
  #all = [];
  #above = new Set();
  #asked = null;

  /**
   * @param {(room) => Promise<object>} fetchSanctions {sanctions, above, evidence_days}
   */
  constructor(fetchSanctions, now = Date.now) {
    this.#fetch = fetchSanctions;
    this.#now = now;
  }

  /** All that bite now, the newest first. */
  get list() {
    return this.#all.filter((sanction) => bites(sanction, this.#now()));
  }

  /** The mute or the ban of a person; undefined where there is none. */
  of(user, kind) {
    return this.list.find(({ kind: its, person }) => its === kind && person.id === user);
  }

  /** Whether the server would let me mute, ban or kick this person, as far as is known. */
  mayTouch(user) {
    return !this.#above.has(user);
  }

  /** Whether a redaction can still be undone. */
  mayRestore({ redacted }) {
    if (redacted?.by !== "moderator") return false;
    return Date.parse(redacted.at) + this.evidenceDays * 86_400_000 > this.#now();
  }

  /** Read them; those of another room are forgotten at once. */
  async load(room, me) {
    if (room !== this.#room) this.forget(room, me);
    const asked = (this.#asked = {});
    try {
      const { sanctions, above, evidence_days: days } = await this.#fetch(room);
      if (this.#asked !== asked) return;
      this.#all = sanctions;
      this.#above = new Set(above);
      this.evidenceDays = days;
      this.changed.emit();
    } catch (refusal) {
      // Whoever leads the room no longer is told so by other ways.
      if (!refusal?.code) throw refusal;
    }
  }

  forget(room = null, me = null) {
    this.#room = room;
    this.#asked = null;
    this.#all = [];
    this.#above = new Set([me]);
    this.changed.emit();
  }
}
