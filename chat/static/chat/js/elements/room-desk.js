/** <chat-desk>: in the header, what is pinned; and for those who lead the room, their desk. */
import { gettext, interpolate, ngettext } from "../helpers/i18n.js";
import { icon, iconButton, make } from "../helpers/dom.js";
import { openHeldQueue } from "./held-queue.js";
import { LINE, openMenu } from "./menu.js";
import { openPins } from "./pins-list.js";

const SLOW_MODES = [0, 10, 30, 60, 300, 3600];

export class ChatDesk extends HTMLElement {
  start(page) {
    this.page = page;
    this.session = page.session;
    this.pins = counter("pin", () => openPins(page));
    this.held = counter("inbox", () => openHeldQueue(page));
    const label = gettext("Moderate this room");
    this.desk = iconButton("shield", label, { "aria-haspopup": "menu", hidden: true });
    this.desk.addEventListener("click", () => this.#open());
    this.append(this.pins, this.held, this.desk);
    page.moderation.pins.changed.on(() => this.#draw());
    this.session.held.changed.on(() => this.#draw());
    this.session.changedStanding.on(() => this.#draw());
    this.#draw();
  }

  #draw() {
    const { room, held, bar } = this.session;
    const { leads } = this.page.acts;
    const pinned = bar ? 0 : this.page.moderation.pins.list.length;
    const waiting = leads ? held.waiting(room) : 0;
    this.desk.hidden = !leads;
    this.closest(".room-header").toggleAttribute("data-leads", leads);
    show(this.pins, pinned, ngettext("%(count)s pinned message", "%(count)s pinned messages", pinned));
    show(
      this.held,
      waiting,
      ngettext("%(count)s message waits for approval", "%(count)s messages wait for approval", waiting),
    );
  }

  #open() {
    const { facts, room } = this.session;
    const item = (name, label, act, more = {}) => ({ icon: icon(name), label, act, ...more });
    const waiting = this.session.held.waiting(room);
    openMenu(
      [
        item("inbox", gettext("Waiting for approval"), () => openHeldQueue(this.page), {
          note: String(waiting),
        }),
        LINE,
        item("timer", gettext("Slow mode…"), () => this.#slowMode(), { note: this.#paceOf(facts.slow_mode) }),
        item("pencil", gettext("Who may post…"), () => this.#posting(), { note: POSTING[facts.posting]() }),
        item("clock", gettext("Whose messages wait…"), () => this.#approveFirst(), {
          note: APPROVE_FIRST[facts.approve_first](),
        }),
        LINE,
        item("settings", gettext("Settings of the room"), () => location.assign(`/rooms/${room}/settings/`)),
      ],
      this.desk,
      this.desk,
      this.desk.title,
    );
  }

  #slowMode() {
    const { slow_mode: now } = this.session.facts;
    const times = SLOW_MODES.includes(now) ? SLOW_MODES : [...SLOW_MODES, now].sort((a, b) => a - b);
    const other = {
      icon: icon("settings"),
      label: gettext("Another time…"),
      act: () => location.assign(`/rooms/${this.session.room}/settings/#switches`),
    };
    const choices = times.map((seconds) => [seconds, this.#paceOf(seconds)]);
    this.#choose(gettext("Slow mode"), "slow_mode", choices, [LINE, other]);
  }

  #paceOf(seconds) {
    return seconds === 0 ? gettext("Off") : this.page.times.span(seconds);
  }

  #posting() {
    this.#choose(gettext("Who may post"), "posting", choicesOf(POSTING));
  }

  #approveFirst() {
    this.#choose(gettext("Whose messages wait for approval"), "approve_first", choicesOf(APPROVE_FIRST));
  }

  /** A second menu, of which one holds. */
  #choose(title, fact, choices, more = []) {
    const now = this.session.facts[fact];
    const items = choices.map(([value, label]) => ({
      icon: value === now ? icon("check") : make("span.icon"),
      label,
      checked: value === now,
      act: () => this.page.acts.setRoom({ [fact]: value }, interpolate(gettext("%(what)s: %(now)s"), { what: title, now: label })),
    }));
    openMenu([...items, ...more], this.desk, this.desk, title);
  }
}

const POSTING = {
  everyone: () => gettext("Everyone"),
  members: () => gettext("Members with an account"),
  moderators: () => gettext("Moderators"),
};
const APPROVE_FIRST = {
  nobody: () => gettext("Nobody’s"),
  guests: () => gettext("Those of guests"),
  newcomers: () => gettext("Those of guests and newcomers"),
  everyone: () => gettext("Everyone’s"),
};

const choicesOf = (words) => Object.entries(words).map(([value, label]) => [value, label()]);

function counter(name, onclick) {
  const facts = { type: "button", "aria-haspopup": "dialog", hidden: true, onclick };
  return make("button.icon-button.with-count", facts, icon(name), make("span.count"));
}

function show(button, count, text) {
  button.hidden = count === 0;
  const label = interpolate(text, { count });
  button.title = label;
  button.setAttribute("aria-label", label);
  button.querySelector(".count").textContent = String(count);
}
