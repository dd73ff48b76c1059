/**
 * The two sides of the page: on a wide window they stand beside the timeline, under
 * 900 px they are drawers over it. Whether people are shown is remembered.
 */
const NARROW = "(max-width: 56.1875em)";
const KEY = "chat-people";

export class Sides {
  #narrow = matchMedia(NARROW);
  #returnTo = null;

  constructor(shell, onPeople) {
    this.shell = shell;
    this.onPeople = onPeople;
    this.main = shell.querySelector("main");
    this.sides = { rooms: shell.querySelector("#rooms"), people: shell.querySelector("#people") };
    shell.addEventListener("click", (event) => this.#click(event));
    this.#narrow.addEventListener("change", () => this.#layOut());
    this.#layOut();
  }

  toggle(name) {
    this.#set(name, !this.isOpen(name));
    if (name === "people" && !this.#narrow.matches) {
      localStorage.setItem(KEY, this.isOpen("people") ? "open" : "closed");
    }
  }

  isOpen(name) {
    return !("closed" in this.sides[name].dataset);
  }

  /** @returns {boolean} whether there was one to close */
  closeDrawers() {
    if (!this.#narrow.matches) return false;
    const open = Object.keys(this.sides).filter((name) => this.isOpen(name));
    for (const name of open) this.#set(name, false);
    return open.length > 0;
  }

  #layOut() {
    const isNarrow = this.#narrow.matches;
    this.#set("rooms", !isNarrow, false);
    const isWanted = localStorage.getItem(KEY) !== "closed" && window.innerWidth >= 1100;
    this.#set("people", !isNarrow && isWanted, false);
  }

  #set(name, isOpen, moveFocus = true) {
    const side = this.sides[name];
    if (isOpen) delete side.dataset.closed;
    else side.dataset.closed = "";
    side.inert = !isOpen;
    for (const button of this.shell.querySelectorAll(`[data-toggle="${name}"]`)) {
      button.setAttribute("aria-expanded", String(isOpen));
    }
    const isDrawer = this.#narrow.matches && Object.keys(this.sides).some((n) => this.isOpen(n));
    this.shell.classList.toggle("with-drawer", isDrawer);
    this.main.inert = isDrawer;
    if (moveFocus && this.#narrow.matches) this.#moveFocus(side, isOpen);
    if (name === "people" && isOpen) this.onPeople();
  }

  #moveFocus(side, isOpen) {
    if (isOpen) {
      this.#returnTo = document.activeElement;
      side.querySelector("button, a")?.focus();
    } else this.#returnTo?.focus();
  }

  #click(event) {
    const button = event.target.closest("[data-toggle]");
    if (button) this.toggle(button.dataset.toggle);
    else if (event.target === this.shell.querySelector(".veil")) this.closeDrawers();
  }
}
