/** What those who lead a room know: pins, sanctions, terms, and what a muted person will read. */
import assert from "node:assert/strict";
import test from "node:test";
import { localValue, termOf, TERMS, whatTheyRead } from "../../chat/static/chat/js/helpers/terms.js";
import { Moderation } from "../../chat/static/chat/js/models/moderation.js";
import { Pins } from "../../chat/static/chat/js/models/pins.js";
import { RoomSanctions } from "../../chat/static/chat/js/models/room-sanctions.js";
import { Signal } from "../../chat/static/chat/js/models/signal.js";
import { ada, bob, GENERAL, settled, wang } from "./stage.js";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const later = (minutes) => new Date(NOW + minutes * 60_000).toISOString();

const message = (id, revision, more = {}) => ({ id, seq: id, room: GENERAL, revision, pinned_at: null, redacted: null, ...more });
const pinned = (id, revision, at = revision) => message(id, revision, { pinned_at: later(at) });
const ids = (pins) => pins.list.map(({ id }) => id);

/** A server that answers when it is told to. */
function heldBack() {
  const asked = [];
  const fetch = (room) => new Promise((resolve, reject) => asked.push({ room, resolve, reject }));
  return { asked, fetch };
}

test("what was pinned last comes first, and is pinned no longer once it is redacted", async () => {
  const pins = new Pins(async () => ({ messages: [pinned(1, 5), pinned(2, 9)], revision: 9 }));
  await pins.load(GENERAL);
  assert.deepEqual(ids(pins), [2, 1]);
  pins.take(GENERAL, [pinned(3, 10), message(1, 11)]);
  assert.deepEqual(ids(pins), [3, 2]);
  pins.take(GENERAL, [{ ...pinned(3, 12), redacted: { at: later(12), by: "author" } }]);
  assert.deepEqual(ids(pins), [2]);
});

test("an older copy of a message neither pins nor unpins it", async () => {
  const pins = new Pins(async () => ({ messages: [pinned(1, 8)], revision: 8 }));
  await pins.load(GENERAL);
  pins.take(GENERAL, [message(1, 7)]);
  assert.deepEqual(ids(pins), [1]);
  pins.take(GENERAL, [message(1, 9), pinned(1, 8)]);
  assert.deepEqual(ids(pins), []);
});

test("what is unpinned while the list is under way is not brought back by it", async () => {
  const { asked, fetch } = heldBack();
  const pins = new Pins(fetch);
  const loaded = pins.load(GENERAL);
  pins.take(GENERAL, [message(1, 11), pinned(2, 12)]);
  asked[0].resolve({ messages: [pinned(1, 5)], revision: 10 });
  await loaded;
  assert.deepEqual(ids(pins), [2]);
});

test("what the list lacks was unpinned while nobody looked", async () => {
  const answers = [
    { messages: [pinned(1, 5), pinned(2, 6)], revision: 6 },
    { messages: [pinned(2, 6)], revision: 9 },
  ];
  const pins = new Pins(async () => answers.shift());
  await pins.load(GENERAL);
  await pins.load(GENERAL);
  assert.deepEqual(ids(pins), [2]);
});

test("the list of a room that was left meanwhile is thrown away", async () => {
  const { asked, fetch } = heldBack();
  const pins = new Pins(fetch);
  const first = pins.load(GENERAL);
  const second = pins.load(8);
  asked[1].resolve({ messages: [], revision: 1 });
  asked[0].resolve({ messages: [pinned(1, 5)], revision: 5 });
  await Promise.all([first, second]);
  assert.deepEqual(ids(pins), []);
  pins.take(GENERAL, [pinned(3, 6)]);
  assert.deepEqual(ids(pins), []);
});

test("a refused list leaves what is known, and a fault of ours is not swallowed", async () => {
  let fault = { code: "lost", text: "" };
  const pins = new Pins(async () => {
    throw fault;
  });
  await pins.load(GENERAL);
  pins.take(GENERAL, [pinned(1, 5)]);
  await pins.load(GENERAL);
  assert.deepEqual(ids(pins), [1]);
  fault = new TypeError("ours");
  await assert.rejects(pins.load(GENERAL), TypeError);
});

const muted = { id: 1, kind: "mute", person: bob, until: later(10), reason: "Loud." };
const banned = { id: 2, kind: "ban", person: wang, until: null, reason: "" };

test("a sanction counts while it bites, by the clock", async () => {
  let now = NOW;
  const answer = { sanctions: [muted, banned], above: [ada.id], evidence_days: 7 };
  const sanctions = new RoomSanctions(async () => answer, () => now);
  await sanctions.load(GENERAL, ada.id);
  assert.equal(sanctions.of(bob.id, "mute"), muted);
  assert.equal(sanctions.of(bob.id, "ban"), undefined);
  now += 11 * 60_000;
  assert.deepEqual(sanctions.list, [banned]);
});

test("one may not lay hands on oneself, before and after the server has said on whom else", async () => {
  const { asked, fetch } = heldBack();
  const sanctions = new RoomSanctions(fetch, () => NOW);
  const loaded = sanctions.load(GENERAL, ada.id);
  assert.equal(sanctions.mayTouch(ada.id), false);
  assert.equal(sanctions.mayTouch(wang.id), true);
  asked[0].resolve({ sanctions: [], above: [ada.id, wang.id], evidence_days: 7 });
  await loaded;
  assert.equal(sanctions.mayTouch(wang.id), false);
  assert.equal(sanctions.mayTouch(bob.id), true);
});

test("a redaction can be undone while its text is kept, if a moderator made it", async () => {
  const answer = { sanctions: [], above: [], evidence_days: 7 };
  const sanctions = new RoomSanctions(async () => answer, () => NOW);
  const redacted = (by, days) => ({ redacted: { by, at: later(-days * 1440) } });
  assert.equal(sanctions.mayRestore(redacted("moderator", 1)), false);
  await sanctions.load(GENERAL, ada.id);
  assert.equal(sanctions.mayRestore(redacted("moderator", 6.9)), true);
  assert.equal(sanctions.mayRestore(redacted("moderator", 7.1)), false);
  assert.equal(sanctions.mayRestore(redacted("author", 0)), false);
  assert.equal(sanctions.mayRestore({ redacted: null }), false);
});

/** As much of a session as moderation listens to. */
function sessionOf(room, mayModerate) {
  const names = ["opened", "barred", "advanced", "changedStanding"];
  const signals = Object.fromEntries(names.map((name) => [name, new Signal()]));
  return { room, mayModerate, bar: "", me: ada, ...signals };
}

test("only who leads a room asks for its sanctions; a new role asks at once", async () => {
  const asked = { pins: [], sanctions: [] };
  const session = sessionOf(GENERAL, false);
  const moderation = new Moderation(session, {
    fetchPins: async (room) => asked.pins.push(room) && { messages: [], revision: 0 },
    fetchSanctions: async (room) => asked.sanctions.push(room) && { sanctions: [banned], above: [], evidence_days: 7 },
  });
  await settled();
  assert.deepEqual(asked, { pins: [GENERAL], sanctions: [] });
  session.mayModerate = true;
  session.changedStanding.emit();
  session.changedStanding.emit();
  await settled();
  assert.deepEqual(asked.sanctions, [GENERAL]);
  assert.equal(moderation.sanctions.list.length, 1);
  session.mayModerate = false;
  session.changedStanding.emit();
  assert.equal(moderation.sanctions.list.length, 0);
});

test("another room, another list; a room that is lost has none", async () => {
  const session = sessionOf(GENERAL, true);
  const moderation = new Moderation(session, {
    fetchPins: async (room) => ({ messages: [pinned(room, 1)], revision: 1 }),
    fetchSanctions: async () => ({ sanctions: [banned], above: [], evidence_days: 7 }),
  });
  await settled();
  session.room = 8;
  session.opened.emit(8);
  assert.deepEqual(ids(moderation.pins), []);
  await settled();
  assert.deepEqual(ids(moderation.pins), [8]);
  // A room that one only reads has nothing left of the one that one led.
  session.mayModerate = false;
  session.room = 9;
  session.opened.emit(9);
  assert.deepEqual(moderation.sanctions.list, []);
  session.mayModerate = true;
  session.changedStanding.emit();
  await settled();
  assert.equal(moderation.sanctions.list.length, 1);
  session.bar = "gone";
  session.barred.emit(9, "gone");
  assert.deepEqual(ids(moderation.pins), []);
  assert.deepEqual(moderation.sanctions.list, []);
  await moderation.refresh();
  assert.deepEqual(moderation.sanctions.list, []);
});

test("terms are minutes, for ever, or until a date that is still to come", () => {
  assert.equal(TERMS().length, 6);
  assert.deepEqual(termOf("60", "", NOW), { minutes: 60 });
  assert.deepEqual(termOf("ever", "", NOW), { minutes: null });
  assert.deepEqual(termOf("until", localValue(NOW + 90 * 60_000), NOW), { minutes: 90 });
  for (const date of ["", "nonsense", localValue(NOW), localValue(NOW - 60_000)]) {
    assert.equal(termOf("until", date, NOW), null, date);
  }
});

test("the preview is the sentence that the person reads", () => {
  assert.equal(
    whatTheyRead("mute", "10 minutes", "Loud."),
    "You cannot write in this room, for another 10 minutes. Reason: Loud.",
  );
  assert.equal(whatTheyRead("ban", null, ""), "You are banned from this room, for ever.");
  assert.equal(whatTheyRead("kick", null, ""), "You were sent out of this room; you may return.");
  // What somebody writes is not taken for a place to fill in.
  assert.match(whatTheyRead("ban", null, "%(left)s"), /Reason: %\(left\)s$/);
});
