/** What the models need of a browser; the tests hand in their own. */
export const browserIo = {
  open: (url, protocol) => new WebSocket(url, protocol),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer),
  random: () => Math.random(),
  isOnline: () => navigator.onLine,
};

/** The address of the socket, from its path. */
export function socketUrl(path) {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
