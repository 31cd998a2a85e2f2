/**
 * Cursors: a position and a direction as opaque text.
 *
 * A cursor holds values of sort columns, and stands in URLs, which get into logs: so it is encrypted, by AES-SIV (RFC 5297). It is
 * deterministic: the same page has the same address each time, so that a cache can know it again. The ciphertext is signed with
 * HMAC-SHA256, and nothing without a valid signature is opened. Inside stand the scope and the query that the cursor is of.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { aessiv } from '@noble/ciphers/aes.js'
import { MogoError } from '#contracts/errors.ts'
import type { Position } from './position.ts'
import type { RowsKeys } from './rows-keys.ts'

/** Where a page begins. */
export type Cursor = {
  /** The page before the position, instead of behind it. */
  readonly backward: boolean
  /** The row at the position is on the page. */
  readonly inclusive: boolean
  readonly position: Position
}

/** What a cursor belongs to. */
export type CursorOwner = {
  /** Name of the access scope. */
  readonly scope: string
  /** All that decides about rows and order; not the size of a page. */
  readonly query: string
}

/** Most bytes of a position. */
const LONGEST_POSITION = 2_000
/** Longest cursor, characters. */
const LONGEST_CURSOR = 3_000

const VERSION = 1
const MAC_BYTES = 32
const SCOPE_BYTES = 8
const QUERY_BYTES = 16
const HEAD_BYTES = 2 + SCOPE_BYTES + QUERY_BYTES
const ABOUT = Buffer.from('mogo rows cursor 1')

/** Writes a cursor. @throws MogoError MOGO_ROWS_CURSOR_LONG */
export function writeCursor(keys: RowsKeys, owner: CursorOwner, cursor: Cursor): string {
  const position = packed(cursor.position)
  if (position.length > LONGEST_POSITION)
    throw new MogoError('MOGO_ROWS_CURSOR_LONG', { limit: LONGEST_POSITION })
  const flags = (cursor.backward ? 1 : 0) | (cursor.inclusive ? 2 : 0)
  const plain = Buffer.concat([
    Buffer.from([VERSION, flags]),
    digest(owner.scope, SCOPE_BYTES),
    digest(owner.query, QUERY_BYTES),
    position,
  ])
  const sealed = aessiv(keys.seal, ABOUT).encrypt(plain)
  return Buffer.concat([signature(keys, sealed), sealed]).toString('base64url')
}

/** Reads a cursor. @throws MogoError MOGO_ROWS_CURSOR if it is not one of ours, of another scope, or of another query */
export function readCursor(keys: RowsKeys, owner: CursorOwner, text: string): Cursor {
  const plain = opened(keys, text)
  if (!plain) throw refused('it was not made here, or is not as it was made')
  if (!plain.subarray(2, 2 + SCOPE_BYTES).equals(digest(owner.scope, SCOPE_BYTES)))
    throw refused('it belongs to another tenant or role, or the contracts have changed since')
  if (!plain.subarray(2 + SCOPE_BYTES, HEAD_BYTES).equals(digest(owner.query, QUERY_BYTES)))
    throw refused(
      'it belongs to another query: dataset, select, filters, sort, group and aggregate must be as they were',
    )
  const flags = plain[1] ?? 0
  return {
    backward: (flags & 1) !== 0,
    inclusive: (flags & 2) !== 0,
    position: unpacked(plain.subarray(HEAD_BYTES)),
  }
}

function opened(keys: RowsKeys, text: string): Buffer | undefined {
  if (text.length > LONGEST_CURSOR || !/^[\w-]+$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  // Other texts that decode to the same bytes are no cursors.
  if (bytes.length <= MAC_BYTES || bytes.toString('base64url') !== text) return undefined
  const sealed = bytes.subarray(MAC_BYTES)
  if (!timingSafeEqual(bytes.subarray(0, MAC_BYTES), signature(keys, sealed))) return undefined
  try {
    const plain = Buffer.from(aessiv(keys.seal, ABOUT).decrypt(sealed))
    return plain[0] === VERSION && plain.length >= HEAD_BYTES ? plain : undefined
  } catch {
    return undefined
  }
}

function signature(keys: RowsKeys, sealed: Uint8Array): Buffer {
  return createHmac('sha256', keys.sign).update(sealed).digest()
}

function digest(text: string, bytes: number): Buffer {
  return createHash('sha256').update(text).digest().subarray(0, bytes)
}

const NULL = 0
const TEXT = 1
/** Hexadecimal text, in half the bytes. */
const HEX = 2

/** One kind and two bytes of length before each value. */
function packed(position: Position): Buffer {
  return Buffer.concat(
    position.flatMap((value) => {
      if (value === null) return [Buffer.from([NULL, 0, 0])]
      const isHex = value.length % 2 === 0 && /^[0-9A-F]+$/.test(value)
      const bytes = Buffer.from(value, isHex ? 'hex' : 'utf8')
      // What is too long for the length is too long for a cursor.
      const length = Math.min(bytes.length, 0xffff)
      return [Buffer.from([isHex ? HEX : TEXT, length >> 8, length & 0xff]), bytes]
    }),
  )
}

function unpacked(bytes: Buffer): Position {
  const values: (string | null)[] = []
  for (let at = 0; at < bytes.length; ) {
    const kind = bytes[at]
    const end = at + 3 + bytes.readUInt16BE(at + 1)
    const value = bytes.subarray(at + 3, end)
    if (kind === NULL) values.push(null)
    else values.push(kind === HEX ? value.toString('hex').toUpperCase() : value.toString('utf8'))
    at = end
  }
  return values
}

function refused(detail: string): MogoError {
  return new MogoError('MOGO_ROWS_CURSOR', { detail })
}
