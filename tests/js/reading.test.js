/** Grouping, unread, the list of rooms, drafts, places, status, keys of input methods. */
import assert from "node:assert/strict";
import test from "node:test";
import { arrange } from "../../chat/static/chat/js/models/grouping.js";
import { belongsToInputMethod, watchComposition } from "../../chat/static/chat/js/helpers/composing.js";
import { Drafts } from "../../chat/static/chat/js/models/drafts.js";
import { findRooms, RoomList } from "../../chat/static/chat/js/models/room-list.js";
import { Places } from "../../chat/static/chat/js/models/places.js";
import { Status } from "../../chat/static/chat/js/models/status.js";
import { titleWith, unreadCount } from "../../chat/static/chat/js/models/unread.js";
import { bob, Stage, wang } from "./stage.js";

const dayOf = (at) => at.slice(0, 10);
const said = (seq, author, at) => ({ seq, author, created_at: `2026-11-${at}Z`, nonce: `n${seq}` });
const shape = (items) =>
  items.map((item) => (item.kind === "message" ? `${item.message.seq}${item.continued ? "+" : ""}` : item.kind));

test("messages of one author within five minutes stand under one name", () => {
  const items = arrange(
    [
      said(1, bob, "20T10:00:00"),
      said(2, bob, "20T10:05:00"),
      said(3, bob, "20T10:10:01"),
      said(4, wang, "20T10:10:02"),
      said(5, bob, "20T10:10:03"),
    ],
    { dayOf },
  );
  assert.deepEqual(shape(items), ["day", "1", "2+", "3", "4", "5"]);
});

test("a new day has its line and starts a new group", () => {
  const items = arrange([said(1, bob, "20T23:59:00"), said(2, bob, "21T00:01:00")], { dayOf });
  assert.deepEqual(shape(items), ["day", "1", "day", "2"]);
});

test("the divider stands before the first unread, and breaks the group", () => {
  const messages = [said(1, bob, "20T10:00:00"), said(2, bob, "20T10:00:01")];
  assert.deepEqual(shape(arrange(messages, { dayOf, firstUnread: 2 })), ["day", "1", "unread", "2"]);
  assert.deepEqual(shape(arrange(messages, { dayOf, firstUnread: 1 })), ["day", "unread", "1", "2+"]);
  assert.deepEqual(shape(arrange(messages, { dayOf, firstUnread: 3 })), ["day", "1", "2+"]);
});

test("a pending message groups with what it follows", () => {
  const pending = { nonce: "abc", author: bob, created_at: "2026-11-20T10:00:05Z" };
  const items = arrange([said(1, bob, "20T10:00:00"), pending], { dayOf });
  assert.equal(items.at(-1).key, "nabc");
  assert.equal(items.at(-1).continued, true);
});

test("every item has a key of its own, even when a clock went back over midnight", () => {
  const items = arrange(
    [said(1, bob, "20T23:00:00"), said(2, bob, "21T00:00:01"), said(3, wang, "20T23:59:59")],
    { dayOf },
  );
  assert.equal(new Set(items.map(({ key }) => key)).size, items.length);
});

const entryOf = (id, name, more = {}) => ({
  facts: { id, name, kind: "open", archived: false, revision: 1, topic: "", members: 1, ...more.facts },
  role: "member",
  last_seq: more.last_seq ?? 0,
  last_read_seq: more.last_read_seq ?? 0,
});

test("unread is a subtraction and never negative", () => {
  assert.equal(unreadCount({ last_seq: 10, last_read_seq: 7 }), 3);
  assert.equal(unreadCount({ last_seq: 7, last_read_seq: 9 }), 0);
});

test("the title says how much is unread", () => {
  assert.equal(titleWith(0, "General", "Chat"), "General · Chat");
  assert.equal(titleWith(3, "General", "Chat"), "(3) General · Chat");
  assert.equal(titleWith(12_000, "", "Chat"), "(999+) Chat");
});

test("rooms stand by name as people count, archived ones last", () => {
  const rooms = new RoomList("en");
  rooms.replace([
    entryOf(1, "project 10"),
    entryOf(2, "Project 2"),
    entryOf(3, "Attic", { facts: { archived: true } }),
    entryOf(4, "bar"),
  ]);
  assert.deepEqual(rooms.sorted.map(({ facts }) => facts.id), [4, 2, 1, 3]);
});

test("a list of rooms that is behind takes back neither reading nor growth", () => {
  const rooms = new RoomList("en");
  rooms.replace([entryOf(1, "a", { last_seq: 5, last_read_seq: 2 })]);
  rooms.grow(1, 9);
  rooms.read(1, 8);
  rooms.replace([entryOf(1, "a", { last_seq: 7, last_read_seq: 3 })]);
  assert.equal(unreadCount(rooms.get(1)), 1);
});

test("a room that is no longer mine is gone from the list", () => {
  const rooms = new RoomList("en");
  rooms.replace([entryOf(1, "a"), entryOf(2, "b")]);
  rooms.replace([entryOf(2, "b")]);
  assert.deepEqual(rooms.sorted.map(({ facts }) => facts.id), [2]);
});

test("a room is found by any part of its name, full width or not, the best first", () => {
  const entries = [entryOf(1, "Old General"), entryOf(2, "General"), entryOf(3, "中文聊天室")];
  assert.deepEqual(findRooms(entries, "gen").map(({ facts }) => facts.id), [2, 1]);
  assert.deepEqual(findRooms(entries, "聊天").map(({ facts }) => facts.id), [3]);
  assert.deepEqual(findRooms(entries, "ＧＥＮ old").map(({ facts }) => facts.id), [1]);
  assert.equal(findRooms(entries, "").length, 3);
});

class Memory {
  items = new Map();
  getItem = (key) => this.items.get(key) ?? null;
  setItem = (key, value) => this.items.set(key, value);
}

test("a draft belongs to its room and its person, and outlives the page", () => {
  const store = new Memory();
  new Drafts(store, 1).set(7, "unfinished");
  assert.equal(new Drafts(store, 1).get(7), "unfinished");
  assert.equal(new Drafts(store, 2).get(7), "");
  assert.equal(new Drafts(store, 1).get(8), "");
  assert.deepEqual([...new Drafts(store, 1).rooms], [7]);
  new Drafts(store, 1).set(7, "");
  assert.equal(new Drafts(store, 1).rooms.has(7), false);
});

test("a storage that is broken or full stops nobody from writing", (context) => {
  context.mock.method(console, "warn", () => {});
  const broken = { getItem: () => "{nonsense", setItem: () => { throw new Error("full"); } };
  const drafts = new Drafts(broken, 1);
  drafts.set(7, "x");
  assert.equal(drafts.get(7), "");
  new Places(broken).keep(7, { seq: 1, offset: 0 });
});

test("the place in a room is remembered until the reader goes to the end", () => {
  const store = new Memory();
  new Places(store).keep(7, { seq: 30, offset: -12 });
  const places = new Places(store);
  assert.deepEqual(places.of(7), { seq: 30, offset: -12 });
  places.keep(7, null);
  assert.equal(new Places(store).of(7), null);
});

test("a short loss is not worth a word; a long one is", async () => {
  const stage = new Stage();
  const status = new Status(stage.io);
  status.line("live");
  status.line("reconnecting");
  await stage.pass(2_000);
  assert.equal(status.shown, "live");
  status.line("live");
  await stage.pass(5_000);
  assert.equal(status.shown, "live");
  status.line("reconnecting");
  await stage.pass(3_000);
  assert.equal(status.shown, "reconnecting");
});

test("offline is said at once", () => {
  const status = new Status(new Stage().io);
  status.line("live");
  status.line("offline");
  assert.equal(status.shown, "offline");
});

test("a filled gap is told for a while, an empty one not at all", async () => {
  const stage = new Stage();
  const status = new Status(stage.io);
  status.gap(0);
  assert.equal(status.filled, 0);
  status.gap(3);
  assert.equal(status.filled, 3);
  await stage.pass(6_000);
  assert.equal(status.filled, 0);
});

test("Enter belongs to the input method while it composes", () => {
  const field = new EventTarget();
  const enter = { key: "Enter", keyCode: 13, isComposing: false, timeStamp: 100, target: field };
  assert.equal(belongsToInputMethod({ ...enter, isComposing: true }, false), true);
  assert.equal(belongsToInputMethod({ ...enter, keyCode: 229 }, false), true);
  assert.equal(belongsToInputMethod(enter, false), false);
  assert.equal(belongsToInputMethod(enter, true), false);
});

test("Safari's Enter that comes just after the composition ended belongs to it too", () => {
  const field = new EventTarget();
  watchComposition(field);
  const ended = new Event("compositionend");
  field.dispatchEvent(ended);
  const enter = { key: "Enter", keyCode: 13, isComposing: false, target: field };
  const after = (ms) => ({ ...enter, timeStamp: ended.timeStamp + ms });
  assert.equal(belongsToInputMethod(after(10), true), true);
  assert.equal(belongsToInputMethod(after(500), true), false);
  assert.equal(belongsToInputMethod(after(10), false), false);
});
