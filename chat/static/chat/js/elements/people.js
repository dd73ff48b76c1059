/** <chat-people>: who is in the room, owners and moderators first. */
import { gettext } from "../helpers/i18n.js";
import { icon, make } from "../helpers/dom.js";
import { fetchPeople } from "../helpers/server.js";
import { avatarOf } from "./avatar.js";

const PATIENCE_MS = 400;

export class ChatPeople extends HTMLElement {
  #shown = "";
  #timer = null;
  #room = null;

  start(page) {
    this.page = page;
    this.session = page.session;
    this.session.opened.on(() => this.#look());
    this.session.advanced.on(() => this.#look());
    this.session.barred.on(() => this.replaceChildren());
    this.#look();
  }

  /** The panel was opened: it may be behind. */
  refresh() {
    this.#look();
  }

  /** The list belongs to a revision of the room's facts; another revision, another list. */
  #look() {
    const { log, bar } = this.session;
    const isHidden = this.closest("[data-closed]") !== null;
    if (isHidden || bar || !log?.facts) return;
    const wanted = `${log.room}:${log.facts.revision}:${log.facts.members}`;
    if (wanted === this.#shown) return;
    this.#shown = wanted;
    if (this.#room !== log.room) this.#waitFor(log.room);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#load(log.room), this.childElementCount ? PATIENCE_MS : 0);
  }

  #waitFor(room) {
    this.#room = room;
    this.replaceChildren();
  }

  async #load(room) {
    try {
      const { people } = await fetchPeople(room);
      if (room === this.session.room) this.#draw(people);
    } catch (refusal) {
      if (!refusal?.code) throw refusal;
      if (room === this.session.room) this.#fail(refusal.text);
    }
  }

  #draw(people) {
    const of = (...roles) => people.filter(({ role }) => roles.includes(role));
    this.replaceChildren(
      ...[
        groupOf(gettext("Owners and moderators"), of("owner", "moderator")),
        groupOf(gettext("Members"), of("member")),
      ].filter(Boolean),
    );
  }

  #fail(text) {
    this.#shown = "";
    const again = { type: "button", onclick: () => this.#look() };
    this.replaceChildren(
      make("p.people-problem", {}, text),
      make("button.button", again, gettext("Try again")),
    );
  }
}

function groupOf(title, people) {
  if (people.length === 0) return null;
  const list = make("ul.people-list", { role: "list" }, ...people.map(personOf));
  return make("section.people-group", {}, make("h3.side-title", {}, title), list);
}

function personOf({ person, role }) {
  return make(
    "li.person",
    {},
    avatarOf(person, "small"),
    make("span.person-name", { dir: "auto", title: person.name }, person.name),
    person.kind === "bot" && make("span.badge", {}, gettext("bot")),
    person.kind === "guest" && make("span.badge", {}, gettext("guest")),
    role === "owner" && roleMark("crown", gettext("Owner")),
    role === "moderator" && roleMark("shield", gettext("Moderator")),
  );
}

function roleMark(name, label) {
  return make("span.role-mark", { title: label }, icon(name), make("span.visually-hidden", {}, label));
}
