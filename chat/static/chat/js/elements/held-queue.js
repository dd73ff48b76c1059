/** The queue of posts that wait for a moderator: a drawer over the page, live while it is open. */
import { gettext, interpolate, ngettext } from "../helpers/i18n.js";
import { iconButton, make } from "../helpers/dom.js";
import { heldPost } from "./held-post.js";

const STEPS = { ArrowUp: -1, ArrowDown: 1 };

export function openHeldQueue(page) {
  if (!document.querySelector("dialog[open]")) new HeldQueue(page).open();
}

class HeldQueue {
  #page;
  #room;
  #rows = new Map();
  #ends = [];

  constructor(page) {
    this.#page = page;
    this.#room = page.session.room;
  }

  open() {
    const close = iconButton("x", gettext("Close"), { onclick: () => this.dialog.close() });
    this.said = make("p.held-said", { role: "status" });
    this.problem = make("p.dialog-problem", { role: "alert", hidden: true });
    this.list = make("div.held-list", { role: "feed", "aria-label": gettext("Messages that wait") });
    const hint = gettext("↑ ↓ move · A approves · R rejects");
    this.dialog = make(
      "dialog.dialog.drawer",
      { "aria-labelledby": "held-title" },
      make("div.dialog-head", {}, make("h2", { id: "held-title" }, gettext("Waiting for approval")), close),
      this.said,
      this.problem,
      this.list,
      make("p.held-keys", { "aria-hidden": "true" }, hint),
    );
    this.dialog.addEventListener("keydown", (event) => this.#key(event));
    this.dialog.addEventListener("close", () => this.#close());
    this.dialog.addEventListener("click", ({ target }) => target === this.dialog && this.dialog.close());
    const { session } = this.#page;
    this.#ends = [
      session.held.changed.on((room) => room === this.#room && this.#draw()),
      session.changedStanding.on(() => this.#stillMine() || this.dialog.close()),
    ];
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.#draw();
    this.#focus(0);
  }

  #stillMine() {
    const { session } = this.#page;
    return session.room === this.#room && session.mayModerate && !session.bar;
  }

  #close() {
    for (const end of this.#ends) end();
    this.dialog.remove();
  }

  /** Rows that stay keep their node, and with it what somebody is writing in them. */
  #draw() {
    const { held } = this.#page.session;
    const posts = held.of(this.#room).filter(({ status }) => status === "waiting");
    const at = this.#shown.indexOf(document.activeElement?.closest(".held-post"));
    const wanted = new Map(posts.map((post) => [post.id, this.#rows.get(post.id) ?? this.#make(post)]));
    for (const [id, row] of this.#rows) if (!wanted.has(id)) row.remove();
    for (const [id, row] of wanted) if (!this.#rows.has(id)) this.list.append(row);
    const isGone = at >= 0 && !this.#shown.includes(document.activeElement?.closest(".held-post"));
    this.#rows = wanted;
    this.#say(held.waiting(this.#room));
    if (isGone) this.#focus(at);
  }

  #say(waiting) {
    const text = ngettext("%(count)s message waits.", "%(count)s messages wait.", waiting);
    this.said.textContent = waiting === 0 ? gettext("Nothing waits.") : interpolate(text, { count: waiting });
  }

  #make(post) {
    const decide = {
      approve: () => this.#decide(post, "approve", {}),
      reject: (_post, reason) => this.#decide(post, "reject", { reason }),
    };
    return heldPost(post, decide, this.#page);
  }

  async #decide(post, verb, fields) {
    const row = this.#rows.get(post.id);
    // A second key while the first is under way would only be refused.
    if (!row || row.dataset.busy) return;
    this.problem.hidden = true;
    row.dataset.busy = verb;
    try {
      await this.#page.session.command(verb, { held: post.id, ...fields });
    } catch (refusal) {
      if (!refusal?.code) throw refusal;
      delete row.dataset.busy;
      this.problem.textContent = refusal.text || gettext("The server cannot be reached.");
      this.problem.hidden = false;
      if (refusal.code === "decided") this.#page.session.held.dismiss(this.#room, post.id);
    }
  }

  get #shown() {
    return [...this.list.children];
  }

  /** The row at this place, or the last one; where there is none, the way out. */
  #focus(at) {
    const row = this.#shown[at] ?? this.#shown.at(-1);
    (row ?? this.dialog.querySelector("button")).focus();
  }

  #key(event) {
    const row = event.target.closest(".held-post");
    if (event.target !== row || !(event.key in STEPS)) return;
    event.preventDefault();
    const rows = this.#shown;
    const to = rows.indexOf(row) + STEPS[event.key];
    rows[Math.min(rows.length - 1, Math.max(0, to))].focus();
  }
}
