/** The text of a token, as `crypto/tokens.ts` defines it, written where it belongs. */

/** Characters of a token behind its prefix: 16 bytes in base64url, without padding. */
export const TOKEN_CHARACTERS = 22

const BASE64URL = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_', 'latin1')

/** Writes the first 16 bytes of the digest. `digest` has one character per byte. */
export function writeToken(digest: string, into: Uint8Array, start: number): void {
  let at = start
  for (let index = 0; index < 15; index += 3) {
    const group =
      (digest.charCodeAt(index) << 16) | (digest.charCodeAt(index + 1) << 8) | digest.charCodeAt(index + 2)
    into[at] = BASE64URL[group >>> 18] as number
    into[at + 1] = BASE64URL[(group >>> 12) & 63] as number
    into[at + 2] = BASE64URL[(group >>> 6) & 63] as number
    into[at + 3] = BASE64URL[group & 63] as number
    at += 4
  }
  const last = digest.charCodeAt(15)
  into[at] = BASE64URL[last >>> 2] as number
  into[at + 1] = BASE64URL[(last & 3) << 4] as number
}
