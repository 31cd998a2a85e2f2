/**
 * HMAC tokens, made from the bytes where they stand: no text is made of what is personal, unless it has other characters than ASCII or
 * escapes, which the normal forms need as text. The token is that of `crypto/tokens.ts`; tests compare them.
 */
import type { PlanOf } from '#contracts/pii/pii-plan.ts'
import { HmacBuffer, hmacKey, hmacSha256, MESSAGE_START } from '../crypto/hmac-sha256.ts'
import { keyDomain } from '../crypto/key-domain.ts'
import type { KeyRing } from '../crypto/key-ring.ts'
import { normalizer } from '../normalize.ts'
import type { RowWriter } from '../rowbinary/row-writer.ts'
import type { CellReader } from './cell-reader.ts'
import { NotedKey } from './open-tokens.ts'
import { BAIL } from './scan.ts'
import type { TenantState } from './tenant-state.ts'
import type { PlaceholderTest, TextTest } from './text-reader.ts'
import { TextScan } from './text-scan.ts'
import { TOKEN_CHARACTERS, writeToken } from './token-text.ts'

const KEY_BYTES = 32
/** A longer text takes the plain path. */
const MOST_BYTES = 1024

/** Of its normal form: lower case may have more bytes. */
const MOST_MESSAGE = MOST_BYTES * 4

/** One scratch for all: nothing is kept in it from one value to the next. */
const room = new HmacBuffer(MOST_MESSAGE)

/** Copies the normal form of the scanned text to `message`, from `start` on; returns its length, or -1 where only the text itself will do. */
type CopyNormal = (bytes: Buffer, scan: TextScan, message: Buffer, start: number) => number

const COPIERS: Readonly<Record<PlanOf<'hmac'>['normalize'], CopyNormal>> = {
  none: (bytes, { from, to }, message, start) => copy(bytes, from, to, message, start),
  trim: (bytes, scan, message, start) => {
    const from = firstCharacter(bytes, scan)
    return copy(bytes, from, behindLast(bytes, from, scan.to), message, start)
  },
  lower: copyLower,
  email: copyLower,
  phone: copyPhone,
}

function copy(bytes: Buffer, from: number, to: number, message: Buffer, start: number): number {
  let at = start
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

function copyLower(bytes: Buffer, scan: TextScan, message: Buffer, start: number): number {
  const from = firstCharacter(bytes, scan)
  const to = behindLast(bytes, from, scan.to)
  let at = start
  for (let position = from; position < to; position++) {
    const byte = bytes[position] as number
    message[at++] = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
  }
  return to - from
}

/** Digits, with a `+` in front of an international number; -1 where there are letters, or no digit. See normalize.ts. */
function copyPhone(bytes: Buffer, scan: TextScan, message: Buffer, start: number): number {
  const from = firstCharacter(bytes, scan)
  let at = start
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
  return at - start
}

/** The reader of a text column that becomes a token; NULL stays NULL. */
export function hmacReader(options: {
  readonly plan: PlanOf<'hmac'>
  readonly ring: KeyRing
  readonly test: TextTest
  readonly isPlaceholder: PlaceholderTest
  readonly tenant: TenantState
  /** The token is needed at once, by whoever reads the row on. */
  readonly atOnce: boolean
}): CellReader {
  const { plan, ring, test, isPlaceholder, tenant, atOnce } = options
  const slot = tenant.slot()
  const domain = keyDomain(plan)
  const normal = normalizer(plan.normalize)
  const copyNormal = COPIERS[plan.normalize]
  const prefix = Buffer.from(`h${ring.version}_`, 'latin1')
  const tokenLength = prefix.length + TOKEN_CHARACTERS
  const scan = new TextScan()

  function keyOfTenant(): NotedKey | undefined {
    const { current } = tenant
    if (!current) return undefined
    let key = current.derived[slot] as NotedKey | undefined
    if (key === undefined) {
      key = new NotedKey(hmacKey(ring.derive('hmac', current.id, domain, KEY_BYTES)))
      current.derived[slot] = key
    }
    return key
  }

  /** Writes the normal form to `message`; returns its length, or -1 if the plain path has to take it. */
  function writeMessage(bytes: Buffer, message: Buffer, start: number): number {
    if (!scan.isEscaped && (plan.normalize === 'none' || !scan.isWide)) {
      const length = copyNormal(bytes, scan, message, start)
      if (length >= 0) return length
    }
    const text = scan.text(bytes)
    if (text === undefined) return -1
    const normalized = normal(text)
    return normalized.length * 3 > MOST_MESSAGE ? -1 : message.write(normalized, start, 'utf8')
  }

  function writeStart(writer: RowWriter): void {
    const into = writer.bytes
    into[writer.at++] = tokenLength
    for (let index = 0; index < prefix.length; index++) into[writer.at++] = prefix[index] as number
  }

  return function readHmac(bytes, at, end, writer) {
    if (!scan.read(bytes, at, end) || isPlaceholder(bytes, scan) || !test(bytes, scan)) return BAIL
    const key = keyOfTenant()
    if (!key || scan.to - scan.from > MOST_BYTES) return BAIL
    const open = atOnce ? null : writer.openTokens
    if (open === null) {
      const length = writeMessage(bytes, room.bytes, MESSAGE_START)
      if (length < 0) return BAIL
      writeStart(writer)
      writeToken(hmacSha256(key.key, room, length), writer.bytes, writer.at)
    } else {
      const start = open.begin(key, MOST_MESSAGE)
      const length = writeMessage(bytes, open.bytes, start)
      if (length < 0) return BAIL
      writeStart(writer)
      open.end(key, length, writer.at)
    }
    writer.at += TOKEN_CHARACTERS
    return scan.to + 1
  }
}
