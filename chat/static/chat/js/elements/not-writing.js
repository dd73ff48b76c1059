/** <chat-not-writing>: stands where the composer would, and says why there is none. */
import { gettext, interpolate } from "../helpers/i18n.js";
import { icon, make } from "../helpers/dom.js";
import { sendForm } from "../helpers/server.js";

const PATIENCE_MS = 2_000;

export class ChatNotWriting extends HTMLElement {
  #shown = "";

  start(page) {
    this.page = page;
    this.session = page.session;
    for (const signal of ["opened", "advanced", "barred", "joined"]) {
      this.session[signal].on(() => this.#show());
    }
    this.session.rooms.changed.on(() => this.#show());
    this.#show();
  }

  #reason() {
    const { log, entry, bar, room } = this.session;
    if (bar) return `bar:${bar}`;
    if (room === null || !log.facts) return "";
    if (log.facts.archived) return "archived";
    return entry ? "" : `join:${room}:${log.facts.name}`;
  }

  #show() {
    const reason = this.#reason();
    if (reason === this.#shown) return;
    const hasJoined = reason === "" && this.#shown.startsWith("join:") && this.session.entry;
    this.#shown = reason;
    this.hidden = reason === "";
    this.replaceChildren(...this.#content(reason));
    if (hasJoined) this.page.focusComposer();
  }

  #content(reason) {
    if (reason.startsWith("bar:")) return this.#barred();
    if (reason.startsWith("join:")) return [this.#joinForm()];
    if (reason !== "archived") return [];
    return [icon("archive"), make("p", {}, gettext("This room is archived. It can be read, but not written to."))];
  }

  #barred() {
    const back = make("a.button", { href: "/rooms/" }, gettext("See all rooms"));
    return [icon("door-open"), make("p", {}, this.session.bar), back];
  }

  #joinForm() {
    const { name, id } = this.session.log.facts;
    const text = interpolate(gettext("You are reading %(room)s."), { room: name });
    const button = make("button.button.primary", { type: "submit" }, gettext("Join the room"));
    const token = { type: "hidden", name: "csrfmiddlewaretoken", value: this.page.csrfToken };
    const problem = make("p.problem", { role: "alert", hidden: true });
    const facts = { method: "post", action: `/rooms/${id}/join/` };
    const form = make("form.join", facts, make("input", token), make("p", {}, text), button, problem);
    form.addEventListener("submit", (event) => this.#join(event, form, button, problem));
    return form;
  }

  async #join(event, form, button, problem) {
    event.preventDefault();
    button.disabled = true;
    try {
      await sendForm(form);
      this.#expectMembership(this.session.room);
    } catch (refusal) {
      if (!refusal?.code) throw refusal;
      button.disabled = false;
      problem.textContent = refusal.text;
      problem.hidden = false;
    }
  }

  /** The socket tells of the membership; should it be late, a fresh welcome does. */
  #expectMembership(room) {
    setTimeout(() => {
      if (!this.session.rooms.get(room)) this.session.connection.refresh();
    }, PATIENCE_MS);
  }
}
