/** A menu beside what opened it: arrows move, Escape closes, focus goes back. */
import { make } from "../helpers/dom.js";

const GAP = 4;
const ITEMS = '[role^="menuitem"]';
let current = null;

/**
 * @typedef {object} Item
 * @property {Node} icon
 * @property {string} label
 * @property {() => void} act
 * @property {boolean} [danger]
 * @property {boolean} [checked] one of several, of which this is the one that holds (or not)
 * @property {string} [note] more about it, at its end
 * @property {string} [key] the key that does the same
 */

/** What stands between two groups of items. */
export const LINE = Object.freeze({ isLine: true });

/**
 * @param {Array<Item|LINE>} items
 * @param {Element} anchor what the menu stands beside
 * @param {Element} home what gets the focus back
 * @param {string} [label] what the menu is about, said and shown above its items
 */
export function openMenu(items, anchor, home = anchor, label = "") {
  closeMenu();
  const menu = make("div.menu", { role: "menu", popover: "auto", "aria-label": label || null });
  if (label) menu.append(make("p.menu-title", { "aria-hidden": "true" }, label));
  for (const item of items) menu.append(item.isLine ? lineOf() : itemOf(item, home));
  menu.addEventListener("keydown", (event) => onKey(event, menu, home));
  menu.addEventListener("toggle", ({ newState }) => newState === "closed" && menu.remove());
  (home.closest("main") ?? document.body).append(menu);
  menu.showPopover();
  place(menu, anchor.getBoundingClientRect());
  (menu.querySelector('[aria-checked="true"]') ?? menu.querySelector(ITEMS)).focus();
  current = menu;
}

export function closeMenu() {
  if (current?.isConnected) current.hidePopover();
  current = null;
}

const lineOf = () => make("div.menu-line", { role: "separator" });

function itemOf({ icon, label, act, danger = false, checked, note, key }, home) {
  const isOneOf = checked !== undefined;
  const facts = {
    type: "button",
    role: isOneOf ? "menuitemradio" : "menuitem",
    "aria-checked": isOneOf && String(checked),
    "aria-keyshortcuts": key ?? null,
    tabindex: "-1",
  };
  const button = make(
    "button.menu-item",
    facts,
    icon,
    make("span.menu-label", {}, label),
    note && make("span.menu-note", {}, note),
    key && make("kbd.menu-key", { "aria-hidden": "true" }, key),
  );
  button.classList.toggle("danger", danger);
  button.addEventListener("click", () => {
    closeMenu();
    home.focus({ preventScroll: true });
    act();
  });
  return button;
}

function onKey(event, menu, home) {
  const items = [...menu.querySelectorAll(ITEMS)];
  const at = items.indexOf(document.activeElement);
  const count = items.length;
  const to = {
    ArrowDown: (at + 1) % count,
    ArrowUp: (at - 1 + count) % count,
    Home: 0,
    End: count - 1,
  }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    items[to].focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    event.stopPropagation();
    closeMenu();
    home.focus({ preventScroll: true });
  }
}

/** Below the anchor, or above where there is no room; never out of the window. */
function place(menu, anchor) {
  const { offsetWidth: width, offsetHeight: height } = menu;
  const isBelow = anchor.bottom + GAP + height <= window.innerHeight;
  const top = Math.max(GAP, isBelow ? anchor.bottom + GAP : anchor.top - GAP - height);
  const left = Math.min(Math.max(GAP, anchor.right - width), window.innerWidth - width - GAP);
  menu.style.setProperty("top", `${top}px`);
  menu.style.setProperty("left", `${left}px`);
}
