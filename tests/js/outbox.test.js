/** What was written is sent once, in order, whatever happens to the line. */
import assert from "node:assert/strict";
import test from "node:test";
import { Outbox } from "../../chat/static/chat/js/models/outbox.js";
import { GENERAL, MemoryStore, settled, Stage } from "./stage.js";

const LOUNGE = 8;

function setUp({ tab = "tab-a" } = {}) {
  const stage = new Stage();
  const store = new MemoryStore();
  const posts = [];
  const post = (entry) =>
    new Promise((resolve, reject) => posts.push({ entry: { ...entry }, resolve, reject }));
  const timers = { set: stage.io.setTimeout, clear: stage.io.clearTimeout };
  const outbox = new Outbox({ post, store, tab, timers, now: () => stage.now });
  const states = (room = GENERAL) => outbox.of(room).map(({ state }) => state);
  return { stage, store, posts, outbox, states };
}

const mark = (seq) => ({ id: seq, seq, revision: seq });

test("a message is pending at once, and kept beyond the page", () => {
  const { outbox, store, states, posts } = setUp();
  outbox.add(GENERAL, "hello");
  assert.deepEqual(states(), ["pending"]);
  assert.equal(store.all()[0].body, "hello");
  assert.equal(posts.length, 0);
});

test("it is shown as sending after 300 ms, not before", async () => {
  const { outbox, stage, states } = setUp();
  outbox.open();
  outbox.add(GENERAL, "hello");
  await stage.pass(299);
  assert.deepEqual(states(), ["pending"]);
  await stage.pass(1);
  assert.deepEqual(states(), ["sending"]);
});

test("what is acknowledged is stored and leaves the store of what waits", async () => {
  const { outbox, store, posts, states } = setUp();
  outbox.open();
  outbox.add(GENERAL, "hello");
  posts[0].resolve(mark(5));
  await settled();
  assert.deepEqual(states(), ["stored"]);
  assert.equal(store.all().length, 0);
  outbox.settleUpTo(GENERAL, 4);
  assert.deepEqual(states(), ["stored"]);
  outbox.settleUpTo(GENERAL, 5);
  assert.deepEqual(states(), []);
});

test("one post of a room is in flight at a time, in the order of writing", async () => {
  const { outbox, posts } = setUp();
  outbox.open();
  for (const body of ["one", "two", "three"]) outbox.add(GENERAL, body);
  assert.deepEqual(posts.map(({ entry }) => entry.body), ["one"]);
  posts[0].resolve(mark(1));
  await settled();
  assert.deepEqual(posts.map(({ entry }) => entry.body), ["one", "two"]);
});

test("a room that waits does not hold up another", () => {
  const { outbox, posts } = setUp();
  outbox.open();
  outbox.add(GENERAL, "one");
  outbox.add(LOUNGE, "elsewhere");
  assert.deepEqual(posts.map(({ entry }) => entry.room), [GENERAL, LOUNGE]);
});

test("after a lost line the same nonce goes out again, still before the next", async () => {
  const { outbox, posts } = setUp();
  outbox.open();
  outbox.add(GENERAL, "one");
  outbox.add(GENERAL, "two");
  outbox.close();
  posts[0].reject({ code: "lost", text: "" });
  await settled();
  assert.equal(posts.length, 1);
  outbox.open();
  posts[1].resolve(mark(1));
  await settled();
  assert.equal(posts[1].entry.nonce, posts[0].entry.nonce);
  assert.deepEqual(posts.map(({ entry }) => entry.body), ["one", "one", "two"]);
});

test("a busy or throttling server is asked again when it says, in order", async () => {
  const { outbox, stage, posts, states } = setUp();
  outbox.open();
  outbox.add(GENERAL, "one");
  outbox.add(GENERAL, "two");
  posts[0].reject({ code: "throttled", text: "Slowly.", retryAfter: 4 });
  await settled();
  assert.deepEqual(states(), ["pending", "pending"]);
  await stage.pass(3_999);
  assert.equal(posts.length, 1);
  await stage.pass(1);
  assert.equal(posts[1].entry.body, "one");
});

test("a refused message fails with its sentence, and the next one goes on", async () => {
  const { outbox, posts, states, store } = setUp();
  outbox.open();
  outbox.add(GENERAL, "one");
  outbox.add(GENERAL, "two");
  posts[0].reject({ code: "archived", text: "This room is archived." });
  await settled();
  assert.deepEqual(states(), ["failed", "pending"]);
  assert.equal(outbox.of(GENERAL)[0].sentence, "This room is archived.");
  assert.equal(store.all()[0].state, "failed");
  assert.equal(posts[1].entry.body, "two");
});

test("a failed message can be tried again under its nonce, or discarded", async () => {
  const { outbox, posts, states, store } = setUp();
  outbox.open();
  const { nonce } = outbox.add(GENERAL, "one");
  posts[0].reject({ code: "not_a_member", text: "Join first." });
  await settled();
  outbox.retry(nonce);
  assert.equal(posts[1].entry.nonce, nonce);
  posts[1].reject({ code: "not_a_member", text: "Join first." });
  await settled();
  outbox.discard(nonce);
  assert.deepEqual(states(), []);
  assert.equal(store.all().length, 0);
});

test("what an earlier page left is sent in its order, under its nonces", async () => {
  const before = setUp();
  before.outbox.add(GENERAL, "one");
  before.stage.now = 5;
  before.outbox.add(GENERAL, "two");
  const { outbox, posts } = setUp({ tab: "tab-b" });
  outbox.open();
  outbox.adopt(before.store.all().reverse());
  posts[0].resolve(mark(1));
  await settled();
  assert.deepEqual(posts.map(({ entry }) => entry.body), ["one", "two"]);
  assert.equal(posts[0].entry.nonce, before.outbox.of(GENERAL)[0].nonce);
  assert.equal(posts[0].entry.tab, "tab-b");
});

test("adopting twice sends once", () => {
  const before = setUp();
  before.outbox.add(GENERAL, "one");
  const { outbox, posts } = setUp();
  outbox.open();
  outbox.adopt(before.store.all());
  outbox.adopt(before.store.all());
  assert.equal(posts.length, 1);
});

test("a failed message of an earlier page stays failed until somebody decides", () => {
  const { outbox, posts, states } = setUp();
  outbox.open();
  outbox.adopt([{ nonce: "n1234567", room: GENERAL, body: "x", at: 1, tab: "old", state: "failed" }]);
  assert.deepEqual(states(), ["failed"]);
  assert.equal(posts.length, 0);
});

test("a message that came back in the log while its answer was under way is settled once", async () => {
  const { outbox, posts, states, store } = setUp();
  outbox.open();
  const { nonce } = outbox.add(GENERAL, "one");
  outbox.settle(nonce);
  posts[0].resolve(mark(1));
  await settled();
  assert.deepEqual(states(), []);
  assert.equal(store.all().length, 0);
});

test("what waits is counted over all rooms, failed ones not", async () => {
  const { outbox, posts } = setUp();
  outbox.add(GENERAL, "one");
  outbox.add(LOUNGE, "two");
  assert.equal(outbox.waiting, 2);
  outbox.open();
  posts[0].reject({ code: "too_long", text: "Too long." });
  await settled();
  assert.equal(outbox.waiting, 1);
});

test("every nonce is one that the wire takes, and another", () => {
  const { outbox } = setUp();
  const nonces = new Set();
  for (let n = 0; n < 200; n += 1) nonces.add(outbox.add(GENERAL, "x").nonce);
  assert.equal(nonces.size, 200);
  for (const nonce of nonces) assert.match(nonce, /^[A-Za-z0-9_-]{8,64}$/);
});
