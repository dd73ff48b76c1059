/**
 * Posts that wait for a moderator, by room: my own, and everybody's where I moderate. The
 * server's `held` frame is the truth; what is here is what it said last.
 */
import { Signal } from "./signal.js";

const NONE = Object.freeze({ posts: Object.freeze([]), waiting: 0 });

export class HeldPosts {
  /** (room) */
  changed = new Signal();
  #rooms = new Map();
  /** Rooms of which a new line has not told us yet: an empty queue is never told of. */
  #doubted = new Set();
  /** Nonces of posts that stand in the room already: a late frame must not bring them back. */
  #letIn = new Set();

  /** All posts of a room that the server has told of, oldest first. */
  of(room) {
    return (this.#rooms.get(room) ?? NONE).posts;
  }

  /** How many wait in a room, of those that I may see; more than are told of, where many do. */
  waiting(room) {
    return (this.#rooms.get(room) ?? NONE).waiting;
  }

  /** Those of one author. */
  by(author, room) {
    return this.of(room).filter((post) => post.author.id === author);
  }

  /** Take a `held` frame: it replaces what was known of the room. */
  take({ room, posts, waiting }) {
    this.#doubted.delete(room);
    const here = posts.filter(({ nonce }) => !this.#letIn.has(nonce));
    if (here.length === 0) this.#rooms.delete(room);
    else this.#rooms.set(room, { posts: here, waiting: waiting - (posts.length - here.length) });
    this.changed.emit(room);
  }

  /** A post of mine was held just now; the frame that says so may still be under way. */
  add(room, post) {
    if (this.#letIn.has(post.nonce) || this.of(room).some(({ id }) => id === post.id)) return;
    const posts = [...this.of(room), post];
    this.#rooms.set(room, { posts, waiting: this.waiting(room) + 1 });
    this.changed.emit(room);
  }

  /** A message with this nonce stands in the room: it waits no longer. */
  letIn(room, nonce) {
    const held = this.of(room).find((post) => post.nonce === nonce);
    if (!held) return;
    this.#letIn.add(nonce);
    this.#drop(room, held);
  }

  /** Its author has read that it was rejected. */
  dismiss(room, id) {
    const held = this.of(room).find((post) => post.id === id);
    if (held) this.#drop(room, held);
  }

  /** The line is new: whatever is not told again holds no more. */
  doubt() {
    this.#doubted = new Set(this.#rooms.keys());
  }

  /** The server has had its time to tell of this room. */
  settle(room) {
    if (!this.#doubted.delete(room)) return;
    this.#rooms.delete(room);
    this.changed.emit(room);
  }

  /** The room is gone, or the store went back in time. */
  forget(room = null) {
    const rooms = room === null ? [...this.#rooms.keys()] : [room];
    for (const each of rooms) {
      this.#doubted.delete(each);
      if (this.#rooms.delete(each)) this.changed.emit(each);
    }
    if (room === null) this.#letIn.clear();
  }

  #drop(room, held) {
    const posts = this.of(room).filter((post) => post !== held);
    const waiting = this.waiting(room) - (held.status === "waiting" ? 1 : 0);
    if (posts.length === 0) this.#rooms.delete(room);
    else this.#rooms.set(room, { posts, waiting });
    this.changed.emit(room);
  }
}
