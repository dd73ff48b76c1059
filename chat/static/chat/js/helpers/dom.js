/** Making elements: text goes in as text, never as markup. */

/**
 * @param {string} tag "div", or "div.row.quiet" with classes
 * @param {object} facts attributes; `on…` are listeners; null, undefined and false are left out
 * @param {...(Node|string|null)} children
 */
export function make(tag, facts = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length > 0) element.classList.add(...classes);
  for (const [key, value] of Object.entries(facts)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A Lucide icon from the page's own stock (templates/chat/room.html, #icons). */
export function icon(name) {
  const stock = document.getElementById("icons").content;
  const drawing = stock.querySelector(`[data-icon="${name}"] > svg`).cloneNode(true);
  drawing.setAttribute("aria-hidden", "true");
  return drawing;
}

/** A button that is an icon; its label is said and shown on hover. */
export function iconButton(name, label, facts = {}) {
  const { class: classes = "", ...rest } = facts;
  return make(
    "button",
    { type: "button", class: `icon-button ${classes}`.trim(), "aria-label": label, title: label, ...rest },
    icon(name),
  );
}

/** JSON that the server put into the page under this id. */
export function embedded(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

/** Whether keys now belong to a field that somebody writes in. */
export function isWriting(target) {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable]");
}
