/**
 * One page's life: frames go to the models, what people do goes to the server.
 * Knows no DOM; the elements listen to its signals and call its verbs.
 */
import { Following } from "./following.js";
import { Outbox } from "./outbox.js";
import { ReadMarks } from "./unread.js";
import { RecentLogs } from "./recent-logs.js";
import { RoomList } from "./room-list.js";
import { Signal } from "./signal.js";
import { Status } from "./status.js";

export class Session {
  /** (log, {fresh, messages, resumed, reset}) the log of the open room changed. */
  advanced = new Signal();
  /** (room) another room is open now. */
  opened = new Signal();
  /** (room, sentence) the open room cannot be shown (any more). */
  barred = new Signal();
  /** (entry) somebody made me a member of the open room, or changed my role in it. */
  joined = new Signal();
  room = null;
  /** Why the open room cannot be shown; empty while it can. */
  bar = "";
  #epoch;
  #away = false;

  /**
   * @param {object} boot what the server put into the page
   * @param {object} parts {connection, pages, outboxStore, io, tab}
   */
  constructor(boot, { connection, pages, outboxStore, io, tab }) {
    this.me = boot.me;
    this.connection = connection;
    this.pages = pages;
    this.logs = new RecentLogs();
    this.rooms = new RoomList(boot.language);
    this.status = new Status(io);
    this.marks = new ReadMarks((room, seq) => this.#tellRead(room, seq), io);
    this.following = new Following(connection, (room) => this.logs.of(room), io);
    this.outbox = new Outbox({ post: (entry) => this.#post(entry), store: outboxStore, tab });
    this.#epoch = this.following.epoch = boot.epoch;
    this.#learnRooms(boot.rooms);
    if (boot.room) this.logs.of(boot.room.facts.id).reset(boot.room, boot.epoch);
    this.#listen();
  }

  get log() {
    return this.room === null ? null : this.logs.of(this.room);
  }

  /** My entry of the open room; undefined where I am no member. */
  get entry() {
    return this.rooms.get(this.room);
  }

  get mayModerate() {
    return this.entry?.role === "owner" || this.entry?.role === "moderator";
  }

  open(room) {
    if (room === this.room) return;
    this.room = room;
    this.bar = "";
    this.following.follow(room);
    this.opened.emit(room);
  }

  write(body) {
    return this.outbox.add(this.room, body);
  }

  edit(message, body, revision) {
    const command = { type: "edit", message: message.id, body, if_revision: revision };
    return this.connection.command(command);
  }

  redact(message, reason) {
    return this.connection.command({ type: "redact", message: message.id, reason });
  }

  /** Everything in the open room up to `seq` was seen. */
  seen(seq) {
    const { entry } = this;
    if (!entry) return;
    this.rooms.read(this.room, seq);
    this.marks.seen(this.room, seq);
  }

  /** The server wants this page to go: show its sentence in place of the room. */
  dismiss(sentence) {
    this.bar = sentence;
    this.barred.emit(this.room, sentence);
  }

  #listen() {
    this.connection.changedState.on((state) => this.#lineIs(state));
    this.connection.received.on((frame) => this.#receive(frame));
    this.outbox.acknowledged.on((entry) => this.#acknowledged(entry));
    this.following.advanced.on((log, news) => this.#advanced(log, news));
    this.following.refused.on((room, refusal) => this.#barred(room, refusal.text));
  }

  #lineIs(state) {
    this.status.line(state);
    if (state === "reconnecting" || state === "offline") this.#away = true;
    if (state !== "live") this.outbox.close();
  }

  #receive(frame) {
    const handlers = {
      welcome: () => this.#welcomed(frame),
      unread: () => this.rooms.grow(frame.room, frame.last_seq),
      read: () => this.#readElsewhere(frame.room, frame.last_read_seq),
      membership: () => this.#membership(frame.entry),
      gone: () => this.#gone(frame),
      notice: () => this.status.notice(frame.text),
    };
    handlers[frame.type]?.();
    this.following.receive(frame);
  }

  #welcomed(frame) {
    if (frame.epoch !== this.#epoch) {
      this.rooms.forget();
      this.marks.forget();
      this.logs.keepOnly(this.room);
    }
    this.#epoch = this.following.epoch = frame.epoch;
    this.me = frame.me;
    this.#learnRooms(frame.rooms);
    this.marks.flush();
    this.following.resume();
    this.outbox.open();
  }

  #learnRooms(entries) {
    for (const entry of entries) this.marks.learn(entry.facts.id, entry.last_read_seq);
    this.rooms.replace(entries);
  }

  #readElsewhere(room, seq) {
    this.marks.learn(room, seq);
    this.rooms.read(room, seq);
  }

  #membership(entry) {
    const before = this.rooms.get(entry.facts.id);
    this.marks.learn(entry.facts.id, entry.last_read_seq);
    this.rooms.put(entry);
    if (entry.facts.id === this.room && before?.role !== entry.role) this.joined.emit(entry);
  }

  #gone(frame) {
    this.rooms.remove(frame.room);
    if (frame.room !== this.room) return this.logs.forget(frame.room);
    const { facts } = this.log;
    // Whoever leaves an open room may go on reading it.
    if (frame.reason === "left" && facts?.kind === "open") {
      this.joined.emit(null);
      return this.following.resume();
    }
    return this.#barred(frame.room, frame.text);
  }

  #barred(room, sentence) {
    if (room !== this.room) return;
    this.logs.forget(room);
    this.rooms.remove(room);
    this.bar = sentence;
    this.barred.emit(room, sentence);
  }

  #advanced(log, news) {
    for (const { nonce, author } of news.messages) {
      if (author.id === this.me.id) this.outbox.settle(nonce);
    }
    // A new snapshot is the whole truth: what it lacks of the acknowledged, the store lost.
    this.outbox.settleUpTo(log.room, news.reset ? Infinity : log.revision);
    if (log.facts) this.rooms.learnFacts(log.facts);
    this.rooms.grow(log.room, log.lastSeq);
    this.#ownAreRead(log.room, news.messages);
    if (news.resumed && this.#away) {
      this.#away = false;
      const before = log.lastSeq - news.fresh;
      // A long gap comes in several frames; the list of rooms knows its length at once.
      const grown = (this.rooms.get(log.room)?.last_seq ?? log.lastSeq) - before;
      // One's own that were waiting to be sent were not missed.
      const own = ({ author, seq }) => author.id === this.me.id && seq > before;
      this.status.gap(grown - news.messages.filter(own).length);
    }
    this.advanced.emit(log, news);
  }

  /** My own messages are never unread, where nothing unread stands before them. */
  #ownAreRead(room, messages) {
    const entry = this.rooms.get(room);
    for (const { seq, author } of messages) {
      if (entry && author.id === this.me.id && seq === entry.last_read_seq + 1) {
        this.rooms.read(room, seq);
        this.marks.seen(room, seq);
      }
    }
  }

  async #post({ room, nonce, body }) {
    const reply = await this.connection.command({ type: "post", room, nonce, body });
    return reply.message;
  }

  /** The log may have reached the message before the answer to its post came. */
  #acknowledged({ room }) {
    const log = this.logs.of(room);
    if (log.loaded) this.outbox.settleUpTo(room, log.revision);
  }

  #tellRead(room, seq) {
    return this.connection.command({ type: "read", room, seq });
  }
}
