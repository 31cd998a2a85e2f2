/**
 * The text of an API key: `mogo_<id>_<secret><checksum>`, 67 characters.
 *
 *   mogo_                 tells people, and scanners of repositories and logs, what it is: /\bmogo_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}\b/
 *   id        12 characters, random; not secret: it is what lists, logs and records name the key by
 *   secret    43 characters: 256 random bits in base 62
 *   checksum   6 characters: CRC-32 of all before it in base 62, so that a scanner, and we, know a key from what only looks like one
 *             without asking anybody
 *
 * The form is that of GitHub's tokens: letters, digits and `_`, which a double click selects as a whole.
 *
 * What is kept is SHA-256 of the text. A slow hash (scrypt, argon2) protects what people choose and can be guessed; 256 random bits cannot, and
 * a slow hash on every request would be a way to exhaust us.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const ID_LENGTH = 12
const SECRET_LENGTH = 43
const CHECKSUM_LENGTH = 6
/** What every key begins with. */
export const KEY_PREFIX = 'mogo_'
const FORM = new RegExp(
  `^(${KEY_PREFIX}([0-9A-Za-z]{${ID_LENGTH}})_[0-9A-Za-z]{${SECRET_LENGTH}})([0-9A-Za-z]{${CHECKSUM_LENGTH}})$`,
)

/** A new key: its id, and the text, which is shown once and never kept. `random` gives that many random bytes. */
export function newAccessKey(random: (bytes: number) => Uint8Array = randomBytes): {
  readonly id: string
  readonly text: string
} {
  // The last twelve digits of 96 bits: all as likely as not, to one in sixteen million.
  const id = base62(random(12), ID_LENGTH)
  const body = `${KEY_PREFIX}${id}_${base62(random(32), SECRET_LENGTH)}`
  return { id, text: `${body}${checksum(body)}` }
}

/** The id of a key's text; undefined if it has not the form of one, or its checksum does not fit. */
export function keyIdOf(text: string): string | undefined {
  const [, body = '', id, sum] = FORM.exec(text) ?? []
  return id !== undefined && checksum(body) === sum ? id : undefined
}

/** SHA-256 of the text, in hex. */
export function hashOfKey(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** True if the text is the one of this hash; takes the same time whatever differs. */
export function fitsHash(text: string, hash: string): boolean {
  return timingSafeEqual(createHash('sha256').update(text).digest(), Buffer.from(hash, 'hex'))
}

function checksum(body: string): string {
  return digitsOf(BigInt(crc32(body)), CHECKSUM_LENGTH)
}

function base62(bytes: Uint8Array, length: number): string {
  return digitsOf(BigInt(`0x${Buffer.from(bytes).toString('hex')}`), length)
}

/** The last digits of a number in base 62. */
function digitsOf(value: bigint, length: number): string {
  let rest = value
  let text = ''
  for (let n = 0; n < length; n++) {
    text = DIGITS[Number(rest % 62n)] + text
    rest /= 62n
  }
  return text
}
