/** One held post in the moderators' queue: what it says, why it waits, approve and reject. */
import { gettext } from "../helpers/i18n.js";
import { icon, make } from "../helpers/dom.js";
import { avatarOf } from "./avatar.js";
import { lineField } from "./form-dialog.js";
import { writeText } from "./message-text.js";

const CAUSES = {
  guest: () => gettext("posted by a guest"),
  newcomer: () => gettext("posted by a newcomer"),
  room: () => gettext("everything waits here at the moment"),
  words: () => gettext("a word rule holds it"),
};

/**
 * @param {object} post as the wire has it
 * @param {{approve: (post) => void, reject: (post, reason: string) => void}} decide
 */
export function heldPost(post, decide, page) {
  const time = make("time", { datetime: post.created_at, title: page.times.full(post.created_at) });
  time.textContent = page.times.moment(post.created_at);
  const body = make("div.message-body", { dir: "auto" });
  writeText(body, post.body);
  const name = make("strong.message-author", { dir: "auto" }, post.author.name);
  const approve = button("check", gettext("Approve"), "A", () => decide.approve(post));
  const reject = button("x", gettext("Reject…"), "R", () => ask());
  const form = rejection((reason) => decide.reject(post, reason), () => close());
  const row = make(
    "article.held-post",
    { tabindex: "-1", "data-held": post.id },
    avatarOf(post.author),
    make(
      "div.held-main",
      {},
      make("header.message-head", {}, name, " ", time),
      body,
      make("p.held-cause", {}, CAUSES[post.cause]()),
      make("div.actions", {}, approve, reject),
      form,
    ),
  );
  const ask = () => {
    form.hidden = false;
    form.elements.reason.focus();
  };
  const close = () => {
    form.hidden = true;
    row.focus();
  };
  row.addEventListener("keydown", (event) => {
    if (event.target !== row || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = { a: () => decide.approve(post), r: ask }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  return row;
}

function button(name, label, key, onclick) {
  const facts = { type: "button", onclick, "aria-keyshortcuts": key };
  return make("button.button", facts, icon(name), make("span", {}, label));
}

function rejection(reject, cancel) {
  const { field, input } = lineField("reason", gettext("Reason"), gettext("Its author reads it."));
  const onsubmit = (event) => {
    event.preventDefault();
    reject(input.value.trim());
  };
  const onkeydown = (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    cancel();
  };
  return make(
    "form.form.rejection",
    { hidden: true, onsubmit, onkeydown },
    field,
    make(
      "div.actions",
      {},
      make("button.button.danger", { type: "submit" }, gettext("Reject")),
      make("button.button.plain", { type: "button", onclick: cancel }, gettext("Cancel")),
    ),
  );
}
