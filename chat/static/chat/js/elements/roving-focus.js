/** One stop for Tab in the timeline; the arrows go from message to message. */

const STEPS = { ArrowUp: -1, ArrowDown: 1 };

export class RovingFocus {
  #container;
  #current = null;

  constructor(container) {
    this.#container = container;
    container.addEventListener("focusin", ({ target }) => this.#take(target.closest(".message")));
    container.addEventListener("keydown", (event) => this.#key(event));
  }

  /** After drawing: somebody must be reachable by Tab. */
  refresh() {
    if (this.#current?.isConnected) return;
    this.#take(this.#messages().at(-1) ?? null);
  }

  #messages() {
    return [...this.#container.querySelectorAll(":scope > .message")];
  }

  #take(row) {
    if (row === null || row === this.#current) return;
    this.#set(this.#current, "-1");
    this.#current = row;
    this.#set(row, "0");
  }

  #set(row, tabindex) {
    if (!row) return;
    row.setAttribute("tabindex", tabindex);
    row.parts.more.setAttribute("tabindex", tabindex);
  }

  #key(event) {
    if (!event.target.matches(".message") || event.altKey || event.ctrlKey || event.metaKey) return;
    const rows = this.#messages();
    const at = rows.indexOf(event.target);
    const to = { ...STEPS, Home: -at, End: rows.length - 1 - at }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + to))];
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }
}
