/**
 * One room as this reader knows it: a numbered sequence of messages, and a clock.
 *
 * The log holds a window of messages without a hole, from `from` to `to`. It is
 * `attached` while the window reaches the newest message; then new messages join it.
 * Otherwise they are only counted (`lastSeq`) and their forms remembered.
 *
 * Of two copies of a message the one with the higher revision is kept, whatever
 * way and in whatever order they came.
 */
import { Remembered } from "./remembered.js";

const newer = (a, b) => (!a || (b && b.revision > a.revision) ? b : a);

export class RoomLog {
  epoch = "";
  revision = 0;
  facts = null;
  lastSeq = 0;
  from = 1;
  to = 0;
  attached = false;
  loaded = false;
  /** Grows with each reset: a page that was asked for in an earlier life is thrown away. */
  life = 0;
  #messages = new Map();
  #remembered;
  #nothingOlder = false;

  constructor(room, { remember = 2000 } = {}) {
    this.room = room;
    this.#remembered = new Remembered(remember);
  }

  /** Where this reader stands, as the wire says it; null before the first snapshot. */
  get cursor() {
    return this.loaded ? `${this.epoch}:${this.revision}` : null;
  }

  /** The messages up to this place were removed when their time was over. */
  get prunedTo() {
    return this.facts?.pruned_to_seq ?? 0;
  }

  get hasOlder() {
    return this.loaded && this.from > this.prunedTo + 1 && !this.#nothingOlder;
  }

  get hasNewer() {
    return this.loaded && !this.attached;
  }

  /** The messages of the window, by ascending seq. */
  get window() {
    const messages = [];
    for (let seq = this.from; seq <= this.to; seq += 1) messages.push(this.#messages.get(seq));
    return messages;
  }

  get(seq) {
    return this.#messages.get(seq);
  }

  /**
   * Forget everything and start from a snapshot. The server's word is final here:
   * after a restored backup its revision may be lower than ours.
   */
  reset(snapshot, epoch) {
    this.life += 1;
    this.epoch = epoch;
    this.revision = snapshot.revision;
    this.facts = snapshot.facts;
    this.lastSeq = snapshot.last_seq;
    this.#messages.clear();
    this.#remembered.clear();
    this.#replaceWindow(snapshot.messages, snapshot.last_seq + 1);
    this.attached = true;
    this.loaded = true;
  }

  /**
   * Take a `changes` frame.
   * @returns {{verdict: "forward"|"drop"|"hole", fresh: number, messages: object[]}}
   *   `fresh` is how many messages are new to this reader, `messages` what was taken.
   */
  apply(changes) {
    const nothing = { fresh: 0, messages: [] };
    if (!this.loaded || changes.since > this.revision) return { verdict: "hole", ...nothing };
    if (changes.revision <= this.revision) return { verdict: "drop", ...nothing };
    const before = this.lastSeq;
    for (const message of changes.messages) this.#learn(message);
    this.#extend();
    this.revision = changes.revision;
    this.learnFacts(changes.room_facts);
    return { verdict: "forward", fresh: this.lastSeq - before, messages: changes.messages };
  }

  learnFacts(facts) {
    if (!facts || (this.facts && facts.revision < this.facts.revision)) return;
    this.facts = facts;
    this.#dropPruned();
  }

  /** What to hand back to `merge` with the page that is asked for now. */
  ask() {
    return { life: this.life };
  }

  /**
   * Take a page of history.
   * @param {"before"|"after"|"around"} side where it joins the window; "around" replaces it
   * @param {{messages: object[], revision: number, last_seq: number}} page
   * @param {{life: number}} asked what `ask` gave when the page was asked for
   * @returns {"merged"|"stale"|"dropped"} "stale": read it again; "dropped": no longer wanted
   */
  merge(side, page, asked) {
    if (asked.life !== this.life) return "dropped";
    if (page.revision < this.#remembered.forgotten) return "stale";
    // What was removed while the page was under way is not brought back by it.
    const kept = page.messages.filter(({ seq }) => seq > this.prunedTo);
    const messages = kept.map((message) => this.#newest(message));
    if (side === "before" && !this.#prepend(messages)) return "dropped";
    if (side === "after" && !this.#append(messages)) return "dropped";
    if (side === "around") this.#replaceWindow(messages, page.last_seq + 1);
    this.lastSeq = Math.max(this.lastSeq, page.last_seq, this.to);
    this.attached = this.attached || this.to >= page.last_seq;
    this.#extend();
    if (this.to < this.lastSeq && side !== "before") this.attached = false;
    return "merged";
  }

  /** Let go of the oldest (or newest) rows so that at most `keep` stay in the window. */
  trim(side, keep) {
    const surplus = this.to - this.from + 1 - keep;
    for (let gone = 0; gone < surplus; gone += 1) {
      const seq = side === "oldest" ? this.from : this.to;
      this.#letGo(seq);
      if (side === "oldest") this.from += 1;
      else this.to -= 1;
    }
    if (surplus > 0 && side === "oldest") this.#nothingOlder = false;
    if (surplus > 0 && side === "newest") this.attached = false;
    return Math.max(0, surplus);
  }

  /** The last message of the window that `author` wrote and that still has its text. */
  lastOf(author) {
    for (let seq = this.to; seq >= this.from; seq -= 1) {
      const message = this.#messages.get(seq);
      if (message.author.id === author && !message.redacted) return message;
    }
    return null;
  }

  /** Let go of what the room has removed, for good: it is not remembered either. */
  #dropPruned() {
    const { prunedTo } = this;
    for (const seq of [...this.#messages.keys()]) if (seq <= prunedTo) this.#messages.delete(seq);
    this.#remembered.drop(prunedTo);
    this.from = Math.max(this.from, prunedTo + 1);
    this.to = Math.max(this.to, prunedTo);
  }

  #newest(message) {
    const { seq } = message;
    return newer(newer(message, this.#remembered.get(seq)), this.#messages.get(seq));
  }

  #learn(message) {
    this.lastSeq = Math.max(this.lastSeq, message.seq);
    const held = this.#messages.get(message.seq);
    if (held) this.#messages.set(message.seq, newer(held, message));
    else this.#remember(message);
  }

  #remember(message) {
    const lost = this.#remembered.keep(message);
    // A newer message that was let go leaves a hole behind the window: read it as history.
    if (lost && lost.seq > this.to) this.attached = false;
  }

  /** While attached, what is remembered just after the window belongs into it. */
  #extend() {
    while (this.attached && this.#remembered.get(this.to + 1)) {
      this.to += 1;
      this.#messages.set(this.to, this.#remembered.take(this.to));
    }
  }

  #prepend(messages) {
    if (messages.length === 0) this.#nothingOlder = true;
    else if (messages.at(-1).seq !== this.from - 1) return false;
    for (const message of messages) this.#hold(message);
    this.from -= messages.length;
    return true;
  }

  #append(messages) {
    if (messages.length > 0 && messages[0].seq !== this.to + 1) return false;
    for (const message of messages) this.#hold(message);
    this.to += messages.length;
    return true;
  }

  #replaceWindow(messages, emptyFrom) {
    for (const seq of [...this.#messages.keys()]) this.#letGo(seq);
    for (const message of messages) this.#hold(message);
    this.from = messages[0]?.seq ?? emptyFrom;
    this.to = messages.at(-1)?.seq ?? emptyFrom - 1;
    this.attached = false;
    this.#nothingOlder = false;
  }

  #hold(message) {
    this.#remembered.take(message.seq);
    this.#messages.set(message.seq, message);
  }

  #letGo(seq) {
    const message = this.#messages.get(seq);
    this.#messages.delete(seq);
    this.#remember(message);
  }
}
