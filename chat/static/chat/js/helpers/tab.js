/**
 * This tab's name and its claim on it. Each tab sends what was written in it; when a tab
 * is gone it has let go of its claim, and another takes over what it left in the outbox.
 * Where there are no Web Locks (plain http in a local network), whatever is left is
 * taken over at once: a nonce sent from two tabs is still one message.
 */
import { newNonce } from "../models/nonce.js";

export const tabName = newNonce();
const lockOf = (tab) => `chat-tab-${tab}`;
const forever = new Promise(() => {});
const awaited = new Set([tabName]);

/** Held until the tab goes. */
export function claimTab() {
  navigator.locks?.request(lockOf(tabName), () => forever);
}

/**
 * Hand over what other tabs left, as soon as each of them is gone.
 * @param {{all: () => Promise<object[]>}} store
 * @param {(entries: object[]) => void} adopt
 */
export async function inheritFromTabs(store, adopt) {
  const entries = await store.all();
  for (const { tab } of entries) {
    if (awaited.has(tab)) continue;
    awaited.add(tab);
    const inherit = async () => adopt((await store.all()).filter((entry) => entry.tab === tab));
    if (navigator.locks) navigator.locks.request(lockOf(tab), () => (inherit(), forever));
    else inherit();
  }
}
