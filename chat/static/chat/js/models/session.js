/**
 * One page's life: frames go to the models, what people do goes to the server.
 * Knows no DOM; the elements listen to its signals and call its verbs.
 */
import { Following } from "./following.js";
import { Outcomes } from "./outcomes.js";
import { Reading } from "./reading.js";
import { RecentLogs } from "./recent-logs.js";
import { RoomList } from "./room-list.js";
import { Signal } from "./signal.js";
import { Status } from "./status.js";
import { Writing } from "./writing.js";
import { whyNotWrite } from "./may-write.js";

const LEADING = new Set(["owner", "moderator"]);

export class Session {
  /** (log, {fresh, messages, resumed, reset}) the log of the open room changed. */
  advanced = new Signal();
  /** (room) another room is open now. */
  opened = new Signal();
  /** (room, sentence) the open room cannot be shown (any more). */
  barred = new Signal();
  /** (entry) somebody made me a member of the open room, or changed my role in it. */
  joined = new Signal();
  /** Whether one may write in the open room may be another thing now. */
  changedStanding = new Signal();
  /** (level) the whole site closed itself further, or opened again. */
  changedLevel = new Signal();
  room = null;
  /** Why the open room cannot be shown; empty while it can. */
  bar = "";
  /** How the open room ended for me: {cause, reason, until}; null while it has not. */
  end = null;
  /** "normal" | "members" | "approve_first" | "read_only" */
  level = "normal";
  #epoch;
  #away = false;

  /**
   * @param {object} boot what the server put into the page
   * @param {object} parts {connection, pages, outboxStore, io, tab, now}
   */
  constructor(boot, { connection, pages, outboxStore, io, tab, now = Date.now }) {
    this.me = boot.me;
    /** Whether I moderate every room of the site, whatever my role in them. */
    this.moderatesSite = boot.moderates === true;
    this.now = now;
    this.connection = connection;
    this.pages = pages;
    this.logs = new RecentLogs();
    this.rooms = new RoomList(boot.language);
    this.status = new Status(io);
    this.reading = new Reading(this, io);
    this.marks = this.reading.marks;
    this.following = new Following(connection, (room) => this.logs.of(room), io);
    this.writing = new Writing(this, { store: outboxStore, tab, io });
    this.outbox = this.writing.outbox;
    this.held = this.writing.held;
    this.outcomes = new Outcomes((report) => this.command("heard", { report }));
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

  /** What is known of the open room; null before anything is. */
  get facts() {
    return this.log?.facts ?? this.entry?.facts ?? null;
  }

  /** Whether I moderate the open room, by my role there or as staff. */
  get mayModerate() {
    return this.leads(this.room);
  }

  leads(room) {
    return this.moderatesSite || LEADING.has(this.rooms.get(room)?.role);
  }

  /** Why I cannot write in the open room; null where I may (see `whyNotWrite`). */
  get silence() {
    const { bar, facts, entry, level, me, moderatesSite, mayModerate: leads } = this;
    return whyNotWrite({ bar, facts, entry, level, me, moderatesSite, leads, now: this.now() });
  }

  open(room) {
    if (room === this.room) return;
    this.room = room;
    this.bar = "";
    this.end = null;
    this.following.follow(room);
    this.opened.emit(room);
  }

  /** Look whether the open room can be shown again, such as after a ban or a kick. */
  comeBack() {
    if (this.bar) this.following.resume();
  }

  /**
   * Ask the server for something, such as `command("mute", {room, user, minutes: 10})`.
   * @returns {Promise<object>} the reply; rejects with `{code, text, retryAfter}`, `text` being
   *   the server's sentence, or empty with the code "lost" where the line went
   */
  command(type, fields = {}) {
    return this.connection.command({ ...fields, type });
  }

  write(body) {
    return this.outbox.add(this.room, body);
  }

  edit(message, body, revision) {
    return this.command("edit", { message: message.id, body, if_revision: revision });
  }

  redact(message, reason) {
    return this.command("redact", { message: message.id, reason });
  }

  report(message, reason) {
    return this.command("report", { message: message.id, reason });
  }

  /** Everything in the open room up to `seq` was seen. */
  seen(seq) {
    this.reading.seen(this.room, seq);
  }

  /** The server wants this page to go: show its sentence in place of the room. */
  dismiss(sentence) {
    this.bar = sentence;
    this.barred.emit(this.room, sentence);
  }

  #listen() {
    this.connection.changedState.on((state) => this.#lineIs(state));
    this.connection.received.on((frame) => this.#receive(frame));
    this.following.advanced.on((log, news) => this.#advanced(log, news));
    this.following.refused.on((room, refusal) => this.#barred(room, refusal.text));
    const turned = () => this.changedStanding.emit();
    for (const name of ["opened", "barred", "joined", "advanced", "changedLevel"]) {
      this[name].on(turned);
    }
    this.rooms.changed.on(turned);
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
      read: () => this.reading.elsewhere(frame.room, frame.last_read_seq),
      membership: () => this.#membership(frame.entry),
      gone: () => this.#gone(frame),
      held: () => this.writing.take(frame),
      outcome: () => this.outcomes.take(frame.outcome),
      site: () => this.#levelIs(frame.level),
      notice: () => this.status.notice(frame.text),
    };
    handlers[frame.type]?.();
    this.following.receive(frame);
  }

  #welcomed(frame) {
    if (frame.epoch !== this.#epoch) {
      this.rooms.forget();
      this.marks.forget();
      this.held.forget();
      this.logs.keepOnly(this.room);
    }
    this.#epoch = this.following.epoch = frame.epoch;
    this.me = frame.me;
    this.moderatesSite = frame.moderates === true;
    this.#learnRooms(frame.rooms);
    this.#levelIs(frame.level ?? "normal");
    this.outcomes.replace(frame.outcomes ?? []);
    this.held.doubt();
    this.marks.flush();
    this.following.resume();
    this.outbox.open();
  }

  #learnRooms(entries) {
    this.reading.learn(entries);
    this.rooms.replace(entries);
  }

  #membership(entry) {
    const before = this.rooms.get(entry.facts.id);
    this.reading.learn([entry]);
    this.rooms.put(entry);
    if (entry.facts.id !== this.room) return;
    if (before?.role !== entry.role) this.joined.emit(entry);
    this.comeBack();
  }

  #levelIs(level) {
    if (level === this.level) return;
    this.level = level;
    this.changedLevel.emit(level);
  }

  #gone(frame) {
    this.rooms.remove(frame.room);
    this.held.forget(frame.room);
    if (frame.room !== this.room) return this.logs.forget(frame.room);
    const { facts } = this.log;
    // Whoever leaves an open room may go on reading it.
    if (frame.cause === "left" && facts?.kind === "open") {
      this.joined.emit(null);
      return this.following.resume();
    }
    const { cause, reason = "", until = null } = frame;
    this.end = { cause, reason, until };
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
    if (this.bar && log.room === this.room) this.#unbarred();
    this.writing.advanced(log, news);
    if (log.facts) this.rooms.learnFacts(log.facts);
    this.rooms.grow(log.room, log.lastSeq);
    this.reading.ownAreRead(log.room, news.messages);
    if (news.resumed && this.#away) {
      this.#away = false;
      this.status.gap(this.reading.missed(log, news));
    }
    this.advanced.emit(log, news);
  }

  #unbarred() {
    this.bar = "";
    this.end = null;
    this.opened.emit(this.room);
  }
}
