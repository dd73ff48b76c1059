/** What the tests of the page stand on: a cast, a store that ticks, a clock, a socket. */

export const ada = { id: 1, name: "ada", hue: 10, picture: null, kind: "member" };
export const bob = { id: 2, name: "bob", hue: 200, picture: null, kind: "member" };
export const wang = { id: 3, name: "王小明", hue: 90, picture: null, kind: "member" };

export const GENERAL = 7;
export const EPOCH = "e1";

/** A room as the server has it: the same rules as chat/changes.py, in memory. */
export class Store {
  revision = 0;
  floor = 0;
  messages = [];

  constructor(room = GENERAL, epoch = EPOCH) {
    this.room = room;
    this.epoch = epoch;
    this.facts = { id: room, kind: "open", name: "General", topic: "", archived: false, slow_mode: 0, posting: "everyone", approve_first: "nobody", members: 3, revision: 0 };
  }

  get lastSeq() {
    return this.messages.length;
  }

  post(author, body, nonce = `nonce-${this.room}-${this.lastSeq + 1}`) {
    const seq = this.lastSeq + 1;
    const message = { id: this.room * 10_000 + seq, room: this.room, seq, author, nonce, body };
    Object.assign(message, { created_at: at(seq), edited_at: null, redacted: null });
    this.messages.push(message);
    return this.#tick(seq);
  }

  edit(seq, body) {
    this.messages[seq - 1] = { ...this.messages[seq - 1], body, edited_at: at(seq + 1) };
    return this.#tick(seq);
  }

  redact(seq, by = "author") {
    const redacted = { at: at(seq + 1), by };
    this.messages[seq - 1] = { ...this.messages[seq - 1], body: "", redacted };
    return this.#tick(seq);
  }

  rename(name) {
    this.revision += 1;
    this.facts = { ...this.facts, name, revision: this.revision };
    return this.changesSince(this.revision - 1);
  }

  changesSince(since, upTo = this.revision) {
    const messages = this.messages
      .filter(({ revision }) => revision > since && revision <= upTo)
      .sort((a, b) => a.revision - b.revision);
    const frame = { type: "changes", room: this.room, since, revision: upTo, messages };
    return this.facts.revision > since ? { ...frame, room_facts: this.facts } : frame;
  }

  get snapshot() {
    const { revision, floor, facts, lastSeq } = this;
    return { facts, revision, floor, last_seq: lastSeq, messages: this.messages.slice(-50) };
  }

  /** What GET /api/rooms/…/messages/ answers now. */
  page({ before, after, around, limit = 50 }) {
    let from = Math.max(0, (before ?? 0) - 1 - limit);
    let to = (before ?? 0) - 1;
    if (after !== undefined) [from, to] = [after, after + limit];
    if (around !== undefined) {
      from = Math.max(0, around - 1 - Math.floor(limit / 2));
      to = from + limit;
    }
    const messages = this.messages.slice(from, to);
    return { messages, revision: this.revision, last_seq: this.lastSeq };
  }

  entry(role = "member", lastReadSeq = 0) {
    return { facts: this.facts, role, last_seq: this.lastSeq, last_read_seq: lastReadSeq };
  }

  #tick(seq) {
    this.revision += 1;
    const message = { ...this.messages[seq - 1], revision: this.revision };
    this.messages[seq - 1] = message;
    const { room, revision } = this;
    return { type: "changes", room, since: revision - 1, revision, messages: [message] };
  }
}

/** A moment `n` seconds into a day. */
export const at = (n) => new Date(Date.UTC(2026, 10, 20, 12, 0, n)).toISOString();

/** A room with `count` messages, by turns from bob and wang. */
export function storeWith(count, room = GENERAL) {
  const store = new Store(room);
  for (let n = 1; n <= count; n += 1) store.post(n % 2 ? bob : wang, `message ${n}`);
  return store;
}

/** Timers that go when they are told to, and everything else of a browser. */
export class Stage {
  now = 0;
  chance = 0.5;
  isOnlineNow = true;
  sockets = [];
  #timers = new Map();
  #next = 1;

  io = {
    open: (url, protocol) => {
      const socket = new FakeSocket(url, protocol);
      this.sockets.push(socket);
      return socket;
    },
    setTimeout: (callback, ms) => {
      const timer = this.#next++;
      this.#timers.set(timer, { callback, at: this.now + ms });
      return timer;
    },
    clearTimeout: (timer) => this.#timers.delete(timer),
    random: () => this.chance,
    isOnline: () => this.isOnlineNow,
  };

  get socket() {
    return this.sockets.at(-1);
  }

  /** Let time pass; what falls due on the way happens in its order. */
  async pass(ms) {
    const end = this.now + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, timer]) => timer.at <= end);
      if (due.length === 0) break;
      const [id, timer] = due.sort((a, b) => a[1].at - b[1].at || a[0] - b[0])[0];
      this.#timers.delete(id);
      this.now = timer.at;
      timer.callback();
      await settled();
    }
    this.now = end;
    await settled();
  }
}

export class FakeSocket {
  sent = [];
  isClosed = false;

  constructor(url, protocol) {
    Object.assign(this, { url, protocol });
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.isClosed = true;
  }

  /** The server sends a frame. */
  say(frame) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  welcome(rooms = [], more = {}) {
    this.say({ type: "welcome", me: ada, rooms, epoch: EPOCH, ping_every: 25, ...more });
  }

  /** The line goes, as the server or the network closes it. */
  drop(code = 1006, reason = "") {
    this.onclose?.({ code, reason });
  }

  /** The commands of a type that came, the newest last. */
  asked(type) {
    return this.sent.filter((frame) => frame.type === type);
  }
}

/** After everything that waits for a promise has gone on. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A place where the outbox keeps its entries, in memory. */
export class MemoryStore {
  entries = new Map();

  put(entry) {
    this.entries.set(entry.nonce, { ...entry });
  }

  remove(nonce) {
    this.entries.delete(nonce);
  }

  all() {
    return [...this.entries.values()];
  }
}
