/**
 * Keeping the log of one room at the head: subscribe, take changes, notice holes, ask again.
 */
import { Signal } from "./signal.js";

/** A head in a ping may overtake its own announcement by a moment. */
const LAG_MS = 1_500;
const AGAIN_MS = 2_000;

export class Following {
  /** (log, {fresh, messages, resumed, reset}) after the log changed. */
  advanced = new Signal();
  /** (room, {code, text}) when the room cannot be followed. */
  refused = new Signal();
  room = null;
  #connection;
  #logs;
  #io;
  #asked = null;
  /** The highest revision that was heard of but could not be taken. */
  #missed = 0;

  /**
   * @param {Connection} connection
   * @param {(room) => RoomLog} logs
   * @param {{setTimeout}} io
   */
  constructor(connection, logs, io) {
    this.#connection = connection;
    this.#logs = logs;
    this.#io = io;
    this.epoch = "";
  }

  /** Follow this room, and no other. */
  follow(room) {
    if (this.room === room) return;
    const left = this.room;
    this.room = room;
    if (left !== null) this.#connection.command({ type: "unsubscribe", room: left }).catch(() => {});
    if (room !== null) this.resume();
  }

  /** Ask for everything after the cursor of the log. */
  async resume() {
    const { room } = this;
    if (room === null || !this.#connection.isLive) return;
    const asked = {};
    this.#asked = asked;
    const log = this.#logs(room);
    const command = { type: "subscribe", room };
    if (log.cursor) command.cursor = log.cursor;
    try {
      const reply = await this.#connection.command(command);
      if (this.#asked !== asked) return;
      this.#asked = null;
      if (reply.snapshot) this.#reset(log, reply.snapshot);
      else if (reply.changes) this.#take(log, reply.changes, true);
      if (log.room === this.room && this.#missed > log.revision) this.resume();
      this.#missed = 0;
    } catch (refusal) {
      if (!refusal?.code) throw refusal;
      if (this.#asked === asked) this.#failed(room, refusal);
    }
  }

  /** Any event of the server; what is not for the followed room is left alone. */
  receive(frame) {
    if (frame.type === "ping") this.#compare(frame.heads);
    if (frame.room !== this.room || this.room === null) return;
    if (frame.type === "reset") this.#reset(this.#logs(frame.room), frame.snapshot);
    if (frame.type === "changes") this.#take(this.#logs(frame.room), frame, false);
  }

  #take(log, changes, resumed) {
    const taken = log.apply(changes);
    if (taken.verdict === "hole") this.#hole(changes);
    if (taken.verdict === "forward") this.advanced.emit(log, { ...taken, resumed, reset: false });
    else if (resumed) this.advanced.emit(log, { ...taken, resumed, reset: false });
  }

  /** While the answer to `subscribe` is under way, live frames may come before it. */
  #hole(changes) {
    if (this.#asked === null) this.resume();
    else this.#missed = Math.max(this.#missed, changes.revision);
  }

  #reset(log, snapshot) {
    const before = log.loaded && log.epoch === this.epoch ? log.lastSeq : snapshot.last_seq;
    log.reset(snapshot, this.epoch);
    const fresh = Math.max(0, snapshot.last_seq - before);
    const { messages } = snapshot;
    this.advanced.emit(log, { fresh, messages, resumed: true, reset: true });
  }

  #failed(room, refusal) {
    this.#asked = null;
    if (refusal.code === "lost") return;
    if (refusal.code === "busy" || refusal.code === "throttled") {
      const ms = (refusal.retryAfter ?? AGAIN_MS / 1000) * 1000;
      this.#io.setTimeout(() => this.room === room && this.resume(), ms);
      return;
    }
    this.refused.emit(room, refusal);
  }

  #compare(heads) {
    const head = heads[this.room];
    if (head === undefined || head <= this.#logs(this.room).revision) return;
    const { room } = this;
    this.#io.setTimeout(() => {
      if (this.room === room && head > this.#logs(room).revision) this.resume();
    }, LAG_MS);
  }
}
