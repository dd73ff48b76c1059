/**
 * A new nonce: the client-made id of one intent to post. 128 random bits in base64url.
 * `crypto.randomUUID` would need a secure context, which http in a local network is not.
 */
export function newNonce() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}
