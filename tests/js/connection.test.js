/** The line: it comes back by itself, at the right moment, and knows when it is dead. */
import assert from "node:assert/strict";
import test from "node:test";
import { Connection } from "../../chat/static/chat/js/models/connection.js";
import { delayBefore } from "../../chat/static/chat/js/models/backoff.js";
import { settled, Stage } from "./stage.js";

function setUp({ live = true } = {}) {
  const stage = new Stage();
  const line = new Connection("ws://example.org/socket/", stage.io);
  const frames = [];
  const words = [];
  const states = [];
  line.received.on((frame) => frames.push(frame));
  line.dismissed.on((word) => words.push(word));
  line.changedState.on((state) => states.push(state));
  line.start();
  if (live) stage.socket.welcome();
  return { stage, line, frames, words, states };
}

const code = (wanted) => (refusal) => refusal.code === wanted;

test("it opens one socket under chat.v1 and is live with the welcome", () => {
  const { stage, line } = setUp({ live: false });
  assert.equal(stage.sockets.length, 1);
  assert.equal(stage.socket.protocol, "chat.v1");
  assert.equal(line.state, "connecting");
  stage.socket.welcome();
  assert.equal(line.state, "live");
});

test("a command gets the reply with its id, whatever comes between", async () => {
  const { stage, line, frames } = setUp();
  const first = line.command({ type: "read", room: 1, seq: 2 });
  const second = line.command({ type: "ping" });
  const [read, ping] = stage.socket.sent;
  stage.socket.say({ type: "unread", room: 9, last_seq: 3 });
  stage.socket.say({ type: "ok", id: ping.id });
  stage.socket.say({ type: "error", id: read.id, code: "busy", text: "Busy.", retry_after: 2 });
  assert.equal((await second).type, "ok");
  await assert.rejects(first, { code: "busy", text: "Busy.", retryAfter: 2 });
  assert.deepEqual(frames.map(({ type }) => type), ["welcome", "unread"]);
});

test("a command without a line is lost at once; one in flight when the line goes, then", async () => {
  const { stage, line } = setUp();
  const flying = line.command({ type: "ping" });
  stage.socket.drop();
  await assert.rejects(flying, code("lost"));
  await assert.rejects(line.command({ type: "ping" }), code("lost"));
});

test("after a loss it tries again within two seconds", async () => {
  const { stage, line } = setUp();
  stage.chance = 0.999;
  stage.socket.drop();
  assert.equal(line.state, "reconnecting");
  await stage.pass(2_000);
  assert.equal(stage.sockets.length, 2);
});

test("each failure may wait longer, never more than 30 s", async () => {
  const { stage } = setUp();
  stage.chance = 1;
  const waits = [];
  for (let n = 0; n < 8; n += 1) {
    stage.socket.drop();
    const [before, count] = [stage.now, stage.sockets.length];
    while (stage.sockets.length === count) await stage.pass(500);
    waits.push(stage.now - before);
  }
  assert.deepEqual(waits, [2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000]);
});

test("the jitter is full: a crowd spreads over the whole wait", () => {
  assert.equal(delayBefore(3, 0), 0);
  assert.equal(delayBefore(3, 0.5), 8_000);
  assert.equal(delayBefore(50, 1), 30_000);
});

test("a line that stood for a while starts its waits anew", async () => {
  const { stage } = setUp();
  stage.chance = 1;
  for (let n = 0; n < 4; n += 1) {
    stage.socket.drop();
    await stage.pass(30_000);
  }
  stage.socket.welcome();
  await stage.pass(10_000);
  stage.socket.drop();
  const count = stage.sockets.length;
  await stage.pass(2_000);
  assert.equal(stage.sockets.length, count + 1);
});

test("a server that restarts says when to return, and is not asked before", async () => {
  const { stage } = setUp();
  stage.socket.say({ type: "notice", code: "restart", text: "Restarting.", retry_after: 5 });
  stage.socket.drop(4012);
  await stage.pass(4_999);
  assert.equal(stage.sockets.length, 1);
  await stage.pass(2_501);
  assert.equal(stage.sockets.length, 2);
});

test("too fast: it waits as long as it is told", async () => {
  const { stage } = setUp();
  stage.socket.say({ type: "notice", code: "too_fast", text: "Slowly.", retry_after: 10 });
  stage.socket.drop(4029);
  await stage.pass(9_999);
  assert.equal(stage.sockets.length, 1);
  await stage.pass(2_000);
  assert.equal(stage.sockets.length, 2);
});

test("too slow: it comes back as after any loss", async () => {
  const { stage } = setUp();
  stage.socket.drop(4008);
  await stage.pass(2_000);
  assert.equal(stage.sockets.length, 2);
});

for (const [closing, action] of [
  [4001, "sign_in"],
  [4003, "banned"],
  [4004, "gone"],
  [4100, "reload"],
]) {
  test(`close code ${closing} means ${action}: it does not come back by itself`, async () => {
    const { stage, line, words } = setUp();
    const notice = { type: "notice", code: "banned", text: "Banned until Monday." };
    stage.socket.say(notice);
    stage.socket.drop(closing);
    await stage.pass(120_000);
    assert.equal(stage.sockets.length, 1);
    assert.equal(line.state, "stopped");
    assert.deepEqual(words, [{ action, text: "Banned until Monday.", notice }]);
    line.online();
    line.wake();
    assert.equal(stage.sockets.length, 1);
  });
}

test("the browser says online: no waiting for the timer", async () => {
  const { stage, line } = setUp();
  stage.isOnlineNow = false;
  stage.socket.drop();
  assert.equal(line.state, "offline");
  stage.isOnlineNow = true;
  line.online();
  assert.equal(stage.sockets.length, 2);
  stage.socket.welcome();
  assert.equal(line.state, "live");
  await stage.pass(40_000);
  assert.equal(stage.sockets.length, 2);
});

test("waking asks for a sign of life at once, and keeps a line that gives one", async () => {
  const { stage, line } = setUp();
  line.wake();
  const [ping] = stage.socket.asked("ping");
  stage.socket.say({ type: "ok", id: ping.id });
  await stage.pass(11_000);
  assert.equal(stage.sockets.length, 1);
});

test("a line that does not answer within ten seconds of waking is given up", async () => {
  const { stage, line } = setUp();
  line.wake();
  await stage.pass(9_999);
  assert.equal(line.state, "live");
  await stage.pass(1);
  assert.equal(line.state, "reconnecting");
  assert.equal(stage.sockets[0].isClosed, true);
  await stage.pass(2_000);
  assert.equal(stage.sockets.length, 2);
});

test("silence beyond the ping's time is noticed without anybody waking", async () => {
  const { stage, line } = setUp();
  await stage.pass(34_999);
  assert.equal(stage.socket.asked("ping").length, 0);
  await stage.pass(1);
  assert.equal(stage.socket.asked("ping").length, 1);
  await stage.pass(10_000);
  assert.equal(line.state, "reconnecting");
});

test("a server that pings is not doubted", async () => {
  const { stage, line } = setUp();
  for (let n = 0; n < 10; n += 1) {
    await stage.pass(25_000);
    stage.socket.say({ type: "ping", heads: {} });
  }
  assert.equal(line.state, "live");
  assert.equal(stage.sockets.length, 1);
});

test("a socket that opens but never welcomes is given up", async () => {
  const { stage } = setUp({ live: false });
  await stage.pass(10_000);
  assert.equal(stage.sockets[0].isClosed, true);
  await stage.pass(2_000);
  assert.equal(stage.sockets.length, 2);
});

test("a socket that was given up cannot speak any more", async () => {
  const { stage, line, frames } = setUp();
  const old = stage.socket;
  const { onmessage, onclose } = old;
  line.refresh();
  await stage.pass(2_000);
  onmessage({ data: JSON.stringify({ type: "unread", room: 1, last_seq: 1 }) });
  onclose({ code: 4001, reason: "" });
  assert.deepEqual(frames.map(({ type }) => type), ["welcome"]);
  assert.notEqual(line.state, "stopped");
});

test("the line that comes up for the first time was connecting, not reconnecting", async () => {
  const { stage, states } = setUp({ live: false });
  stage.socket.drop();
  await stage.pass(2_000);
  stage.socket.welcome();
  await settled();
  assert.deepEqual(states, ["live"]);
});

test("the browser says offline: a line that gives no sign of life is given up soon", async () => {
  const { stage, line } = setUp();
  stage.isOnlineNow = false;
  line.offline();
  assert.equal(line.state, "live");
  await stage.pass(2_500);
  assert.equal(line.state, "offline");
});
