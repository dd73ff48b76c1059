/** The server closed the line for good: what the page does about it. */
import { gettext } from "../helpers/i18n.js";

const KEY = "chat-reloaded-at";
const ONCE_MS = 60_000;

/** @param {{action: "sign_in"|"banned"|"gone"|"reload", text: string, notice: object|null}} word */
export function dismissWith({ action, text, notice }, page) {
  if (action === "banned") {
    page.end({ ...notice, code: "banned", text: text || gettext("You are banned from this site.") });
  } else if (notice?.code === "kicked") page.end(notice);
  else if (action === "sign_in") {
    const next = encodeURIComponent(location.pathname + location.hash);
    location.assign(`/accounts/login/?next=${next}`);
  } else if (action === "reload" && !reloadedJustNow()) {
    sessionStorage.setItem(KEY, String(Date.now()));
    location.reload();
  } else page.session.dismiss(text || gettext("The server has closed this connection."));
}

/** A page that is still too old after loading anew must not load itself for ever. */
function reloadedJustNow() {
  return Date.now() - Number(sessionStorage.getItem(KEY) ?? 0) < ONCE_MS;
}
