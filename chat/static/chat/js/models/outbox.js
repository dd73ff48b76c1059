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
const PASSING = new Set(["busy", "throttled", "slow_mode", "lost", "sign_in"]);
const DEFAULT_WAIT_S = 2;

export class Outbox {
  /** (room) */
  changed = new Signal();
  /** (entry) the server has it, under `entry.mark`. */
  acknowledged = new Signal();
  /** (entry, id) the server keeps it for a moderator, as the held post of that id. */
  heldBack = new Signal();
  #entries = new Map();
  #busy = new Set();
  #waits = new Map();
  #open = false;

  /**
   * @param {object} parts
   * @param {(entry) => Promise<{id, seq, revision}|{held: {id}}>} parts.post resolves to the
   *   mark, or to that of a held post; rejects with `{code, text, retryAfter}`
   * @param {{put, remove}} parts.store keeps entries beyond the page
   * @param {string} parts.tab the name of this tab: only its own entries are sent by it
   * @param {{set, clear}} parts.timers
   */
  constructor({ post, store, tab = "", timers, now = Date.now }) {
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

  /** Slow mode: send nothing more in this room for so long. */
  slowDown(room, ms) {
    this.#wait(room, ms, true);
  }

  /** The rooms in which slow mode holds something back. */
  get slowed() {
    return [...this.#waits].filter(([, { isSlow }]) => isSlow).map(([room]) => room);
  }

  /** Slow mode asks for no more than this any longer. */
  hurry(room, ms) {
    if (this.waitsUntil(room) > this.now() + ms) this.#wait(room, ms, true);
  }

  /** Until when nothing is sent in this room; 0 where nothing holds it back. */
  waitsUntil(room) {
    return this.#waits.get(room)?.until ?? 0;
  }

  #next(room) {
    // A timer may come late, such as after sleep; the clock does not.
    if (!this.#open || this.#busy.has(room) || this.waitsUntil(room) > this.now()) return;
    const entry = this.of(room).find(({ state }) => state === "pending");
    if (entry) this.#send(entry);
  }

  async #send(entry) {
    const { room } = entry;
    this.#busy.add(room);
    const slow = this.timers.set(() => this.#set(entry, "sending"), SENDING_AFTER_MS);
    try {
      this.#taken(entry, await this.post(entry));
    } catch (refusal) {
      this.#refused(entry, refusal);
    } finally {
      this.timers.clear(slow);
      this.#busy.delete(room);
    }
    this.#next(room);
  }

  #taken(entry, answer) {
    this.store.remove(entry.nonce);
    if (answer.held) {
      this.heldBack.emit(entry, answer.held.id);
      this.settle(entry.nonce);
      return;
    }
    entry.mark = answer;
    this.#set(entry, "stored");
    this.acknowledged.emit(entry);
  }

  #refused(entry, refusal) {
    if (!refusal?.code) throw refusal;
    // What was discarded, or told of otherwise, while its answer was under way is over.
    if (!this.#entries.has(entry.nonce)) return;
    // A post that was held and then rejected is told of as such.
    if (refusal.code === "rejected") {
      this.settle(entry.nonce);
      return;
    }
    if (!PASSING.has(refusal.code)) {
      entry.sentence = refusal.text;
      this.#set(entry, "failed");
      this.store.put(entry);
      return;
    }
    this.#set(entry, "pending");
    if (refusal.code === "lost") return;
    const ms = (refusal.retryAfter ?? DEFAULT_WAIT_S) * 1000;
    this.#wait(entry.room, ms, refusal.code === "slow_mode");
  }

  #wait(room, ms, isSlow) {
    const before = this.#waits.get(room);
    if (before) this.timers.clear(before.timer);
    const timer = this.timers.set(() => {
      this.#waits.delete(room);
      this.changed.emit(room);
      this.#next(room);
    }, ms);
    this.#waits.set(room, { timer, until: this.now() + ms, isSlow });
    this.changed.emit(room);
  }

  #set(entry, state) {
    if (entry.state === "stored" || !this.#entries.has(entry.nonce)) return;
    entry.state = state;
    this.changed.emit(entry.room);
  }
}
