/** What can be done with a message: the menu of a row, its keys, and the verbs behind them. */
import { gettext } from "../helpers/i18n.js";
import { icon } from "../helpers/dom.js";
import { EditBox } from "./edit-box.js";
import { LINE, openMenu } from "./menu.js";
import { askToReport } from "./report-dialog.js";

export class MessageActions {
  #timeline;

  constructor(timeline) {
    this.#timeline = timeline;
    const { list } = timeline;
    list.addEventListener("click", (event) => this.#click(event));
    list.addEventListener("contextmenu", (event) => this.#contextMenu(event));
    list.addEventListener("keydown", (event) => this.#key(event));
    const { session } = timeline;
    const showLeading = () => timeline.toggleAttribute("data-leads", session.mayModerate);
    session.changedStanding.on(showLeading);
    showLeading();
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

  get #acts() {
    return this.#page.acts;
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
    return this.#acts.leads || (this.#isMine(message) && !this.#isReadOnly);
  }

  #mayReport(message) {
    return message.seq && !message.redacted && !this.#isMine(message);
  }

  #itemsFor(row) {
    const { message } = row;
    if (message.redacted) {
      return this.#acts.mayRestore(message) ? [this.#acts.restoreItem(message)] : [];
    }
    return [...this.#itemsForAll(row), ...this.#itemsForLeaders(message)].filter(Boolean);
  }

  #itemsForAll(row) {
    const { message } = row;
    const item = (name, label, act, more = {}) => ({ icon: icon(name), label, act, ...more });
    const address = `${location.origin}/rooms/${message.room}/#m${message.seq}`;
    return [
      this.#mayEdit(message) &&
        item("pencil", gettext("Edit"), () => this.edit(row), { key: "E" }),
      item("copy", gettext("Copy text"), () => this.#page.copy(message.body)),
      item("link", gettext("Copy link"), () => this.#page.copy(address)),
      this.#mayReport(message) &&
        item("flag", gettext("Report…"), () => this.#report(row), { key: "!" }),
      this.#acts.mayPin(message) && this.#acts.pinItem(message),
      this.#mayRedact(message) &&
        item("trash-2", gettext("Redact…"), () => this.#redact(row), { danger: true, key: "Del" }),
    ];
  }

  #itemsForLeaders({ author }) {
    if (!this.#acts.mayTouch(author)) return [];
    return [LINE, ...this.#acts.personItems(author)];
  }

  #open(row, anchor) {
    if (!row.message.seq) return;
    const items = this.#itemsFor(row);
    if (items.length > 0) openMenu(items, anchor, row);
  }

  #redact(row) {
    this.#acts.redact(row.message, this.#isMine(row.message)).then(() => row.focus());
  }

  #report(row) {
    askToReport(row.message, this.#page).then(() => row.focus());
  }

  #sanction(kind, row) {
    if (!this.#acts.mayTouch(row.message.author)) return;
    this.#acts.sanction(kind, row.message.author).then(() => row.focus());
  }

  #click(event) {
    const button = event.target.closest(".message-more");
    if (button) this.#open(button.closest(".message"), button);
  }

  #contextMenu(event) {
    const isPlain = !event.target.closest("a, textarea") && getSelection().isCollapsed;
    const row = isPlain && matchMedia("(hover: none)").matches && event.target.closest(".message");
    if (!row?.message?.seq || this.#itemsFor(row).length === 0) return;
    event.preventDefault();
    this.#open(row, row.parts.more);
  }

  #key(event) {
    const row = event.target;
    if (!row.matches(".message") || event.ctrlKey || event.metaKey || event.altKey) return;
    const { message } = row;
    const acts = {
      Enter: () => this.#open(row, row.parts.more),
      e: () => this.edit(row),
      p: () => this.#acts.mayPin(message) && this.#acts.togglePin(message),
      m: () => this.#sanction("mute", row),
      k: () => this.#sanction("kick", row),
      b: () => this.#sanction("ban", row),
      z: () => this.#page.undo.undo(),
      "!": () => this.#mayReport(message) && this.#report(row),
      Delete: () => this.#mayRedact(message) && this.#redact(row),
    };
    const act = Object.hasOwn(acts, event.key) ? acts[event.key] : null;
    if (!act) return;
    event.preventDefault();
    act();
  }
}
