/** What all lanes of a worker may hold together: with many partitions each gets smaller batches, and memory does not grow with their number. */

/** Batches of a lane that may be of full size, one loading and one filling, of so many lanes at once. */
const FULL_BATCHES = 8

/** Bytes of records that are read and not loaded yet. */
export class BufferRoom {
  readonly #most: number
  #held = 0

  /** `batchBytes`: of a full batch. */
  constructor(batchBytes: number) {
    this.#most = FULL_BATCHES * batchBytes
  }

  /** Batches should be loaded before they are full. */
  get isTight(): boolean {
    return this.#held >= this.#most
  }

  hold(bytes: number): void {
    this.#held += bytes
  }

  release(bytes: number): void {
    this.#held -= bytes
  }
}
