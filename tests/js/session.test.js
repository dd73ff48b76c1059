/** The page's life: frames come in, people act, and nothing is missing, doubled or early. */
import assert from "node:assert/strict";
import test from "node:test";
import { Connection } from "../../chat/static/chat/js/models/connection.js";
import { HistoryPages } from "../../chat/static/chat/js/models/history-pages.js";
import { Session } from "../../chat/static/chat/js/models/session.js";
import { unreadCount } from "../../chat/static/chat/js/models/unread.js";
import { ada, bob, EPOCH, GENERAL, MemoryStore, settled, Stage, storeWith } from "./stage.js";

const LOUNGE = 8;

async function setUp({ count = 10, readTo = count } = {}) {
  const stage = new Stage();
  const store = storeWith(count);
  const lounge = storeWith(5, LOUNGE);
  const rooms = [store.entry("member", readTo), lounge.entry("member", 5)];
  const connection = new Connection("ws://example.org/socket/", stage.io);
  const outboxStore = new MemoryStore();
  const boot = { me: ada, epoch: EPOCH, rooms, room: store.snapshot, language: "en" };
  const pages = new HistoryPages(async (room, query) => store.page(query));
  const session = new Session(boot, { connection, pages, outboxStore, io: stage.io, tab: "t" });
  const news = [];
  session.advanced.on((log, detail) => news.push(detail));
  session.open(GENERAL);
  connection.start();
  stage.socket.welcome(rooms);
  await settled();
  return { stage, store, lounge, session, news, rooms, outboxStore };
}

/** The server answers the newest `subscribe` from what it has. */
async function answerSubscribe(stage, store) {
  const asked = stage.socket.asked("subscribe").at(-1);
  const since = asked.cursor ? Number(asked.cursor.split(":")[1]) : null;
  const reply = { type: "subscribed", id: asked.id, room: store.room };
  if (since === null || !asked.cursor.startsWith(store.epoch)) reply.snapshot = store.snapshot;
  else reply.changes = store.changesSince(since);
  stage.socket.say(reply);
  await settled();
}

const bodies = (session) => session.log.window.map(({ body }) => body);

test("it subscribes with the cursor of the page's own snapshot", async () => {
  const { stage } = await setUp();
  const [asked] = stage.socket.asked("subscribe");
  assert.equal(asked.room, GENERAL);
  assert.equal(asked.cursor, `${EPOCH}:10`);
});

test("what was said between the page and the socket is there", async () => {
  const { stage, store, session } = await setUp();
  store.post(bob, "in between");
  await answerSubscribe(stage, store);
  assert.equal(bodies(session).at(-1), "in between");
});

test("a hole is asked for once, and what came meanwhile is not forgotten", async () => {
  const { stage, store, session } = await setUp();
  await answerSubscribe(stage, store);
  store.post(bob, "lost on the way");
  stage.socket.say(store.post(bob, "after the hole"));
  assert.equal(stage.socket.asked("subscribe").length, 2);
  const early = store.changesSince(10);
  stage.socket.say(store.post(bob, "while asking"));
  assert.equal(stage.socket.asked("subscribe").length, 2);
  const { id } = stage.socket.asked("subscribe").at(-1);
  stage.socket.say({ type: "subscribed", id, room: GENERAL, changes: early });
  await settled();
  assert.equal(stage.socket.asked("subscribe").length, 3);
  await answerSubscribe(stage, store);
  assert.deepEqual(bodies(session).slice(-3), ["lost on the way", "after the hole", "while asking"]);
});

test("a lost last word is found by the heads in a ping", async () => {
  const { stage, store, session } = await setUp();
  await answerSubscribe(stage, store);
  store.post(bob, "the last word");
  stage.socket.say({ type: "ping", heads: { [GENERAL]: store.revision } });
  await stage.pass(1_500);
  assert.equal(stage.socket.asked("subscribe").length, 2);
  await answerSubscribe(stage, store);
  assert.equal(bodies(session).at(-1), "the last word");
});

test("a ping that overtakes its announcement by a moment asks for nothing", async () => {
  const { stage, store } = await setUp();
  await answerSubscribe(stage, store);
  const frame = store.post(bob, "a moment later");
  stage.socket.say({ type: "ping", heads: { [GENERAL]: store.revision } });
  stage.socket.say(frame);
  await stage.pass(1_500);
  assert.equal(stage.socket.asked("subscribe").length, 1);
});

test("60 missed and three redacted while away: all is there, and the reader is told", async () => {
  const { stage, store, session } = await setUp();
  await answerSubscribe(stage, store);
  stage.socket.drop();
  for (let n = 1; n <= 60; n += 1) store.post(bob, `missed ${n}`);
  for (const seq of [2, 5, 20]) store.redact(seq, "moderator");
  await stage.pass(2_000);
  stage.socket.welcome([store.entry("member", 10)]);
  await settled();
  await answerSubscribe(stage, store);
  assert.deepEqual(session.log.window, store.messages);
  assert.equal(session.status.filled, 60);
  assert.equal(unreadCount(session.entry), 60);
});

test("one's own that were waiting to be sent are not told as missed", async () => {
  const { stage, store, session } = await setUp();
  await answerSubscribe(stage, store);
  stage.socket.drop();
  store.post(bob, "missed");
  store.post(ada, "stored just before the line went");
  await stage.pass(2_000);
  stage.socket.welcome([store.entry("member", 10)]);
  await settled();
  await answerSubscribe(stage, store);
  assert.equal(session.status.filled, 1);
});

test("away for too long: a snapshot replaces everything", async () => {
  const { stage, store, session, news } = await setUp();
  await answerSubscribe(stage, store);
  for (let n = 0; n < 200; n += 1) store.post(bob, "far ahead");
  stage.socket.say({ type: "reset", room: GENERAL, snapshot: store.snapshot });
  assert.equal(news.at(-1).reset, true);
  assert.equal(news.at(-1).fresh, 200);
  assert.equal(session.log.from, 161);
  assert.equal(session.log.revision, store.revision);
});

test("a store that went back in time: another epoch, and no phantom remains", async () => {
  const { stage, store, session } = await setUp({ count: 20 });
  await answerSubscribe(stage, store);
  stage.socket.drop();
  await stage.pass(2_000);
  const restored = storeWith(12);
  restored.epoch = "e2";
  stage.socket.welcome([restored.entry("member", 12)], { epoch: "e2" });
  await settled();
  await answerSubscribe(stage, restored);
  assert.deepEqual(session.log.window, restored.messages);
  assert.equal(session.log.cursor, "e2:12");
  assert.equal(unreadCount(session.entry), 0);
  stage.socket.say(restored.post(bob, "thirteen"));
  assert.equal(unreadCount(session.entry), 1);
});

test("a post goes out under a nonce; its row is settled when the log has it", async () => {
  const { stage, store, session } = await setUp();
  await answerSubscribe(stage, store);
  const { nonce } = session.write("hello");
  const [asked] = stage.socket.asked("post");
  assert.deepEqual([asked.room, asked.nonce, asked.body], [GENERAL, nonce, "hello"]);
  const frame = store.post(ada, "hello", nonce);
  const [{ id, seq, revision }] = frame.messages;
  stage.socket.say({ type: "ok", id: asked.id, message: { id, seq, revision } });
  await settled();
  assert.equal(session.outbox.get(nonce).state, "stored");
  stage.socket.say(frame);
  assert.equal(session.outbox.get(nonce), undefined);
  assert.equal(bodies(session).at(-1), "hello");
});

test("the announcement of my post may come before its answer", async () => {
  const { stage, store, session } = await setUp();
  await answerSubscribe(stage, store);
  const { nonce } = session.write("hello");
  const [asked] = stage.socket.asked("post");
  const frame = store.post(ada, "hello", nonce);
  stage.socket.say(frame);
  assert.equal(session.outbox.get(nonce), undefined);
  const [{ id, seq, revision }] = frame.messages;
  stage.socket.say({ type: "ok", id: asked.id, message: { id, seq, revision } });
  await settled();
  assert.deepEqual(session.outbox.of(GENERAL), []);
});

test("the line dies in the middle of a post: the same nonce again, shown once", async () => {
  const { stage, store, session } = await setUp();
  await answerSubscribe(stage, store);
  const { nonce } = session.write("hello");
  store.post(ada, "hello", nonce);
  stage.socket.drop();
  await settled();
  assert.equal(session.outbox.waiting, 1);
  await stage.pass(2_000);
  stage.socket.welcome([store.entry("member", 10)]);
  await settled();
  assert.equal(stage.socket.asked("post")[0].nonce, nonce);
  await answerSubscribe(stage, store);
  assert.equal(session.outbox.waiting, 0);
  assert.equal(bodies(session).filter((body) => body === "hello").length, 1);
});

test("my own messages are never unread; those of others are until they are seen", async () => {
  const { stage, store, session } = await setUp();
  await answerSubscribe(stage, store);
  stage.socket.say(store.post(ada, "mine"));
  assert.equal(unreadCount(session.entry), 0);
  stage.socket.say(store.post(bob, "yours"));
  assert.equal(unreadCount(session.entry), 1);
  stage.socket.say(store.post(ada, "mine again"));
  assert.equal(unreadCount(session.entry), 2);
});

test("what was seen is told to the server, in one word for many", async () => {
  const { stage, store, session } = await setUp({ readTo: 2 });
  await answerSubscribe(stage, store);
  for (let seq = 3; seq <= 10; seq += 1) session.seen(seq);
  assert.equal(unreadCount(session.entry), 0);
  assert.equal(stage.socket.asked("read").length, 0);
  await stage.pass(2_000);
  assert.deepEqual(stage.socket.asked("read").map(({ room, seq }) => [room, seq]), [[GENERAL, 10]]);
  session.seen(4);
  await stage.pass(5_000);
  assert.equal(stage.socket.asked("read").length, 1);
});

test("a read mark that could not be told is told after the return", async () => {
  const { stage, store, session, rooms } = await setUp({ readTo: 2 });
  await answerSubscribe(stage, store);
  session.seen(10);
  stage.socket.drop();
  await stage.pass(2_500);
  stage.socket.welcome(rooms);
  await settled();
  assert.equal(stage.socket.asked("read").at(-1).seq, 10);
  assert.equal(unreadCount(session.entry), 0);
});

test("reading on another device clears the badge here", async () => {
  const { stage, lounge, session } = await setUp();
  stage.socket.say({ type: "unread", room: LOUNGE, last_seq: 9 });
  assert.equal(unreadCount(session.rooms.get(LOUNGE)), 4);
  const entry = { ...lounge.entry("member", 9), last_seq: 9 };
  stage.socket.say({ type: "membership", entry });
  assert.equal(unreadCount(session.rooms.get(LOUNGE)), 0);
});

test("another room: the old one is left, the new one shown when it is here", async () => {
  const { stage, lounge, session } = await setUp();
  session.open(LOUNGE);
  assert.equal(session.log.loaded, false);
  assert.equal(stage.socket.asked("unsubscribe")[0].room, GENERAL);
  assert.equal(stage.socket.asked("subscribe").at(-1).cursor, undefined);
  await answerSubscribe(stage, lounge);
  assert.equal(session.log.loaded, true);
  assert.equal(session.log.facts.id, LOUNGE);
});

test("a room that was visited is there at once, and resumes from its cursor", async () => {
  const { stage, store, lounge, session } = await setUp();
  await answerSubscribe(stage, store);
  session.open(LOUNGE);
  await answerSubscribe(stage, lounge);
  store.post(bob, "meanwhile");
  session.open(GENERAL);
  assert.equal(session.log.window.length, 10);
  assert.equal(stage.socket.asked("subscribe").at(-1).cursor, `${EPOCH}:10`);
  await answerSubscribe(stage, store);
  assert.equal(bodies(session).at(-1), "meanwhile");
});

test("a late frame of the room that was left changes nothing here", async () => {
  const { stage, store, lounge, session, news } = await setUp();
  await answerSubscribe(stage, store);
  session.open(LOUNGE);
  await answerSubscribe(stage, lounge);
  const count = news.length;
  stage.socket.say(store.post(bob, "late"));
  assert.equal(news.length, count);
});

test("removed from the room: it is barred with the server's sentence and forgotten", async () => {
  const { stage, store, session } = await setUp();
  await answerSubscribe(stage, store);
  stage.socket.say({ type: "gone", room: GENERAL, cause: "kicked", text: "You were removed." });
  assert.equal(session.bar, "You were removed.");
  assert.equal(session.rooms.get(GENERAL), undefined);
  assert.equal(session.log.loaded, false);
});

test("whoever leaves an open room may go on reading it, without writing", async () => {
  const { stage, store, session } = await setUp();
  await answerSubscribe(stage, store);
  stage.socket.say({ type: "gone", room: GENERAL, cause: "left", text: "You left." });
  assert.equal(session.bar, "");
  assert.equal(session.entry, undefined);
  assert.equal(session.log.window.length, 10);
});

test("a room that is not there says so; a busy server is asked again", async () => {
  const { stage, session } = await setUp();
  session.open(99);
  let asked = stage.socket.asked("subscribe").at(-1);
  stage.socket.say({ type: "error", id: asked.id, code: "busy", text: "Busy.", retry_after: 3 });
  await settled();
  await stage.pass(3_000);
  assert.equal(session.bar, "");
  asked = stage.socket.asked("subscribe").at(-1);
  assert.equal(asked.room, 99);
  stage.socket.say({ type: "error", id: asked.id, code: "not_found", text: "Nothing here." });
  await settled();
  assert.equal(session.bar, "Nothing here.");
});

test("history read around a redaction is read again until it can be trusted", async () => {
  const { stage, store, session } = await setUp({ count: 200 });
  await answerSubscribe(stage, store);
  let reads = 0;
  const stale = store.page({ before: session.log.from });
  session.pages.fetchPage = async (room, query) => {
    reads += 1;
    if (reads > 1) return store.page(query);
    for (let seq = 1; seq <= 3_000; seq += 1) {
      stage.socket.say(store.edit(1 + (seq % 140), `edited ${seq}`));
      if (seq % 140 === 0) session.log.trim("oldest", 40);
    }
    return stale;
  };
  await session.pages.older(session.log);
  const { log } = session;
  assert.deepEqual(log.window, store.messages.slice(log.from - 1, log.to));
});

test("what I read in another window or on another device is read here", async () => {
  const { stage, session } = await setUp({ readTo: 2 });
  stage.socket.say({ type: "read", room: GENERAL, last_read_seq: 7 });
  assert.equal(unreadCount(session.entry), 3);
  stage.socket.say({ type: "read", room: GENERAL, last_read_seq: 5 });
  assert.equal(unreadCount(session.entry), 3);
});
