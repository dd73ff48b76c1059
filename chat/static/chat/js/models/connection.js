/**
 * One line to the server for all rooms: commands with their replies, events, returning.
 *
 * state: "connecting" (never been up) | "live" | "reconnecting" | "offline" | "stopped"
 * Everything of the browser comes in through `io`, so that the tests need none.
 */
import { Signal } from "./signal.js";
import { delayBefore } from "./backoff.js";
import { meaningOf } from "./closing.js";

export const SUBPROTOCOL = "chat.v1";
const ANSWER_MS = 10_000;
/** When the browser itself says that the network is gone. */
const SUSPECT_MS = 2_000;
const PROVEN_MS = 10_000;

/** Why a command has no answer: the line went. What was decided is not known. */
export const LOST = Object.freeze({ code: "lost", text: "" });

export class Connection {
  state = "connecting";
  changedState = new Signal();
  /** Every event frame from the server. */
  received = new Signal();
  /**
   * The server said that this page has no business here: {action, text, notice}, the notice
   * being its last word before, if there was one.
   */
  dismissed = new Signal();
  #socket = null;
  #waiting = new Map();
  #nextId = 1;
  #attempt = 0;
  #hint = null;
  #notice = null;
  #pingEveryMs = 25_000;
  #timers = { retry: null, silence: null, answer: null, proven: null };

  /**
   * @param {string} url
   * @param {{open(url, protocol), setTimeout, clearTimeout, random, isOnline}} io
   */
  constructor(url, io) {
    this.url = url;
    this.io = io;
  }

  get isLive() {
    return this.state === "live";
  }

  start() {
    if (this.state === "stopped") this.state = "connecting";
    this.#open();
  }

  stop() {
    this.#forget();
    this.#become("stopped");
  }

  /**
   * Ask the server for something.
   * @returns {Promise<object>} the reply; rejects with `{code, text, retryAfter}`,
   *   `code` being "lost" if the line went before the answer came
   */
  command(frame) {
    if (!this.isLive) return Promise.reject(LOST);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ ...frame, id }));
    });
  }

  /** The browser says that the network is back: do not wait for the timer. */
  online() {
    if (this.state === "stopped") return;
    if (this.isLive) this.#check();
    else this.#open();
  }

  offline() {
    if (this.state !== "stopped" && !this.isLive) this.#become("offline");
    if (this.isLive) this.#check(SUSPECT_MS);
  }

  /** The page comes back from the background or from sleep: is the line still there? */
  wake() {
    if (this.isLive) this.#check();
    else if (this.state !== "stopped") this.#open();
  }

  /** Come back with a fresh `welcome`. */
  refresh() {
    if (this.isLive) this.#lost(1000, "");
  }

  #open() {
    this.#forget();
    const socket = this.io.open(this.url, SUBPROTOCOL);
    this.#socket = socket;
    this.#timer("answer", ANSWER_MS, () => this.#lost(1006, ""));
    socket.onmessage = ({ data }) => this.#socket === socket && this.#receive(JSON.parse(data));
    socket.onclose = ({ code, reason }) => this.#socket === socket && this.#lost(code, reason);
  }

  #receive(frame) {
    this.#timer("silence", this.#pingEveryMs + ANSWER_MS, () => this.#check());
    if (frame.type === "welcome") this.#welcomed(frame);
    if (frame.type === "notice") this.#noticed(frame);
    const asked = this.#waiting.get(frame.id);
    if (asked) this.#answered(asked, frame);
    else this.received.emit(frame);
  }

  #answered(asked, frame) {
    this.#waiting.delete(frame.id);
    if (frame.type !== "error") return asked.resolve(frame);
    const { code, text, retry_after: retryAfter } = frame;
    return asked.reject({ code, text, retryAfter: retryAfter ?? undefined });
  }

  #welcomed(frame) {
    this.#clear("answer");
    this.#pingEveryMs = frame.ping_every * 1000;
    this.#hint = null;
    this.#notice = null;
    this.#timer("proven", PROVEN_MS, () => (this.#attempt = 0));
    this.#become("live");
  }

  #noticed(frame) {
    this.#hint = frame.retry_after ?? null;
    this.#notice = frame;
  }

  /** Ask for a sign of life; without one the line is given up. */
  #check(withinMs = ANSWER_MS) {
    if (this.#timers.answer !== null) return;
    this.#timer("answer", withinMs, () => this.#lost(1006, ""));
    this.command({ type: "ping" }).then(
      () => this.#clear("answer"),
      () => {},
    );
  }

  #lost(code, reason) {
    const notice = this.#notice;
    const hint = this.#hint ?? (Number.parseFloat(reason) || null);
    this.#forget();
    this.#hint = null;
    this.#notice = null;
    const action = meaningOf(code);
    if (action !== "return") {
      this.#become("stopped");
      this.dismissed.emit({ action, text: notice?.text || reason, notice });
      return;
    }
    this.#come(delayBefore(this.#attempt, this.io.random(), code === 4029 ? (hint ?? 5) : hint));
  }

  #come(ms) {
    this.#attempt += 1;
    this.#timer("retry", ms, () => this.#open());
    const before = this.state === "connecting" ? "connecting" : "reconnecting";
    this.#become(this.io.isOnline() ? before : "offline");
  }

  #become(state) {
    if (this.state === state) return;
    this.state = state;
    this.changedState.emit(state);
  }

  /** Let go of the socket; whoever waits for an answer hears that the line is lost. */
  #forget() {
    for (const name of Object.keys(this.#timers)) this.#clear(name);
    const socket = this.#socket;
    this.#socket = null;
    if (socket) {
      socket.onmessage = null;
      socket.onclose = null;
      socket.close();
    }
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(LOST);
  }

  #timer(name, ms, callback) {
    this.#clear(name);
    this.#timers[name] = this.io.setTimeout(() => {
      this.#timers[name] = null;
      callback();
    }, ms);
  }

  #clear(name) {
    if (this.#timers[name] !== null) this.io.clearTimeout(this.#timers[name]);
    this.#timers[name] = null;
  }
}
