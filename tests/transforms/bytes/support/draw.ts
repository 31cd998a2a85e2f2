/** Random choices, made by fast-check. A failure tells the record that it failed on; it is not made smaller, which would take minutes. */
import fc from 'fast-check'

/** Draws from a run of a property. */
export class Draw {
  readonly #generate: fc.GeneratorValue

  constructor(generate: fc.GeneratorValue) {
    this.#generate = generate
  }

  /** A whole number from 0 up to `count`, exclusive. */
  below(count: number): number {
    return this.#generate(fc.nat, { max: Math.max(0, count - 1) })
  }

  between(first: number, last: number): number {
    return first + this.below(last - first + 1)
  }

  /** True in about that many of a hundred cases. */
  chance(percent: number): boolean {
    return this.below(100) >= 100 - percent
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }

  /** Some of a list, in its order. */
  some<T>(list: readonly T[], percent: number): readonly T[] {
    return list.filter(() => this.chance(percent))
  }

  shuffled<T>(list: readonly T[]): readonly T[] {
    const left = [...list]
    return list.map(() => left.splice(this.below(left.length), 1)[0] as T)
  }
}

/** Checks random draws. The report of a failure says what was wrong. */
export function checkDrawn(numRuns: number, seed: number, check: (draw: Draw) => void): void {
  const property = fc.property(fc.gen(), (generate) => check(new Draw(generate)))
  fc.assert(property, { numRuns, seed, includeErrorInReport: true, endOnFailure: true })
}
