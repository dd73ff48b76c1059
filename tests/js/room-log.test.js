/** The log of a room: state by revision, a window without a hole, nothing old comes back. */
import assert from "node:assert/strict";
import test from "node:test";
import { RoomLog } from "../../chat/static/chat/js/models/room-log.js";
import { bob, EPOCH, GENERAL, Store, storeWith, wang } from "./stage.js";

function logOf(store, options) {
  const log = new RoomLog(store.room, options);
  log.reset(store.snapshot, store.epoch);
  return log;
}

const seqs = (log) => log.window.map(({ seq }) => seq);
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

test("a log starts from a snapshot and knows its cursor", () => {
  const log = logOf(storeWith(120));
  assert.equal(log.cursor, `${EPOCH}:120`);
  assert.deepEqual(seqs(log), range(71, 120));
  assert.equal(log.attached, true);
  assert.equal(log.hasOlder, true);
});

test("a log without a snapshot has no cursor, and takes no changes", () => {
  const log = new RoomLog(GENERAL);
  assert.equal(log.cursor, null);
  assert.equal(log.apply(storeWith(1).changesSince(0)).verdict, "hole");
});

test("an empty room is loaded, and its first message joins it", () => {
  const store = new Store();
  const log = logOf(store);
  assert.deepEqual(seqs(log), []);
  assert.equal(log.apply(store.post(bob, "first")).verdict, "forward");
  assert.deepEqual(seqs(log), [1]);
});

test("what follows the cursor is taken, what lies behind it is dropped, a hole is seen", () => {
  const store = storeWith(3);
  const log = logOf(store);
  const fourth = store.post(bob, "four");
  const fifth = store.post(bob, "five");
  assert.equal(log.apply(fifth).verdict, "hole");
  assert.equal(log.revision, 3);
  assert.equal(log.apply(fourth).verdict, "forward");
  assert.equal(log.apply(fourth).verdict, "drop");
  assert.equal(log.apply(fifth).verdict, "forward");
  assert.deepEqual(seqs(log), [1, 2, 3, 4, 5]);
});

test("a frame that reaches back before the cursor is taken for what is new in it", () => {
  const store = storeWith(3);
  const log = logOf(store);
  store.post(bob, "four");
  const taken = log.apply(store.changesSince(1));
  assert.equal(taken.verdict, "forward");
  assert.equal(taken.fresh, 1);
  assert.deepEqual(seqs(log), [1, 2, 3, 4]);
});

test("the copy with the higher revision is kept, in whatever order they come", () => {
  const store = storeWith(3);
  const log = logOf(store);
  const before = store.messages[1];
  const redaction = store.redact(2);
  log.apply(redaction);
  log.apply({ ...redaction, since: 4, revision: 5, messages: [before] });
  assert.equal(log.get(2).redacted.by, "author");
  assert.equal(log.get(2).body, "");
});

test("new messages that were edited at once are put into their places", () => {
  const store = storeWith(2);
  const log = logOf(store);
  store.post(bob, "three");
  store.post(bob, "four");
  store.edit(3, "three, better");
  log.apply(store.changesSince(2));
  assert.deepEqual(log.window.map(({ body }) => body).slice(2), ["three, better", "four"]);
});

test("a resume in several frames joins the window when its messages are complete", () => {
  const store = storeWith(2);
  const log = logOf(store);
  store.post(bob, "three");
  store.post(bob, "four");
  store.edit(3, "three, better");
  log.apply(store.changesSince(2, 4));
  assert.deepEqual(seqs(log), [1, 2]);
  log.apply(store.changesSince(4));
  assert.deepEqual(seqs(log), [1, 2, 3, 4]);
});

test("facts of the room never go back", () => {
  const store = storeWith(1);
  const log = logOf(store);
  const old = store.facts;
  log.apply(store.rename("Lounge"));
  log.learnFacts(old);
  assert.equal(log.facts.name, "Lounge");
});

test("an older page joins above, to the very beginning", () => {
  const store = storeWith(80);
  const log = logOf(store);
  assert.equal(log.merge("before", store.page({ before: log.from }), log.ask()), "merged");
  assert.deepEqual(seqs(log), range(1, 80));
  assert.equal(log.hasOlder, false);
});

test("where old messages were purged the history ends, although seq 1 is not reached", () => {
  const store = storeWith(80);
  const log = logOf(store);
  const nothing = { messages: [], revision: 80, last_seq: 80 };
  assert.equal(log.merge("before", nothing, log.ask()), "merged");
  assert.equal(log.hasOlder, false);
});

test("a page that does not touch the window is not taken", () => {
  const store = storeWith(200);
  const log = logOf(store);
  assert.equal(log.merge("before", store.page({ before: 100 }), log.ask()), "dropped");
  assert.deepEqual(seqs(log), range(151, 200));
});

test("a page that was read before a redaction cannot bring the text back", () => {
  const store = storeWith(80);
  const log = logOf(store);
  const asked = log.ask();
  const page = store.page({ before: log.from });
  log.apply(store.redact(10, "moderator"));
  assert.equal(log.merge("before", page, asked), "merged");
  assert.equal(log.get(10).body, "");
  assert.equal(log.get(10).redacted.by, "moderator");
});

test("an edit that was seen while the message was out of the window is there when it comes in", () => {
  const store = storeWith(80);
  const log = logOf(store);
  const page = store.page({ before: log.from });
  log.apply(store.edit(10, "ten, better"));
  log.merge("before", page, log.ask());
  assert.equal(log.get(10).body, "ten, better");
});

test("a page newer than the cursor is taken as it is", () => {
  const store = storeWith(80);
  const log = logOf(store);
  const redaction = store.redact(10);
  log.merge("before", store.page({ before: log.from }), log.ask());
  assert.equal(log.get(10).body, "");
  assert.equal(log.apply(redaction).verdict, "forward");
});

test("when the memory of newer forms overflowed, an older page is read again", () => {
  const store = storeWith(100);
  const log = logOf(store, { remember: 3 });
  const asked = log.ask();
  const page = store.page({ before: log.from });
  for (const seq of [10, 11, 12, 13]) log.apply(store.redact(seq));
  assert.equal(log.merge("before", page, asked), "stale");
  assert.equal(log.get(10), undefined);
  assert.equal(log.merge("before", store.page({ before: log.from }), log.ask()), "merged");
  assert.equal(log.get(10).body, "");
});

test("a page that was asked for before a reset belongs to another life", () => {
  const store = storeWith(100);
  const log = logOf(store);
  const asked = log.ask();
  const page = store.page({ before: log.from });
  log.reset(store.snapshot, "e2");
  assert.equal(log.merge("before", page, asked), "dropped");
});

test("a reset forgets what the former store said, also what was remembered", () => {
  const store = storeWith(80);
  const log = logOf(store);
  log.apply(store.edit(10, "only in the lost store"));
  const restored = storeWith(70);
  log.reset(restored.snapshot, "e2");
  log.merge("before", restored.page({ before: log.from }), log.ask());
  assert.equal(log.cursor, "e2:70");
  assert.equal(log.get(10).body, "message 10");
});

test("around a message the window is replaced, and live messages are only counted", () => {
  const store = storeWith(300);
  const log = logOf(store);
  log.merge("around", store.page({ around: 100 }), log.ask());
  assert.equal(log.attached, false);
  const { fresh } = log.apply(store.post(bob, "news"));
  assert.equal(fresh, 1);
  assert.equal(log.lastSeq, 301);
  assert.ok(!seqs(log).includes(301));
});

test("newer pages lead back to the end, where live messages join again", () => {
  const store = storeWith(160);
  const log = logOf(store);
  log.merge("around", store.page({ around: 30 }), log.ask());
  log.apply(store.post(bob, "news"));
  while (log.hasNewer) log.merge("after", store.page({ after: log.to }), log.ask());
  assert.equal(log.to, 161);
  log.apply(store.post(wang, "more news"));
  assert.equal(log.to, 162);
  assert.deepEqual(seqs(log), range(log.from, 162));
});

test("a message that came while the last page was on its way is not lost at the seam", () => {
  const store = storeWith(100);
  const log = logOf(store);
  log.merge("around", store.page({ around: 30 }), log.ask());
  const asked = log.ask();
  const page = store.page({ after: log.to, limit: 100 });
  log.apply(store.post(bob, "at the seam"));
  log.merge("after", page, asked);
  assert.equal(log.attached, true);
  assert.equal(log.window.at(-1).body, "at the seam");
});

test("trimming the far end keeps the rest, and what was trimmed can be read again", () => {
  const store = storeWith(90);
  const log = logOf(store);
  log.merge("before", store.page({ before: log.from }), log.ask());
  assert.equal(log.trim("oldest", 40), 50);
  assert.deepEqual(seqs(log), range(51, 90));
  assert.equal(log.hasOlder, true);
  assert.equal(log.attached, true);
  log.merge("before", store.page({ before: log.from }), log.ask());
  assert.equal(log.from, 1);
});

test("trimming the newest end detaches the window", () => {
  const store = storeWith(90);
  const log = logOf(store);
  log.trim("newest", 20);
  assert.deepEqual(seqs(log), range(41, 60));
  assert.equal(log.hasNewer, true);
  log.apply(store.post(bob, "unseen"));
  assert.equal(log.to, 60);
});

test("a redacted message that was trimmed does not come back from an older page", () => {
  const store = storeWith(60);
  const log = logOf(store);
  const asked = log.ask();
  const page = store.page({ before: 31, limit: 30 });
  log.apply(store.redact(20));
  log.trim("oldest", 30);
  assert.equal(log.merge("before", page, asked), "merged");
  assert.equal(log.get(20).body, "");
});

test("the last own message with text is found for editing", () => {
  const store = storeWith(4);
  store.redact(3);
  const log = logOf(store);
  assert.equal(log.lastOf(bob.id).seq, 1);
  assert.equal(log.lastOf(99), null);
});

test("what the room removed is dropped at once, and no page brings it back", () => {
  const store = storeWith(120);
  const log = logOf(store);
  const asked = log.ask();
  const late = store.page({ before: 71, limit: 50 });
  store.facts = { ...store.facts, pruned_to_seq: 80 };
  log.apply({ ...store.post(bob, "121"), room_facts: { ...store.facts, revision: 121 } });
  assert.deepEqual(seqs(log), range(81, 121));
  assert.equal(log.hasOlder, false);
  log.merge("before", late, asked);
  assert.deepEqual(seqs(log), range(81, 121));
});

test("a window that is removed as a whole goes on with what is left below it", () => {
  const store = storeWith(300);
  const log = logOf(store);
  log.merge("around", store.page({ around: 60, limit: 20 }), log.ask());
  assert.equal(log.attached, false);
  log.learnFacts({ ...log.facts, revision: 301, pruned_to_seq: 200 });
  assert.deepEqual(seqs(log), []);
  assert.equal(log.hasNewer, true);
  assert.equal(log.merge("after", store.page({ after: log.to, limit: 50 }), log.ask()), "merged");
  assert.deepEqual(seqs(log), range(201, 250));
});
