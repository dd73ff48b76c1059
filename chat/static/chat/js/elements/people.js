/** <chat-people>: who is in the room, owners and moderators first. */
import { gettext } from "../helpers/i18n.js";
import { make } from "../helpers/dom.js";
import { fetchPeople } from "../helpers/server.js";
import { personRow } from "./person-row.js";

const PATIENCE_MS = 400;
/** Other moderators mute and lift too: while the list is open, look now and then. */
const AGAIN_MS = 30_000;

export class ChatPeople extends HTMLElement {
  #shown = "";
  #timer = null;
  #room = null;
  #people = [];

  start(page) {
    this.page = page;
    this.session = page.session;
    this.session.opened.on(() => this.#look());
    this.session.advanced.on(() => this.#look());
    this.session.barred.on(() => this.#draw([]));
    this.session.changedStanding.on(() => this.#standing());
    page.moderation.sanctions.changed.on(() => this.#drawAgain());
    setInterval(() => this.#isHidden || document.hidden || page.moderation.refresh(), AGAIN_MS);
    this.#look();
  }

  /** The panel was opened: it may be behind. */
  refresh() {
    this.#look();
    this.page.moderation.refresh();
  }

  get #isHidden() {
    return this.closest("[data-closed]") !== null;
  }

  #standing() {
    const { mayModerate } = this.session;
    if (this.dataset.leads === String(mayModerate)) return;
    this.dataset.leads = mayModerate;
    this.#drawAgain();
  }

  /** The list belongs to a revision of the room's facts; another revision, another list. */
  #look() {
    const { log, bar } = this.session;
    if (this.#isHidden || bar || !log?.facts) return;
    const wanted = `${log.room}:${log.facts.revision}:${log.facts.members}`;
    if (wanted === this.#shown) return;
    this.#shown = wanted;
    if (this.#room !== log.room) this.#waitFor(log.room);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#load(log.room), this.childElementCount ? PATIENCE_MS : 0);
  }

  #waitFor(room) {
    this.#room = room;
    this.#draw([]);
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
    this.#people = people;
    const of = (...roles) => people.filter(({ role }) => roles.includes(role));
    const group = (title, entries) => groupOf(title, entries, this.page);
    this.replaceChildren(
      ...[
        group(gettext("Owners and moderators"), of("owner", "moderator")),
        group(gettext("Members"), of("member")),
        people.length > 0 && group(gettext("Muted or banned, and not here"), this.#absent()),
      ].filter(Boolean),
    );
  }

  /** Whoever is muted or banned here and no member. */
  #absent() {
    const here = new Set(this.#people.map(({ person }) => person.id));
    const absent = this.page.moderation.sanctions.list.filter(({ person }) => !here.has(person.id));
    const once = new Map(absent.map(({ person }) => [person.id, { person, role: null }]));
    return [...once.values()];
  }

  /** The same people, who stand otherwise now. */
  #drawAgain() {
    if (this.#people.length === 0) return;
    const at = document.activeElement?.closest?.("chat-people .person")?.dataset.person;
    this.#draw(this.#people);
    if (at) this.querySelector(`[data-person="${at}"] .person-more`)?.focus();
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

function groupOf(title, people, page) {
  if (people.length === 0) return null;
  const list = make("ul.people-list", { role: "list" }, ...people.map((entry) => personRow(entry, page)));
  return make("section.people-group", {}, make("h3.side-title", {}, title), list);
}
