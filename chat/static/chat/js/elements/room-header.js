/** <chat-room-header>: the name of the room, what it is about, and its doors. */
import { gettext, interpolate, ngettext } from "../helpers/i18n.js";

export class ChatRoomHeader extends HTMLElement {
  start(page) {
    this.session = page.session;
    this.name = this.querySelector(".room-name");
    this.topic = this.querySelector(".room-topic");
    this.count = this.querySelector(".room-count");
    this.people = this.querySelector("[data-toggle='people']");
    this.settings = this.querySelector(".room-settings");
    this.slow = this.querySelector(".room-slow");
    this.times = page.times;
    for (const signal of ["opened", "advanced", "barred", "joined"]) {
      this.session[signal].on(() => this.#draw());
    }
    this.session.rooms.changed.on(() => this.#draw());
    this.#draw();
  }

  #draw() {
    const { log, entry, bar } = this.session;
    const facts = log?.facts ?? entry?.facts ?? null;
    const isShown = facts !== null && !bar;
    this.people.hidden = !isShown;
    this.settings.hidden = !isShown || !entry;
    set(this.name, isShown ? facts.name : gettext("No room"));
    set(this.topic, isShown ? facts.topic : "");
    this.topic.title = this.topic.textContent;
    this.dataset.kind = facts?.archived ? "archived" : (facts?.kind ?? "open");
    this.#drawSlow(isShown ? facts.slow_mode : 0);
    if (!isShown) return;
    set(this.count, String(facts.members));
    const text = ngettext("%(count)s member", "%(count)s members", facts.members);
    const label = interpolate(text, { count: facts.members });
    this.people.title = label;
    this.people.setAttribute("aria-label", interpolate(gettext("People: %(members)s"), { members: label }));
    this.settings.href = `/rooms/${facts.id}/settings/`;
  }

  #drawSlow(seconds) {
    this.slow.hidden = !seconds;
    if (!seconds) return;
    const time = this.times.span(seconds);
    this.slow.title = interpolate(gettext("Slow mode: one message every %(time)s."), { time });
    set(this.slow.querySelector(".room-slow-time"), this.times.shortSpan(seconds));
    set(this.slow.querySelector(".visually-hidden"), this.slow.title);
  }
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
