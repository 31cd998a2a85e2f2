/** How many values JSON has, before it is parsed: one of a few bytes takes many times as much memory, and time, as an object. */

const [QUOTE, COMMA, BRACKET, BACKSLASH, BRACE] = [0x22, 0x2c, 0x5b, 0x5c, 0x7b]

/**
 * True if there are more values than `most`: one for each item of an array or object, one more for each that is empty.
 * What is in texts does not count. The bytes need not be JSON.
 */
export function hasMoreValues(bytes: Uint8Array, most: number): boolean {
  let left = most
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) at = endOfText(bytes, at + 1)
    else if ((byte === COMMA || byte === BRACKET || byte === BRACE) && --left < 0) return true
  }
  return false
}

function endOfText(bytes: Uint8Array, from: number): number {
  let at = from
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
  return at
}
