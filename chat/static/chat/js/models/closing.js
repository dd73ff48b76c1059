/** What a close code asks of the page (chat/protocol.py, CloseCode). */

const ACTIONS = new Map([
  [4001, "sign_in"],
  [4003, "banned"],
  [4004, "gone"],
  [4100, "reload"],
]);

/** @returns {"sign_in"|"banned"|"gone"|"reload"|"return"} "return": come back by yourself */
export function meaningOf(code) {
  return ACTIONS.get(code) ?? "return";
}
