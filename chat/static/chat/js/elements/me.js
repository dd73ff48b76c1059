/** Who is signed in, at the foot of the list of rooms. */
import { make } from "../helpers/dom.js";
import { avatarOf } from "./avatar.js";

export function showMe(link, me) {
  link.replaceChildren(avatarOf(me, "small"), make("span.me-name", { dir: "auto" }, me.name));
}
