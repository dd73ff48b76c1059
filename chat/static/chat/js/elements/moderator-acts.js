/** What those who lead the open room may do there: the verbs, and their items in menus. */
import { gettext, interpolate } from "../helpers/i18n.js";
import { icon } from "../helpers/dom.js";
import { askToRedact } from "./redact-dialog.js";
import { askToSanction } from "./sanction-dialog.js";

export class ModeratorActs {
  #page;

  constructor(page) {
    this.#page = page;
  }

  get leads() {
    return this.#session.mayModerate && !this.#session.bar;
  }

  /** Whether it is worth a try: not on oneself, nor on those of one's rank or above. */
  mayTouch(person) {
    return this.leads && person.id !== this.#session.me.id && this.#sanctions.mayTouch(person.id);
  }

  mayRestore(message) {
    return this.leads && this.#sanctions.mayRestore(message);
  }

  mayPin(message) {
    return this.leads && Boolean(message.seq) && !message.redacted;
  }

  /** For the menu of a message. */
  pinItem(message) {
    const act = () => this.togglePin(message);
    return message.pinned_at
      ? { icon: icon("pin-off"), label: gettext("Unpin"), act, key: "P" }
      : { icon: icon("pin"), label: gettext("Pin"), act, key: "P" };
  }

  restoreItem(message) {
    return { icon: icon("undo-2"), label: gettext("Restore"), act: () => this.restore(message) };
  }

  /** What can be done to a person, in the menu of a message or of the person. */
  personItems(person) {
    const [mute, ban] = ["mute", "ban"].map((kind) => this.#sanctions.of(person.id, kind));
    const ask = (kind) => () => this.sanction(kind, person);
    return [
      mute
        ? { icon: icon("message-square"), label: gettext("Lift the mute"), act: () => this.lift(mute) }
        : { icon: icon("message-square-off"), label: gettext("Mute…"), act: ask("mute"), key: "M" },
      !ban && { icon: icon("user-minus"), label: gettext("Kick…"), act: ask("kick"), key: "K", danger: true },
      ban
        ? { icon: icon("undo-2"), label: gettext("Lift the ban"), act: () => this.lift(ban) }
        : { icon: icon("ban"), label: gettext("Ban…"), act: ask("ban"), key: "B", danger: true },
    ].filter(Boolean);
  }

  /** Ask, redact, and offer to take it back. */
  async redact(message, isMine) {
    if (!(await askToRedact(message, isMine, this.#page)) || isMine) return;
    if (this.#sanctions.evidenceDays === 0) return this.#say(gettext("Redacted."));
    return this.#page.undo.offer(gettext("Redacted."), () => this.restore(message));
  }

  restore(message) {
    return this.#try("restore", { message: message.id }, gettext("It is back."));
  }

  togglePin(message) {
    const [type, said] = message.pinned_at
      ? ["unpin", gettext("Unpinned.")]
      : ["pin", gettext("Pinned.")];
    return this.#try(type, { message: message.id }, said);
  }

  /** Ask for term and reason, and mute, kick or ban. */
  async sanction(kind, person) {
    const said = await askToSanction(kind, person, this.#page);
    if (!said) return;
    await this.#page.moderation.refresh();
    const made = this.#sanctions.of(person.id, kind);
    if (made) this.#page.undo.offer(said, () => this.lift(made));
    else this.#say(said);
  }

  async lift(sanction) {
    const text = gettext("%(name)s may come and write again.");
    const said = interpolate(text, { name: sanction.person.name });
    await this.#try("lift", { sanction: sanction.id }, said);
    await this.#page.moderation.refresh();
  }

  setRoom(switches, said) {
    return this.#try("set_room", { room: this.#session.room, ...switches }, said);
  }

  get #session() {
    return this.#page.session;
  }

  get #sanctions() {
    return this.#page.moderation.sanctions;
  }

  #say(text) {
    this.#session.status.say(text);
  }

  /** Do it and say so, or say what the server refused. */
  async #try(type, fields, said) {
    try {
      await this.#session.command(type, fields);
      this.#say(said);
    } catch (refusal) {
      if (!refusal?.code) throw refusal;
      this.#say(refusal.text || gettext("The server cannot be reached."));
    }
  }
}
