/**
 * HMAC tokens, made from the bytes where they stand: no text is made of what is personal, unless it has other characters than ASCII or
 * escapes, which the normal forms need as text. The token is that of `crypto/tokens.ts`; tests compare them.
 */
import type { PlanOf } from '#contracts/pii/pii-plan.ts'
import { HmacBuffer, type HmacKey, hmacKey, hmacSha256, MESSAGE_START } from '../crypto/hmac-sha256.ts'
import { keyDomain } from '../crypto/key-domain.ts'
import type { KeyRing } from '../crypto/key-ring.ts'
import { normalizer } from '../normalize.ts'
import type { RowWriter } from '../rowbinary/row-writer.ts'
import type { CellReader } from './cell-reader.ts'
import { BAIL } from './scan.ts'
import type { TenantState } from './tenant-state.ts'
import type { PlaceholderTest, TextTest } from './text-reader.ts'
import { TextScan } from './text-scan.ts'

const KEY_BYTES = 32
const TOKEN_CHARACTERS = 22
/** A longer text takes the plain path. */
const MOST_BYTES = 1024

/** One scratch for all: nothing is kept in it from one value to the next. */
const room = new HmacBuffer(MOST_BYTES * 4)
const message = room.bytes

const BASE64URL = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_', 'latin1')

/** Writes the first 16 bytes of the digest in base64url, without padding. `digest` has one character per byte. */
function writeToken(digest: string, into: Uint8Array, start: number): void {
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

/** Copies the normal form of the scanned text to `message`; returns its length, or -1 where only the text itself will do. */
type CopyNormal = (bytes: Buffer, scan: TextScan) => number

const COPIERS: Readonly<Record<PlanOf<'hmac'>['normalize'], CopyNormal>> = {
  none: (bytes, { from, to }) => copy(bytes, from, to),
  trim: (bytes, scan) => {
    const from = firstCharacter(bytes, scan)
    return copy(bytes, from, behindLast(bytes, from, scan.to))
  },
  lower: copyLower,
  email: copyLower,
  phone: copyPhone,
}

function copy(bytes: Buffer, from: number, to: number): number {
  let at = MESSAGE_START
  for (let position = from; position < to; position++) message[at++] = bytes[position] as number
  return to - from
}

/** Of the white space that ASCII has only the space stands in JSON without an escape. */
function firstCharacter(bytes: Buffer, { from, to }: TextScan): number {
  let position = from
  while (position < to && bytes[position] === 0x20) position++
  return position
}

function behindLast(bytes: Buffer, from: number, to: number): number {
  let position = to
  while (position > from && bytes[position - 1] === 0x20) position--
  return position
}

function copyLower(bytes: Buffer, scan: TextScan): number {
  const from = firstCharacter(bytes, scan)
  const to = behindLast(bytes, from, scan.to)
  let at = MESSAGE_START
  for (let position = from; position < to; position++) {
    const byte = bytes[position] as number
    message[at++] = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
  }
  return to - from
}

/** Digits, with a `+` in front of an international number; -1 where there are letters, or no digit. See normalize.ts. */
function copyPhone(bytes: Buffer, scan: TextScan): number {
  const from = firstCharacter(bytes, scan)
  let at = MESSAGE_START
  const hasPlus = bytes[from] === 0x2b
  if (hasPlus) message[at++] = 0x2b
  const first = at
  for (let position = from; position < scan.to; position++) {
    const byte = bytes[position] as number
    if (byte >= 0x30 && byte <= 0x39) message[at++] = byte
    // Letters: an extension, or no number at all. DEL is no letter, but no matter.
    else if (byte >= 0x40) return -1
  }
  if (at === first) return -1
  if (!hasPlus && message[first] === 0x30 && message[first + 1] === 0x30 && at - first >= 2) {
    // `00` says international, too.
    message[first] = 0x2b
    message.copyWithin(first + 1, first + 2, at)
    at--
  }
  return at - MESSAGE_START
}

/** The reader of a text column that becomes a token; NULL stays NULL. */
export function hmacReader(options: {
  readonly plan: PlanOf<'hmac'>
  readonly ring: KeyRing
  readonly test: TextTest
  readonly isPlaceholder: PlaceholderTest
  readonly tenant: TenantState
}): CellReader {
  const { plan, ring, test, isPlaceholder, tenant } = options
  const slot = tenant.slot()
  const domain = keyDomain(plan)
  const normal = normalizer(plan.normalize)
  const copyNormal = COPIERS[plan.normalize]
  const prefix = Buffer.from(`h${ring.version}_`, 'latin1')
  const tokenLength = prefix.length + TOKEN_CHARACTERS
  const scan = new TextScan()

  function keyOfTenant(): HmacKey | undefined {
    const { current } = tenant
    if (!current) return undefined
    let key = current.derived[slot] as HmacKey | undefined
    if (key === undefined) {
      key = hmacKey(ring.derive('hmac', current.id, domain, KEY_BYTES))
      current.derived[slot] = key
    }
    return key
  }

  function messageLength(bytes: Buffer): number {
    if (scan.to - scan.from > MOST_BYTES) return -1
    if (!scan.isEscaped && (plan.normalize === 'none' || !scan.isWide)) {
      const length = copyNormal(bytes, scan)
      if (length >= 0) return length
    }
    const text = scan.text(bytes)
    if (text === undefined) return -1
    const normalized = normal(text)
    return normalized.length * 3 > message.length - MESSAGE_START
      ? -1
      : message.write(normalized, MESSAGE_START, 'utf8')
  }

  function writeHmac(key: HmacKey, length: number, writer: RowWriter): void {
    const into = writer.bytes
    into[writer.at++] = tokenLength
    for (let index = 0; index < prefix.length; index++) into[writer.at++] = prefix[index] as number
    writeToken(hmacSha256(key, room, length), into, writer.at)
    writer.at += TOKEN_CHARACTERS
  }

  return function readHmac(bytes, at, end, writer) {
    if (!scan.read(bytes, at, end) || isPlaceholder(bytes, scan) || !test(bytes, scan)) return BAIL
    const key = keyOfTenant()
    const length = messageLength(bytes)
    if (!key || length < 0) return BAIL
    writeHmac(key, length, writer)
    return scan.to + 1
  }
}
