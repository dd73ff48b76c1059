/** The keys that hold for the whole page. */
import { belongsToInputMethod } from "../helpers/composing.js";
import { isWriting } from "../helpers/dom.js";
import { openKeysHelp } from "./keys-help.js";
import { openRoomSwitcher } from "./room-switcher.js";

export function listenForKeys(page) {
  document.addEventListener("keydown", (event) => {
    if (page.isOver || event.defaultPrevented || belongsToInputMethod(event)) return;
    if (document.querySelector("dialog[open]")) return;
    const act = actOf(event, page);
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function actOf(event, page) {
  const { key } = event;
  const isCommand = event.ctrlKey || event.metaKey;
  if (isCommand && !event.shiftKey && !event.altKey && key.toLowerCase() === "k") {
    return () => openRoomSwitcher(page);
  }
  if (event.altKey && !isCommand && key === "ArrowUp") return () => page.goBy(-1);
  if (event.altKey && !isCommand && key === "ArrowDown") return () => page.goBy(1);
  if (event.altKey || isCommand) return null;
  if (key === "Escape") return () => escape(page);
  if (key === "?" && !isWriting(event.target)) return openKeysHelp;
  // Whoever begins to write, writes in the composer; the key itself goes there too.
  if (key.length === 1 && event.target === document.body) page.focusComposer();
  return null;
}

/** First what lies over the page, then the way back to the end. */
function escape(page) {
  if (page.sides.closeDrawers()) return;
  page.leaveLink();
  page.timeline.toEnd();
  page.focusComposer();
}
