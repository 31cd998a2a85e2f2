/** How many wrong guesses are borne in a time: of one person's secret, of all secrets, of device codes. */

/** How many, in how many milliseconds. */
export type GuessBounds = { readonly most: number; readonly millis: number }

/** Most names that are remembered; beyond it the one that was guessed at longest ago goes. */
const MOST_NAMES = 1000

/** Counts wrong guesses per name. */
export class GuessLimit {
  readonly #bounds: GuessBounds
  readonly #now: () => number
  readonly #wrong = new Map<string, readonly number[]>()

  constructor(bounds: GuessBounds, now: () => number = Date.now) {
    this.#bounds = bounds
    this.#now = now
  }

  /** True if no more may be tried under this name for now. */
  isSpent(name = ''): boolean {
    return this.#recent(name).length >= this.#bounds.most
  }

  /** One more was wrong. */
  count(name = ''): void {
    const recent = this.#recent(name)
    this.#wrong.delete(name)
    const first = this.#wrong.keys().next().value
    if (this.#wrong.size >= MOST_NAMES && first !== undefined) this.#wrong.delete(first)
    this.#wrong.set(name, [...recent, this.#now()].slice(-this.#bounds.most))
  }

  #recent(name: string): readonly number[] {
    const since = this.#now() - this.#bounds.millis
    return (this.#wrong.get(name) ?? []).filter((at) => at > since)
  }
}
