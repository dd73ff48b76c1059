/** The logs of the rooms that were visited last: returning to one of them shows it at once. */
import { RoomLog } from "./room-log.js";

export class RecentLogs {
  #logs = new Map();
  #limit;

  constructor(limit = 12) {
    this.#limit = limit;
  }

  /** The log of a room; a new, empty one where there is none. */
  of(room) {
    const log = this.#logs.get(room) ?? new RoomLog(room);
    this.#logs.delete(room);
    this.#logs.set(room, log);
    if (this.#logs.size > this.#limit) this.#logs.delete(this.#logs.keys().next().value);
    return log;
  }

  forget(room) {
    this.#logs.delete(room);
  }

  /** Keep only the log of `room`: the others belong to another epoch. */
  keepOnly(room) {
    for (const other of [...this.#logs.keys()]) if (other !== room) this.#logs.delete(other);
  }
}
