/** One row of the timeline: a message in any state, stored or not yet. */
import { gettext, interpolate } from "../helpers/i18n.js";
import { icon, iconButton, make } from "../helpers/dom.js";
import { avatarOf } from "./avatar.js";
import { writeText } from "./message-text.js";

/** "stored" | "pending" | "sending" | "failed" | "held" | "rejected" | "redacted" */
export function stateOf(message) {
  return message.redacted ? "redacted" : (message.state ?? "stored");
}

/** An empty row. Its parts stay the same nodes for life, so that nothing is read out twice. */
export function makeRow() {
  const row = make("article.message", { tabindex: "-1" });
  const label = gettext("What to do with this message");
  const parts = {
    avatar: make("div.message-avatar"),
    name: make("strong.message-author", { dir: "auto" }),
    time: make("time"),
    body: make("div.message-body"),
    foot: make("div.message-foot", { hidden: true }),
    more: iconButton("ellipsis", label, { class: "message-more", "aria-haspopup": "menu", tabindex: "-1" }),
  };
  const head = make("header.message-head", {}, parts.name, " ", parts.time);
  row.append(parts.avatar, make("div.message-main", {}, head, parts.body, parts.foot), parts.more);
  row.parts = parts;
  row.drawn = {};
  return row;
}

/** Draw what has changed since the row was drawn last. */
export function drawRow(row, { message, continued }, page) {
  // The log hands out the same object until a message changes.
  if (message.seq && row.message === message && row.continued === continued) return;
  Object.assign(row, { message, continued });
  const state = stateOf(message);
  if (message.seq) row.id = `m${message.seq}`;
  Object.assign(row.dataset, { nonce: message.nonce, state });
  if (message.seq) Object.assign(row.dataset, { seq: message.seq, revision: message.revision });
  row.classList.toggle("continued", continued);
  // With what is not stored yet, and what its author took back, nothing can be done here. What
  // a moderator redacted can be restored by those who lead the room; others see no button.
  row.parts.more.hidden = !message.seq || message.redacted?.by === "author";
  drawHead(row, message, continued, page);
  if (changed(row, "body", [message.body, message.redacted?.by])) drawBody(row.parts.body, message);
  const footSigns = [state, message.edited_at, message.pinned_at, message.sentence, message.isSlowed];
  if (changed(row, "foot", footSigns)) drawFoot(row.parts.foot, message, page);
}

function changed(row, part, signs) {
  const signature = JSON.stringify(signs);
  if (row.drawn[part] === signature) return false;
  row.drawn[part] = signature;
  return true;
}

function drawHead(row, { author, created_at: at }, continued, page) {
  const { avatar, name, time } = row.parts;
  if (changed(row, "avatar", [continued, author.hue, author.picture, author.name])) {
    avatar.replaceChildren(...(continued ? [] : [avatarOf(author)]));
  }
  if (changed(row, "name", [author.name])) name.textContent = author.name;
  if (!changed(row, "time", [at])) return;
  time.dateTime = at;
  time.title = page.times.full(at);
  const shown = page.times.time(at);
  if (time.textContent !== shown) time.textContent = shown;
}

function drawBody(element, message) {
  if (message.redacted) {
    element.removeAttribute("dir");
    element.classList.remove("few-emoji");
    const text = make("span", {}, tombstoneText(message.redacted));
    return element.replaceChildren(icon("eye-off"), text);
  }
  element.dir = "auto";
  return writeText(element, message.body);
}

function drawFoot(element, message, page) {
  const state = stateOf(message);
  const nodes = footOf(state, message, page);
  element.hidden = nodes.length === 0;
  element.classList.toggle("failure", state === "failed" || state === "rejected");
  element.replaceChildren(...nodes);
}

function footOf(state, message, page) {
  if (state === "failed") return failure(message, page);
  if (state === "held") return [icon("hourglass"), make("span", {}, gettext("Waiting for approval by a moderator"))];
  if (state === "rejected") return rejection(message, page);
  if (message.isSlowed) return [icon("timer"), make("span", {}, gettext("Slow mode: it is sent by itself"))];
  if (state === "sending") return [icon("clock"), make("span", {}, gettext("Sending…"))];
  if (state !== "stored") return [];
  return [pinnedMark(message, page), editedMark(message, page)].filter(Boolean);
}

function pinnedMark({ pinned_at: at }, page) {
  if (!at) return null;
  const when = interpolate(gettext("Pinned %(time)s"), { time: page.times.full(at) });
  return make("span.pinned", { title: when }, icon("pin"), gettext("pinned"));
}

function editedMark({ edited_at: at }, page) {
  if (!at) return null;
  const when = interpolate(gettext("Edited %(time)s"), { time: page.times.full(at) });
  return make("span.edited", { title: when }, gettext("edited"));
}

function tombstoneText({ by }) {
  if (by === "author") return gettext("The author took this message back.");
  return gettext("A moderator redacted this message.");
}

const act = (label, onclick) => make("button.link-button", { type: "button", onclick }, label);

/** The mark stays with the first word, however narrow the window is. */
const mishap = (sentence) => make("span.mishap", { dir: "auto" }, icon("circle-alert"), " ", sentence);

function failure(message, page) {
  const { outbox } = page.session;
  const rewrite = () => {
    outbox.discard(message.nonce);
    page.composer.takeBack(message.body);
  };
  return [
    mishap(message.sentence || gettext("This message was not sent.")),
    act(gettext("Try again"), () => outbox.retry(message.nonce)),
    act(gettext("Edit"), rewrite),
    act(gettext("Copy text"), () => page.copy(message.body)),
    act(gettext("Discard"), () => outbox.discard(message.nonce)),
  ];
}

/** A moderator did not let it in; its author reads why, and may go on from the text. */
function rejection(message, page) {
  const { held, room, reason } = message;
  const why = interpolate(gettext("Reason: %(reason)s"), { reason });
  const dismiss = async () => {
    await page.session.writing.hear(room, held);
    page.focusComposer();
  };
  return [
    mishap(gettext("A moderator did not approve this message.")),
    reason && make("span.rejection-reason", { dir: "auto" }, why),
    act(gettext("Copy text"), () => page.copy(message.body)),
    act(gettext("Dismiss"), () => page.tried(dismiss())),
  ].filter(Boolean);
}
