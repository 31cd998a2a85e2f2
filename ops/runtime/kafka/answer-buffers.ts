/**
 * Memory for large answers of brokers, used again and again. New memory for every answer costs more than all the rest of reading: its pages have to be
 * made, and a garbage collection of the whole heap follows every few answers.
 *
 * Memory comes back when its last lease is released, and not a moment sooner: whoever reads records later than the call that handed them
 * over holds a lease for as long. Who never releases one costs nothing but that: the memory is collected as garbage once nobody has it.
 */

/** Holds memory. */
export type Lease = {
  /** Once more; {@link release} is then due once more. */
  retain(): void
  release(): void
}

/** Smaller answers are left to Node, larger ones are rare. */
const SMALLEST_BYTES = 256 * 1024
const LARGEST_BYTES = 8 * 1024 * 1024
/** Sizes are multiples of this, so that memory fits the next answer, too. */
const STEP_BYTES = 512 * 1024
/** Kept for later; so much may be read and not loaded yet. */
const MOST_FREE = 16
/** So many small answers in a row say that nothing much is coming: then nothing is kept. */
const SMALL_IN_A_ROW = 50

/** See above. */
export class AnswerBuffers {
  #free: ArrayBufferLike[] = []
  readonly #leases = new WeakMap<ArrayBufferLike, Lease>()
  #small = 0

  /** Memory for an answer of so many bytes; what is in it is left over. */
  take(bytes: number): Buffer {
    if (bytes < SMALLEST_BYTES) {
      this.#small += 1
      if (this.#small > SMALL_IN_A_ROW) this.#free = []
      return Buffer.allocUnsafe(bytes)
    }
    this.#small = 0
    if (bytes > LARGEST_BYTES) return Buffer.allocUnsafeSlow(bytes)
    const index = this.#free.findLastIndex(({ byteLength }) => byteLength >= bytes)
    const [memory] = index < 0 ? [] : this.#free.splice(index, 1)
    return Buffer.from(memory ?? this.#make(Math.ceil(bytes / STEP_BYTES) * STEP_BYTES), 0, bytes)
  }

  /** The lease of the memory that bytes lie in; undefined if it does not come back. */
  leaseOf(bytes: Uint8Array): Lease | undefined {
    return this.#leases.get(bytes.buffer)
  }

  #make(bytes: number): ArrayBufferLike {
    const memory = Buffer.allocUnsafeSlow(bytes).buffer
    let held = 0
    this.#leases.set(memory, {
      retain: () => {
        held += 1
      },
      release: () => {
        held -= 1
        if (held !== 0) return
        if (this.#free.length === MOST_FREE) this.#free.shift()
        this.#free.push(memory)
      },
    })
    return memory
  }
}
