/** One row of the timeline: a message in any state, stored or not yet. */
import { gettext, interpolate } from "../helpers/i18n.js";
import { icon, iconButton, make } from "../helpers/dom.js";
import { avatarOf } from "./avatar.js";
import { writeText } from "./message-text.js";

/** "stored" | "pending" | "sending" | "failed" | "redacted" */
export function stateOf(message) {
  return message.redacted ? "redacted" : (message.state ?? "stored");
}

/** Changes exactly when the row has to be drawn anew. */
function signatureOf({ message, continued }) {
  const { revision = 0, author } = message;
  return [revision, stateOf(message), continued, message.sentence, author.name].join("|");
}

export function makeRow() {
  return make("article.message", { tabindex: "-1" });
}

/** Draw the row, if what it shows has changed. An open edit box in it is left alone. */
export function drawRow(row, item, page) {
  const signature = signatureOf(item);
  row.message = item.message;
  if (row.signature === signature || row.editing) return;
  row.signature = signature;
  const { message, continued } = item;
  const state = stateOf(message);
  if (message.seq) row.id = `m${message.seq}`;
  Object.assign(row.dataset, { nonce: message.nonce, state });
  if (message.seq) Object.assign(row.dataset, { seq: message.seq, revision: message.revision });
  row.classList.toggle("continued", continued);
  row.classList.toggle("own", message.author.id === page.session.me.id);
  row.replaceChildren(
    ...[
      continued ? null : avatarOf(message.author),
      make("div.message-main", {}, head(message, page), body(message), foot(message, page)),
      more(message, row.getAttribute("tabindex")),
    ].filter(Boolean),
  );
}

function head({ author, created_at: at }, page) {
  const time = make("time", { datetime: at, title: page.times.full(at) }, page.times.time(at));
  const name = make("strong.message-author", { dir: "auto" }, author.name);
  return make("header.message-head", {}, name, " ", time);
}

function body(message) {
  const element = make("div.message-body", { dir: "auto" });
  if (message.redacted) {
    element.removeAttribute("dir");
    element.append(icon("eye-off"), make("span", {}, tombstoneText(message.redacted)));
  } else writeText(element, message.body);
  return element;
}

function tombstoneText({ by }) {
  if (by === "author") return gettext("The author took this message back.");
  return gettext("A moderator redacted this message.");
}

function foot(message, page) {
  const state = stateOf(message);
  if (state === "failed") return failure(message, page);
  if (state === "sending") {
    return make("p.message-foot", {}, icon("clock"), make("span", {}, gettext("Sending…")));
  }
  if (state !== "stored" || !message.edited_at) return null;
  const when = interpolate(gettext("Edited %(time)s"), { time: page.times.full(message.edited_at) });
  return make("p.message-foot.edited", { title: when }, gettext("edited"));
}

function failure(message, page) {
  const { outbox } = page.session;
  const act = (label, onclick) => make("button.link-button", { type: "button", onclick }, label);
  return make(
    "div.message-foot.failure",
    {},
    icon("circle-alert"),
    make("span", {}, message.sentence || gettext("This message was not sent.")),
    act(gettext("Try again"), () => outbox.retry(message.nonce)),
    act(gettext("Copy text"), () => page.copy(message.body)),
    act(gettext("Discard"), () => outbox.discard(message.nonce)),
  );
}

/** The way to everything that can be done with a message; tombstones and pending have none. */
function more(message, tabindex) {
  if (!message.seq || message.redacted) return null;
  const label = gettext("What to do with this message");
  const facts = { class: "message-more", tabindex, "aria-haspopup": "menu" };
  return iconButton("ellipsis", label, facts);
}
