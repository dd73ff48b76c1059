/**
 * Whether a key belongs to an input method. While one composes, Enter chooses a word
 * and must not send. `keyCode` 229 covers browsers that set `isComposing` late; Safari
 * ends the composition before the keydown of the Enter that ended it, hence the moment.
 * https://developer.mozilla.org/docs/Web/API/Element/keydown_event
 */
const LATE_MS = 40;
const ended = new WeakMap();

/** Watch a field, so that `belongsToInputMethod` knows when its last composition ended. */
export function watchComposition(field) {
  field.addEventListener("compositionend", (event) => ended.set(field, event.timeStamp));
}

export function belongsToInputMethod(event, isSafari = SAFARI) {
  if (event.isComposing || event.keyCode === 229) return true;
  const since = event.timeStamp - (ended.get(event.target) ?? -Infinity);
  return isSafari && event.key === "Enter" && since >= 0 && since < LATE_MS;
}

const agent = globalThis.navigator?.userAgent ?? "";
const SAFARI = /^((?!chrome|chromium|android).)*safari/i.test(agent);
