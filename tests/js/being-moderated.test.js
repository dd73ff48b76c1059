/** Who is muted, held back, slowed down or sent out is told so, and loses nothing they wrote. */
import assert from "node:assert/strict";
import test from "node:test";
import { Connection } from "../../chat/static/chat/js/models/connection.js";
import { HistoryPages } from "../../chat/static/chat/js/models/history-pages.js";
import { whyNotWrite } from "../../chat/static/chat/js/models/may-write.js";
import { Session } from "../../chat/static/chat/js/models/session.js";
import { bob, EPOCH, GENERAL, MemoryStore, settled, Stage, storeWith } from "./stage.js";

const START = Date.parse("2026-11-20T14:00:00Z");
const inMinutes = (minutes) => new Date(START + minutes * 60_000).toISOString();

async function setUp({ facts = {}, role = "member", moderates = false, me = bob } = {}) {
  const stage = new Stage();
  stage.now = START;
  const store = storeWith(3);
  store.facts = { ...store.facts, ...facts };
  const rooms = [store.entry(role, 3)];
  const connection = new Connection("ws://example.org/socket/", stage.io);
  const outboxStore = new MemoryStore();
  const boot = { me, moderates, epoch: EPOCH, rooms, room: store.snapshot, language: "en" };
  const pages = new HistoryPages(async (room, query) => store.page(query));
  const parts = { connection, pages, outboxStore, io: stage.io, tab: "t", now: () => stage.now };
  const session = new Session(boot, parts);
  session.open(GENERAL);
  connection.start();
  await welcome(stage, store, { me, rooms, moderates });
  return { stage, store, session, rooms, outboxStore };
}

async function welcome(stage, store, { me = bob, rooms, ...more }) {
  stage.socket.welcome(rooms, { me, level: "normal", outcomes: [], ...more });
  await settled();
  const [{ id, cursor }] = stage.socket.asked("subscribe");
  const changes = store.changesSince(Number(cursor.split(":")[1]));
  stage.socket.say({ type: "subscribed", id, room: GENERAL, changes });
  await settled();
}

async function comeBack(stage, store, rooms, more = {}) {
  stage.socket.drop();
  await stage.pass(2_000);
  await welcome(stage, store, { rooms, ...more });
}

/** The server's word on what is held in a room. */
const heldFrame = (...posts) => ({
  type: "held",
  room: GENERAL,
  posts,
  waiting: posts.filter(({ status }) => status === "waiting").length,
});
const heldPost = (id, author, nonce, status = "waiting", reason = "") => ({
  ...{ id, author, nonce, body: `post ${id}`, created_at: inMinutes(0) },
  ...{ cause: "room", status, reason },
});
const others = { id: 9, name: "guest", hue: 1, picture: null, kind: "guest" };

/** The server takes the newest post as held. */
async function hold(stage, id) {
  const asked = stage.socket.asked("post").at(-1);
  stage.socket.say({ type: "ok", id: asked.id, held: { id } });
  await settled();
  return asked;
}

async function accept(stage, store, author = bob) {
  const asked = stage.socket.asked("post").at(-1);
  const frame = store.post(author, asked.body, asked.nonce);
  const [{ id, seq, revision }] = frame.messages;
  stage.socket.say({ type: "ok", id: asked.id, message: { id, seq, revision } });
  stage.socket.say(frame);
  await settled();
}

test("a muted person is told until when and why, and may write again at the end", async () => {
  const { stage, store, session } = await setUp();
  let turns = 0;
  session.changedStanding.on(() => (turns += 1));
  const muted = { until: inMinutes(10), reason: "Shouting" };
  stage.socket.say({ type: "membership", entry: { ...store.entry("member", 3), muted } });
  assert.ok(turns > 0);
  assert.deepEqual(session.silence, { why: "muted", ...muted });
  await stage.pass(10 * 60_000);
  assert.equal(session.silence.why, "muted");
  await stage.pass(1_500);
  assert.equal(session.silence, null);
});

test("a mute that is lifted early ends at once", async () => {
  const { stage, store, session } = await setUp();
  const muted = { until: null, reason: "" };
  stage.socket.say({ type: "membership", entry: { ...store.entry("member", 3), muted } });
  assert.equal(session.silence.why, "muted");
  stage.socket.say({ type: "membership", entry: { ...store.entry("member", 3), muted: null } });
  assert.equal(session.silence, null);
});

test("one cannot write where the room or the site is closed to one, and is told why", () => {
  const open = { kind: "open", archived: false, posting: "everyone" };
  const of = (facts, more = {}) => {
    const standing = { bar: "", facts: { ...open, ...facts }, entry: { muted: null } };
    const person = { level: "normal", me: bob, moderatesSite: false, leads: false, now: START };
    return whyNotWrite({ ...standing, ...person, ...more })?.why ?? null;
  };
  const guest = { kind: "guest" };
  assert.equal(of({}), null);
  assert.equal(of({ archived: true }), "archived");
  assert.equal(of({}, { entry: undefined }), "join");
  assert.equal(of({ posting: "moderators" }), "moderators_only");
  assert.equal(of({ posting: "moderators" }, { leads: true }), null);
  assert.equal(of({ posting: "members" }), null);
  assert.equal(of({ posting: "members" }, { me: guest }), "members_only");
  assert.equal(of({}, { me: guest, level: "members" }), "members_only");
  assert.equal(of({}, { me: guest, level: "approve_first" }), null);
  assert.equal(of({}, { level: "read_only" }), "site_read_only");
  assert.equal(of({}, { level: "read_only", leads: true }), "site_read_only");
  assert.equal(of({}, { level: "read_only", moderatesSite: true }), null);
});

test("the level of the site is known from the welcome, and changes live", async () => {
  const { stage, store, session, rooms } = await setUp();
  const levels = [];
  session.changedLevel.on((level) => levels.push(level));
  stage.socket.say({ type: "site", level: "read_only" });
  assert.equal(session.silence.why, "site_read_only");
  await comeBack(stage, store, rooms);
  assert.deepEqual(levels, ["read_only", "normal"]);
  assert.equal(session.silence, null);
});

test("a ban puts the room away with its reason; it is back when the ban ends", async () => {
  const { stage, store, session, rooms } = await setUp();
  const until = inMinutes(60);
  const word = { cause: "banned", text: "You are banned from this room.", reason: "Spam", until };
  stage.socket.say({ type: "gone", room: GENERAL, ...word });
  assert.equal(session.bar, word.text);
  assert.deepEqual(session.end, { cause: "banned", reason: "Spam", until });
  assert.equal(session.log.loaded, false);
  stage.socket.say({ type: "membership", entry: rooms[0] });
  const { id } = stage.socket.asked("subscribe").at(-1);
  stage.socket.say({ type: "subscribed", id, room: GENERAL, snapshot: store.snapshot });
  await settled();
  assert.equal(session.bar, "");
  assert.equal(session.end, null);
  assert.equal(session.log.window.length, 3);
  assert.equal(session.silence, null);
});

test("whoever was kicked from an open room may come back to it", async () => {
  const { stage, store, session } = await setUp();
  stage.socket.say({ type: "gone", room: GENERAL, cause: "kicked", text: "You were sent out." });
  session.comeBack();
  const { id } = stage.socket.asked("subscribe").at(-1);
  stage.socket.say({ type: "subscribed", id, room: GENERAL, snapshot: store.snapshot });
  await settled();
  assert.equal(session.bar, "");
  assert.equal(session.silence.why, "join");
});

test("a post that is held leaves the outbox for the server's keeping", async () => {
  const { stage, session, outboxStore } = await setUp();
  session.write("let me in");
  const { nonce } = await hold(stage, 5);
  assert.deepEqual(session.outbox.of(GENERAL), []);
  assert.deepEqual(outboxStore.all(), []);
  const [held] = session.writing.heldIn(GENERAL);
  assert.deepEqual([held.id, held.nonce, held.body, held.status], [5, nonce, "let me in", "waiting"]);
  stage.socket.say(heldFrame(heldPost(5, bob, nonce)));
  assert.equal(session.writing.heldIn(GENERAL).length, 1);
});

test("the word that it is held may come before the answer to its post", async () => {
  const { stage, session } = await setUp();
  const { nonce } = session.write("let me in");
  stage.socket.say(heldFrame(heldPost(5, bob, nonce)));
  assert.deepEqual(session.outbox.of(GENERAL), []);
  await hold(stage, 5);
  assert.equal(session.writing.heldIn(GENERAL).length, 1);
  assert.equal(session.held.waiting(GENERAL), 1);
});

test("an approved post takes its place, and a late frame does not bring it back", async () => {
  const { stage, store, session } = await setUp();
  session.write("let me in");
  const { nonce } = await hold(stage, 5);
  stage.socket.say(store.post(bob, "let me in", nonce));
  assert.deepEqual(session.writing.heldIn(GENERAL), []);
  assert.equal(session.log.window.at(-1).nonce, nonce);
  stage.socket.say(heldFrame(heldPost(5, bob, nonce)));
  assert.deepEqual(session.writing.heldIn(GENERAL), []);
  assert.equal(session.held.waiting(GENERAL), 0);
});

test("the word that it waits no longer may come before the approved message", async () => {
  const { stage, store, session } = await setUp();
  session.write("let me in");
  const { nonce } = await hold(stage, 5);
  stage.socket.say(heldFrame());
  assert.deepEqual(session.writing.heldIn(GENERAL).map((post) => post.nonce), [nonce]);
  assert.equal(session.held.waiting(GENERAL), 0);
  stage.socket.say(store.post(bob, "let me in", nonce));
  assert.deepEqual(session.writing.heldIn(GENERAL), []);
});

test("a rejected post says why until it is heard", async () => {
  const { stage, session } = await setUp();
  stage.socket.say(heldFrame(heldPost(5, bob, "n1234567", "rejected", "Off topic")));
  assert.equal(session.writing.heldIn(GENERAL)[0].reason, "Off topic");
  const hearing = session.writing.hear(GENERAL, 5);
  const [asked] = stage.socket.asked("heard");
  assert.equal(asked.held, 5);
  assert.equal(session.writing.heldIn(GENERAL).length, 1);
  stage.socket.say({ type: "ok", id: asked.id });
  await hearing;
  assert.deepEqual(session.writing.heldIn(GENERAL), []);
});

test("a retry of a post that was rejected meanwhile is not shown twice", async () => {
  const { stage, session, outboxStore } = await setUp();
  session.write("let me in");
  const asked = stage.socket.asked("post").at(-1);
  stage.socket.say({ type: "error", id: asked.id, code: "rejected", text: "Not approved." });
  await settled();
  assert.deepEqual(session.outbox.of(GENERAL), []);
  assert.deepEqual(outboxStore.all(), []);
});

test("a moderator knows of everybody's held posts, and how many there are", async () => {
  const { stage, session } = await setUp({ role: "moderator" });
  const rooms = [];
  session.held.changed.on((room) => rooms.push(room));
  const frame = heldFrame(heldPost(5, others, "n-others-1"), heldPost(6, bob, "n-mine-01"));
  stage.socket.say({ ...frame, waiting: 250 });
  assert.deepEqual(session.held.of(GENERAL).map(({ id }) => id), [5, 6]);
  assert.equal(session.held.waiting(GENERAL), 250);
  assert.deepEqual(session.writing.heldIn(GENERAL).map(({ id }) => id), [6]);
  assert.deepEqual(rooms, [GENERAL]);
});

test("after a return what is not told again is held no more, and what is does not flicker", async () => {
  const { stage, store, session, rooms } = await setUp();
  stage.socket.say(heldFrame(heldPost(5, bob, "n1234567")));
  await comeBack(stage, store, rooms);
  assert.equal(session.writing.heldIn(GENERAL).length, 1);
  stage.socket.say(heldFrame(heldPost(5, bob, "n1234567")));
  await stage.pass(5_000);
  assert.equal(session.writing.heldIn(GENERAL).length, 1);
  await comeBack(stage, store, rooms);
  await stage.pass(5_000);
  assert.deepEqual(session.writing.heldIn(GENERAL), []);
});

test("slow mode counts from the answer, and sends no earlier", async () => {
  const { stage, store, session } = await setUp({ facts: { slow_mode: 30 } });
  session.write("one");
  session.write("two");
  await stage.pass(1_000);
  await accept(stage, store);
  assert.equal(session.writing.slowUntil(GENERAL), START + 31_000);
  await stage.pass(29_999);
  assert.equal(stage.socket.asked("post").length, 1);
  await stage.pass(1);
  assert.deepEqual(stage.socket.asked("post").map(({ body }) => body), ["one", "two"]);
});

test("a held post counts for slow mode too", async () => {
  const { stage, session } = await setUp({ facts: { slow_mode: 30 } });
  session.write("one");
  await hold(stage, 5);
  assert.equal(session.writing.slowUntil(GENERAL), START + 30_000);
});

test("refused by slow mode, a post waits as long as it is told and goes once, in order", async () => {
  const { stage, store, session } = await setUp({ facts: { slow_mode: 10 } });
  session.write("one");
  session.write("two");
  const [{ id }] = stage.socket.asked("post");
  stage.socket.say({ type: "error", id, code: "slow_mode", text: "Slow mode.", retry_after: 4 });
  await settled();
  assert.equal(session.writing.slowUntil(GENERAL), START + 4_000);
  assert.deepEqual(session.outbox.of(GENERAL).map(({ state }) => state), ["pending", "pending"]);
  await stage.pass(4_000);
  await accept(stage, store);
  await stage.pass(10_000);
  await accept(stage, store);
  await stage.pass(20_000);
  assert.deepEqual(stage.socket.asked("post").map(({ body }) => body), ["one", "one", "two"]);
  assert.equal(session.log.window.length, 5);
});

test("slow mode that ends lets go what it held back", async () => {
  const { stage, store, session } = await setUp({ facts: { slow_mode: 3600 } });
  session.write("one");
  await accept(stage, store);
  session.write("two");
  assert.equal(stage.socket.asked("post").length, 1);
  store.facts = { ...store.facts, slow_mode: 0 };
  stage.socket.say(store.rename("General"));
  await stage.pass(1);
  assert.equal(stage.socket.asked("post").length, 2);
  assert.equal(session.writing.slowUntil(GENERAL), 0);
});

for (const who of [{ role: "moderator" }, { role: "owner" }, { moderates: true }]) {
  test(`nothing slows down who moderates: ${JSON.stringify(who)}`, async () => {
    const { stage, store, session } = await setUp({ facts: { slow_mode: 30 }, ...who });
    session.write("one");
    await accept(stage, store);
    session.write("two");
    assert.equal(stage.socket.asked("post").length, 2);
    assert.equal(session.writing.slowUntil(GENERAL), 0);
    assert.equal(session.mayModerate, true);
  });
}

test("refused words come back with the sentence, and the next post goes on", async () => {
  const { stage, session } = await setUp();
  const { nonce } = session.write("a bad word");
  const [{ id }] = stage.socket.asked("post");
  stage.socket.say({ type: "error", id, code: "refused_words", text: "Not welcome here." });
  await settled();
  assert.equal(session.outbox.get(nonce).state, "failed");
  assert.equal(session.outbox.get(nonce).sentence, "Not welcome here.");
});

test("a post that was discarded while it was refused does not come back", async () => {
  const { stage, session, outboxStore } = await setUp();
  const { nonce } = session.write("never mind");
  session.outbox.discard(nonce);
  const [{ id }] = stage.socket.asked("post");
  stage.socket.say({ type: "error", id, code: "muted", text: "You are muted." });
  await settled();
  assert.deepEqual(outboxStore.all(), []);
});

const outcome = (report) => ({
  ...{ report, room: GENERAL, message: 70_001, outcome: "redacted" },
  text: "Thank you. The message is gone.",
});

test("what became of a report is told once, and not again when it was heard", async () => {
  const { stage, store, session, rooms } = await setUp();
  stage.socket.say({ type: "outcome", outcome: outcome(4) });
  stage.socket.say({ type: "outcome", outcome: outcome(4) });
  assert.deepEqual(session.outcomes.all.map(({ report }) => report), [4]);
  session.outcomes.dismiss(4);
  assert.deepEqual(session.outcomes.all, []);
  assert.equal(stage.socket.asked("heard")[0].report, 4);
  await comeBack(stage, store, rooms, { outcomes: [outcome(4), outcome(6)] });
  assert.deepEqual(session.outcomes.all.map(({ report }) => report), [6]);
  assert.equal(stage.socket.asked("heard")[0].report, 4);
});

test("a ban from the site is told with its reason, and the page does not come back", async () => {
  const { stage, session } = await setUp();
  const words = [];
  session.connection.dismissed.on((word) => words.push(word));
  const notice = { type: "notice", code: "banned", text: "Banned.", reason: "Spam", until: null };
  stage.socket.say(notice);
  stage.socket.drop(4003);
  await stage.pass(120_000);
  assert.equal(stage.sockets.length, 1);
  assert.deepEqual(words, [{ action: "banned", text: "Banned.", notice }]);
});

test("any command can be asked for, and a refusal has its sentence", async () => {
  const { stage, session } = await setUp({ role: "moderator" });
  const muting = session.command("mute", { room: GENERAL, user: 9, minutes: 10 });
  const [asked] = stage.socket.asked("mute");
  assert.deepEqual(asked, { type: "mute", id: asked.id, room: GENERAL, user: 9, minutes: 10 });
  stage.socket.say({ type: "error", id: asked.id, code: "forbidden", text: "You may not." });
  await assert.rejects(muting, { code: "forbidden", text: "You may not." });
});
