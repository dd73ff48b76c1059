/** What can be done with a message: the menu of a row, its keys, and the verbs behind them. */
import { gettext } from "../helpers/i18n.js";
import { icon } from "../helpers/dom.js";
import { EditBox } from "./edit-box.js";
import { openMenu } from "./menu.js";
import { askToRedact } from "./redact-dialog.js";

export class MessageActions {
  #timeline;

  constructor(timeline) {
    this.#timeline = timeline;
    const { list } = timeline;
    list.addEventListener("click", (event) => this.#click(event));
    list.addEventListener("contextmenu", (event) => this.#contextMenu(event));
    list.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Edit my last message, as the arrow up in an empty composer asks. */
  editLast() {
    const { log, session, rows } = this.#timeline;
    const message = log?.lastOf(session.me.id);
    const row = message && rows.at(message.seq);
    if (row) this.edit(row);
    return Boolean(row);
  }

  edit(row) {
    if (row.editing || !this.#mayEdit(row.message)) return;
    row.editing = new EditBox(row, this.#page);
    row.editing.open();
  }

  get #page() {
    return this.#timeline.page;
  }

  get #isReadOnly() {
    const { log, session } = this.#timeline;
    return log.facts.archived || !session.entry;
  }

  #isMine(message) {
    return message.author.id === this.#timeline.session.me.id;
  }

  #mayEdit(message) {
    return message.seq && !message.redacted && this.#isMine(message) && !this.#isReadOnly;
  }

  #mayRedact(message) {
    if (!message.seq || message.redacted) return false;
    const { session } = this.#timeline;
    return session.mayModerate || (this.#isMine(message) && !this.#isReadOnly);
  }

  #itemsFor(row) {
    const { message } = row;
    const item = (name, label, act, danger = false) => ({ icon: icon(name), label, act, danger });
    const address = `${location.origin}/rooms/${message.room}/#m${message.seq}`;
    return [
      this.#mayEdit(message) && item("pencil", gettext("Edit"), () => this.edit(row)),
      item("copy", gettext("Copy text"), () => this.#page.copy(message.body)),
      item("link", gettext("Copy link"), () => this.#page.copy(address)),
      this.#mayRedact(message) &&
        item("trash-2", gettext("Redact…"), () => this.#redact(row), true),
    ].filter(Boolean);
  }

  #open(row, anchor) {
    if (row.message.seq && !row.message.redacted) openMenu(this.#itemsFor(row), anchor, row);
  }

  #redact(row) {
    askToRedact(row.message, this.#isMine(row.message), this.#page).then(() => row.focus());
  }

  #click(event) {
    const button = event.target.closest(".message-more");
    if (button) this.#open(button.closest(".message"), button);
  }

  #contextMenu(event) {
    const isPlain = !event.target.closest("a, textarea") && getSelection().isCollapsed;
    const row = isPlain && matchMedia("(hover: none)").matches && event.target.closest(".message");
    if (!row?.message?.seq || row.message.redacted) return;
    event.preventDefault();
    this.#open(row, row.parts.more);
  }

  #key(event) {
    const row = event.target;
    if (!row.matches(".message") || event.ctrlKey || event.metaKey || event.altKey) return;
    const acts = {
      Enter: () => this.#open(row, row.parts.more),
      e: () => this.edit(row),
      Delete: () => this.#mayRedact(row.message) && this.#redact(row),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  }
}
