/** Over a line that loses, doubles and reorders, every reader ends with what the store has. */
import assert from "node:assert/strict";
import test from "node:test";
import { RoomLog } from "../../chat/static/chat/js/models/room-log.js";
import { bob, Store, wang } from "./stage.js";

/** mulberry32: small, seeded, the same on every machine. */
function dice(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

class World {
  constructor(seed) {
    this.roll = dice(seed);
    this.store = new Store();
    this.log = new RoomLog(this.store.room, { remember: 12 });
    this.log.reset(this.store.snapshot, this.store.epoch);
    this.line = [];
    this.pages = [];
    this.revisions = new Map();
  }

  pick(list) {
    return list[Math.floor(this.roll() * list.length)];
  }

  step() {
    const seq = 1 + Math.floor(this.roll() * this.store.lastSeq);
    const acts = [
      () => this.send(this.store.post(this.pick([bob, wang]), `text ${this.store.revision}`)),
      () => this.send(this.store.post(bob, `text ${this.store.revision}`)),
      () => this.store.lastSeq && this.send(this.store.edit(seq, `edited ${this.store.revision}`)),
      () => this.store.lastSeq && this.send(this.store.redact(seq)),
      () => this.deliver(),
      () => this.deliver(),
      () => this.askForPage(),
      () => this.takePage(),
      () => this.log.trim(this.pick(["oldest", "newest"]), 20),
    ];
    this.pick(acts)();
    this.judge();
  }

  send(frame) {
    if (this.roll() < 0.3) return;
    this.line.push(frame);
    if (this.roll() < 0.3) this.line.push(frame);
  }

  deliver() {
    if (this.line.length === 0) return;
    const [frame] = this.line.splice(Math.floor(this.roll() * this.line.length), 1);
    const { verdict } = this.log.apply(frame);
    if (verdict === "hole" && this.roll() < 0.7) this.resume();
  }

  resume() {
    this.log.apply(this.store.changesSince(this.log.revision));
  }

  askForPage() {
    const { log, store } = this;
    const side = this.pick(["before", "after", "around"]);
    const query = { before: { before: log.from }, after: { after: log.to }, around: { around: 1 + Math.floor(this.roll() * (store.lastSeq + 1)) } }[side];
    this.pages.push({ side, asked: log.ask(), page: store.page({ ...query, limit: 15 }) });
  }

  takePage() {
    const taken = this.pages.splice(Math.floor(this.roll() * this.pages.length), 1)[0];
    if (taken) this.log.merge(taken.side, taken.page, taken.asked);
  }

  judge() {
    const { log } = this;
    log.window.forEach((message, n) => {
      assert.equal(message.seq, log.from + n, "the window is dense");
      const seen = this.revisions.get(message.seq) ?? 0;
      assert.ok(message.revision >= seen, `seq ${message.seq} went back`);
      this.revisions.set(message.seq, message.revision);
    });
  }

  settle() {
    this.resume();
    this.judge();
    const { log, store } = this;
    assert.equal(log.revision, store.revision);
    assert.equal(log.lastSeq, store.lastSeq);
    assert.deepEqual(log.window, store.messages.slice(log.from - 1, log.to));
    if (log.attached) assert.equal(log.to, store.lastSeq);
  }
}

for (let seed = 1; seed <= 60; seed += 1) {
  test(`every message is shown in its newest form, once, in order (world ${seed})`, () => {
    const world = new World(seed);
    for (let n = 0; n < 400; n += 1) world.step();
    world.settle();
  });
}
