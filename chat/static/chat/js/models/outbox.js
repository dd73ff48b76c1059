/**
 * What this person wrote and the server has not yet acknowledged.
 *
 * A queue a room, one post in flight in each, in the order of writing. The same nonce
 * goes out again after a lost line, so that the server can tell a retry from a second
 * message. Entries outlive the page: `store` keeps them (see helpers/outbox-store.js).
 *
 * entry: {nonce, room, body, at, tab, state, sentence?, mark?}
 *   state: "pending" | "sending" (in flight for more than 300 ms) | "failed" | "stored"
 */
import { Signal } from "./signal.js";
import { newNonce } from "./nonce.js";

export const SENDING_AFTER_MS = 300;
/** Refusals that say nothing about the message: it waits and is sent again. */
const PASSING = new Set(["busy", "throttled", "lost", "sign_in"]);
const DEFAULT_WAIT_S = 2;

const systemTimers = {
  set: (callback, ms) => setTimeout(callback, ms),
  clear: (timer) => clearTimeout(timer),
};

export class Outbox {
  /** (room) */
  changed = new Signal();
  /** (entry) the server has it, under `entry.mark`. */
  acknowledged = new Signal();
  #entries = new Map();
  #busy = new Set();
  #waits = new Map();
  #open = false;

  /**
   * @param {object} parts
   * @param {(entry) => Promise<{id, seq, revision}>} parts.post resolves to the mark;
   *   rejects with `{code, text, retryAfter}`
   * @param {{put, remove}} parts.store keeps entries beyond the page
   * @param {string} parts.tab the name of this tab: only its own entries are sent by it
   */
  constructor({ post, store, tab = "", timers = systemTimers, now = Date.now }) {
    Object.assign(this, { post, store, tab, timers, now });
  }

  /** The entries of a room, in the order of writing. */
  of(room) {
    return [...this.#entries.values()].filter((entry) => entry.room === room);
  }

  get(nonce) {
    return this.#entries.get(nonce);
  }

  /** How many messages wait to be sent, over all rooms. */
  get waiting() {
    return [...this.#entries.values()].filter(({ state }) => state.endsWith("ing")).length;
  }

  add(room, body) {
    const entry = { nonce: newNonce(), room, body, at: this.now(), tab: this.tab, state: "pending" };
    this.#entries.set(entry.nonce, entry);
    this.store.put(entry);
    this.changed.emit(room);
    this.#next(room);
    return entry;
  }

  /** Take over entries that an earlier page left behind. */
  adopt(entries) {
    for (const left of [...entries].sort((a, b) => a.at - b.at)) {
      if (this.#entries.has(left.nonce)) continue;
      const state = left.state === "failed" ? "failed" : "pending";
      const entry = { ...left, tab: this.tab, state };
      this.#entries.set(entry.nonce, entry);
      this.store.put(entry);
      this.changed.emit(entry.room);
    }
    this.flush();
  }

  /** The line is up: send what waits. */
  open() {
    this.#open = true;
    this.flush();
  }

  /** The line is down: what is in flight is rejected by the connection and waits. */
  close() {
    this.#open = false;
  }

  flush() {
    for (const room of new Set([...this.#entries.values()].map(({ room }) => room))) {
      this.#next(room);
    }
  }

  retry(nonce) {
    const entry = this.#entries.get(nonce);
    if (entry?.state !== "failed") return;
    this.#set(entry, "pending");
    this.store.put(entry);
    this.#next(entry.room);
  }

  discard(nonce) {
    this.settle(nonce);
  }

  /** The message is in the log (or unwanted): it needs no row of its own any more. */
  settle(nonce) {
    const entry = this.#entries.get(nonce);
    if (!entry) return;
    this.#entries.delete(nonce);
    this.store.remove(nonce);
    this.changed.emit(entry.room);
  }

  /** Settle what was acknowledged at or below a revision that the log has reached. */
  settleUpTo(room, revision) {
    for (const entry of this.of(room)) {
      if (entry.mark && entry.mark.revision <= revision) this.settle(entry.nonce);
    }
  }

  #next(room) {
    if (!this.#open || this.#busy.has(room) || this.#waits.has(room)) return;
    const entry = this.of(room).find(({ state }) => state === "pending");
    if (entry) this.#send(entry);
  }

  async #send(entry) {
    const { room } = entry;
    this.#busy.add(room);
    const slow = this.timers.set(() => this.#set(entry, "sending"), SENDING_AFTER_MS);
    try {
      entry.mark = await this.post(entry);
      this.store.remove(entry.nonce);
      this.#set(entry, "stored");
      this.acknowledged.emit(entry);
    } catch (refusal) {
      this.#refused(entry, refusal);
    } finally {
      this.timers.clear(slow);
      this.#busy.delete(room);
    }
    this.#next(room);
  }

  #refused(entry, refusal) {
    if (!refusal?.code) throw refusal;
    if (!PASSING.has(refusal.code)) {
      entry.sentence = refusal.text;
      this.#set(entry, "failed");
      this.store.put(entry);
      return;
    }
    this.#set(entry, "pending");
    if (refusal.code === "lost") return;
    this.#wait(entry.room, (refusal.retryAfter ?? DEFAULT_WAIT_S) * 1000);
  }

  #wait(room, ms) {
    const timer = this.timers.set(() => {
      this.#waits.delete(room);
      this.#next(room);
    }, ms);
    this.#waits.set(room, timer);
  }

  #set(entry, state) {
    if (entry.state === "stored" || !this.#entries.has(entry.nonce)) return;
    entry.state = state;
    this.changed.emit(entry.room);
  }
}
