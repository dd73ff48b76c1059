/** How long to wait before the next try: full jitter, so that a crowd does not return at once. */

export const FIRST_TRY_MS = 2_000;
export const LONGEST_MS = 30_000;

/**
 * @param {number} attempt 0 for the first try after a loss
 * @param {number} chance a random number from 0 to 1
 * @param {number|null} hintS seconds, where the server said when to return
 * @returns {number} milliseconds
 */
export function delayBefore(attempt, chance, hintS = null) {
  const ceiling = Math.min(LONGEST_MS, FIRST_TRY_MS * 2 ** Math.min(attempt, 10));
  if (hintS === null) return chance * ceiling;
  return hintS * 1000 + chance * Math.min(ceiling, hintS * 1000);
}
