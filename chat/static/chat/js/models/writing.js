/**
 * What I write, from the composer to its place in the room: the outbox, the posts of mine that
 * a moderator has to let in first, and slow mode.
 */
import { HeldPosts } from "./held-posts.js";
import { Outbox } from "./outbox.js";

/** After a return the server tells of held posts within this time, or there are none. */
const HELD_MS = 2_000;
/** A post that waits no longer was approved; its message may come so much later. */
const ARRIVES_MS = 10_000;

export class Writing {
  #session;
  #io;
  /** Posts of mine that were approved, until their messages are here. */
  #arriving = [];

  /**
   * @param {Session} session whose person writes
   * @param {object} parts {store, tab, io} of the outbox
   */
  constructor(session, { store, tab, io }) {
    this.#session = session;
    this.#io = io;
    this.held = new HeldPosts();
    const timers = { set: io.setTimeout, clear: io.clearTimeout };
    const post = (entry) => this.#post(entry);
    this.outbox = new Outbox({ post, store, tab, timers, now: session.now });
    this.outbox.acknowledged.on((entry) => this.#acknowledged(entry));
    this.outbox.heldBack.on((entry, id) => this.#heldBack(entry, id));
    session.rooms.changed.on(() => this.#easeSlowMode());
  }

  /** When slow mode lets me post in a room again, by this clock; 0 for now. */
  slowUntil(room) {
    return this.#slowModeMs(room) > 0 ? this.outbox.waitsUntil(room) : 0;
  }

  /** My posts in a room that wait for a moderator, or were rejected. */
  heldIn(room) {
    const arriving = this.#arriving.filter((post) => post.room === room);
    return [...arriving, ...this.held.by(this.#session.me.id, room)];
  }

  /** I have read that a post of mine was rejected. */
  async hear(room, id) {
    await this.#session.command("heard", { held: id });
    this.held.dismiss(room, id);
  }

  /** The server tells which posts of a room are held; those of mine are in its keeping. */
  take(frame) {
    const { room } = frame;
    const before = this.held.by(this.#session.me.id, room);
    this.held.take(frame);
    const now = this.held.by(this.#session.me.id, room);
    for (const { nonce } of now) this.outbox.settle(nonce);
    const isGone = ({ id, status }) => status === "waiting" && !now.some((post) => post.id === id);
    for (const post of before.filter(isGone)) this.#expect({ ...post, room });
  }

  /** The row stays where it is until the message takes its place. */
  #expect(post) {
    this.#arriving.push(post);
    this.#io.setTimeout(() => this.#arrived(post.room, post.nonce), ARRIVES_MS);
  }

  #arrived(room, nonce) {
    const before = this.#arriving.length;
    this.#arriving = this.#arriving.filter((post) => post.nonce !== nonce);
    if (this.#arriving.length < before) this.held.changed.emit(room);
  }

  /** A log has got further: what it has needs no row of its own any more. */
  advanced(log, { messages, reset, resumed }) {
    for (const { nonce, author } of messages) {
      this.held.letIn(log.room, nonce);
      this.#arrived(log.room, nonce);
      if (author.id === this.#session.me.id) this.outbox.settle(nonce);
    }
    // A new snapshot is the whole truth: what it lacks of the acknowledged, the store lost.
    this.outbox.settleUpTo(log.room, reset ? Infinity : log.revision);
    if (resumed) this.#io.setTimeout(() => this.held.settle(log.room), HELD_MS);
  }

  async #post({ room, nonce, body }) {
    const { message, held } = await this.#session.command("post", { room, nonce, body });
    return held ? { held } : message;
  }

  /** The log may have reached the message before the answer to its post came. */
  #acknowledged({ room }) {
    this.#pace(room);
    const log = this.#session.logs.of(room);
    if (log.loaded) this.outbox.settleUpTo(room, log.revision);
  }

  /** From here on the server keeps it. Its own word of that may still be under way. */
  #heldBack({ room, nonce, body }, id) {
    const { me, now } = this.#session;
    const post = { id, author: me, nonce, body, created_at: new Date(now()).toISOString() };
    this.held.add(room, { ...post, cause: "room", status: "waiting", reason: "" });
    this.#pace(room);
  }

  /** After a post the next one goes no earlier than the server would take it. */
  #pace(room) {
    const ms = this.#slowModeMs(room);
    if (ms > 0) this.outbox.slowDown(room, ms);
  }

  /** Slow mode that was shortened or ended holds nothing back any longer than that. */
  #easeSlowMode() {
    for (const room of this.outbox.slowed) this.outbox.hurry(room, this.#slowModeMs(room));
  }

  #slowModeMs(room) {
    const { rooms } = this.#session;
    if (this.#session.leads(room)) return 0;
    return (rooms.get(room)?.facts.slow_mode ?? 0) * 1000;
  }
}
