/**
 * Tokens that are made later, by another thread: the row is written with a gap, and what belongs there is noted.
 *
 *   hmac-reader.ts --key, normal form, place of the gap--> OpenTokens --memory--> fillTokens (other thread) --memory--> placeTokens
 *
 * All of it lies in one memory, which goes to the other thread and comes back; nothing is copied, and neither side has to remember a key.
 *
 *   key    -1, the inner and the outer key (16 words each): before the first note that needs it
 *   note   place of the gap, place of its key, length of the message, the message padded to whole words; the token is written over the message
 */
import { HmacBuffer, type HmacKey, hmacSha256, MESSAGE_START } from '../crypto/hmac-sha256.ts'
import { TOKEN_CHARACTERS, writeToken } from './token-text.ts'

const WORD = 4
const HEAD = 3 * WORD
const HALF_KEY_WORDS = 16
const KEY = WORD + 2 * HALF_KEY_WORDS * WORD
/** Stands where a note has the place of its gap. */
const IS_KEY = -1

/** A key, and where it stands in the page that it was noted on last. */
export class NotedKey {
  readonly key: HmacKey
  page: object | null = null
  at = 0

  constructor(key: HmacKey) {
    this.key = key
  }
}

/** Notes from the beginning of the memory up to `end`. */
export type TokenNotes = { readonly memory: ArrayBuffer; readonly end: number }

/** Takes notes. */
export class OpenTokens {
  /** Where the next note begins; a multiple of 4. */
  at = 0
  bytes: Buffer
  #words: Int32Array
  /** Keys that were noted on another page may not be there any more. */
  #page = {}

  /** The length of `memory` is a multiple of 4. */
  constructor(memory: ArrayBuffer) {
    this.bytes = Buffer.from(memory)
    this.#words = new Int32Array(memory)
  }

  /** Makes room for a message of at most so many bytes; returns where it is to be written in {@link bytes}. */
  begin(noted: NotedKey, most: number): number {
    const needed = this.at + KEY + HEAD + Math.max(most, TOKEN_CHARACTERS) + WORD
    if (needed > this.bytes.length) this.#grow(needed)
    if (noted.page !== this.#page) this.#writeKey(noted)
    return this.at + HEAD
  }

  /** Notes the message that was written; its token belongs at `gap`. */
  end({ at: keyAt }: NotedKey, length: number, gap: number): void {
    const word = this.at / WORD
    this.#words[word] = gap
    this.#words[word + 1] = keyAt
    this.#words[word + 2] = length
    this.at = behindNote(this.at, length)
  }

  /** The row is not written after all: forgets its notes, which began at `at`. */
  takeBack(at: number): void {
    if (this.at === at) return
    this.at = at
    this.#page = {}
  }

  /** Hands over what is noted, and goes on in other memory. */
  take(memory: ArrayBuffer): TokenNotes {
    const taken = { memory: this.bytes.buffer as ArrayBuffer, end: this.at }
    this.bytes = Buffer.from(memory)
    this.#words = new Int32Array(memory)
    this.at = 0
    this.#page = {}
    return taken
  }

  #writeKey(noted: NotedKey): void {
    const { inner, outer } = noted.key
    let word = this.at / WORD
    this.#words[word++] = IS_KEY
    for (let index = 0; index < HALF_KEY_WORDS; index++) {
      this.#words[word + index] = inner[index] as number
      this.#words[word + HALF_KEY_WORDS + index] = outer[index] as number
    }
    noted.page = this.#page
    noted.at = this.at
    this.at += KEY
  }

  #grow(needed: number): void {
    const bytes = Buffer.from(new ArrayBuffer(Math.max(2 * this.bytes.length, wholeWords(needed))))
    this.bytes.copy(bytes, 0, 0, this.at)
    this.bytes = bytes
    this.#words = new Int32Array(bytes.buffer)
  }
}

function wholeWords(bytes: number): number {
  return (bytes + WORD - 1) & ~(WORD - 1)
}

function behindNote(at: number, length: number): number {
  return at + HEAD + wholeWords(Math.max(length, TOKEN_CHARACTERS))
}

const scratch = new HmacBuffer(4096)

/** Makes the tokens. */
export function fillTokens({ memory, end }: TokenNotes): void {
  const words = new Int32Array(memory)
  const bytes = new Uint8Array(memory)
  const keys = new Map<number, HmacKey>()
  for (let at = 0; at < end; ) {
    const word = at / WORD
    if (words[word] === IS_KEY) {
      keys.set(at, keyAt(words, word + 1))
      at += KEY
      continue
    }
    const key = keys.get(words[word + 1] as number) as HmacKey
    const length = words[word + 2] as number
    const start = at + HEAD
    const room = length + MESSAGE_START <= scratch.bytes.length ? scratch : new HmacBuffer(length)
    for (let index = 0; index < length; index++)
      room.bytes[MESSAGE_START + index] = bytes[start + index] as number
    writeToken(hmacSha256(key, room, length), bytes, start)
    at = behindNote(at, length)
  }
}

function keyAt(words: Int32Array, first: number): HmacKey {
  const middle = first + HALF_KEY_WORDS
  return { inner: words.subarray(first, middle), outer: words.subarray(middle, middle + HALF_KEY_WORDS) }
}

/** Writes the tokens into their gaps. */
export function placeTokens({ memory, end }: TokenNotes, into: Uint8Array): void {
  const words = new Int32Array(memory)
  const bytes = new Uint8Array(memory)
  for (let at = 0; at < end; ) {
    const word = at / WORD
    const gap = words[word] as number
    if (gap === IS_KEY) {
      at += KEY
      continue
    }
    const start = at + HEAD
    for (let index = 0; index < TOKEN_CHARACTERS; index++) into[gap + index] = bytes[start + index] as number
    at = behindNote(at, words[word + 2] as number)
  }
}
