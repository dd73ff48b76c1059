/** A menu beside what opened it: arrows move, Escape closes, focus goes back. */
import { make } from "../helpers/dom.js";

const GAP = 4;
let current = null;

/**
 * @param {Array<{icon: Node, label: string, act: () => void, danger: boolean}>} items
 * @param {Element} anchor what the menu stands beside
 * @param {Element} home what gets the focus back
 */
export function openMenu(items, anchor, home = anchor) {
  closeMenu();
  const menu = make("div.menu", { role: "menu", popover: "auto" });
  for (const item of items) menu.append(itemOf(item, home));
  menu.addEventListener("keydown", (event) => onKey(event, menu, home));
  menu.addEventListener("toggle", ({ newState }) => newState === "closed" && menu.remove());
  (home.closest("main") ?? document.body).append(menu);
  menu.showPopover();
  place(menu, anchor.getBoundingClientRect());
  menu.firstElementChild.focus();
  current = menu;
}

export function closeMenu() {
  if (current?.isConnected) current.hidePopover();
  current = null;
}

function itemOf({ icon, label, act, danger }, home) {
  const facts = { type: "button", role: "menuitem", tabindex: "-1" };
  const button = make("button.menu-item", facts, icon, make("span", {}, label));
  button.classList.toggle("danger", danger);
  button.addEventListener("click", () => {
    closeMenu();
    home.focus({ preventScroll: true });
    act();
  });
  return button;
}

function onKey(event, menu, home) {
  const items = [...menu.children];
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
