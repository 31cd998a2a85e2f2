/**
 * Seeded randomness for the demo data.
 *
 * Terms. An *entity seed* is a 32-bit mix of the run's seed and the numbers that name an entity (kind, tenant, customer,
 * order …). Each entity is drawn from its own seed, so it comes out the same whichever table is being written and in
 * whatever order: order 17 can be made once for `orders` and again for its lines without being kept in memory.
 *
 * Generator: mulberry32 (32 bits of state), seeded through the finalizer of MurmurHash3. Good enough for believable data, of no
 * use for secrets. faker's own generator is not used per row: it costs about 20 us a call (see pools.ts).
 */

/** A source of random choices that can be set to the seed of an entity. */
export type Random = {
  /** Sets the state: what follows depends on nothing else. */
  readonly reseed: (seed: number) => void
  /** A float in [0, 1). */
  readonly next: () => number
  /** An integer in [min, max], both included. */
  readonly int: (min: number, max: number) => number
  /** True with the given probability. */
  readonly chance: (probability: number) => boolean
  /** One of a non-empty list. */
  readonly pick: <T>(list: readonly T[]) => T
  /** `length` lower-case hexadecimal digits. */
  readonly hex: (length: number) => string
  /** `length` decimal digits. */
  readonly digits: (length: number) => string
}

/** Mixes the numbers that name an entity into one 32-bit seed (MurmurHash3, x86 32-bit variant). */
export function mixSeed(...parts: readonly number[]): number {
  let hash = 0x9747b28c
  for (const part of parts) {
    let k = Math.imul(part | 0, 0xcc9e2d51)
    k = (k << 15) | (k >>> 17)
    hash ^= Math.imul(k, 0x1b873593)
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64
  }
  hash ^= parts.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

const HEX = Array.from({ length: 65_536 }, (_, n) => n.toString(16).padStart(4, '0'))
const VARIANT = ['8', '9', 'a', 'b'] as const

/**
 * The UUID (version 4 in form, RFC 9562) of an entity. It takes four mixes, each with its own start: from
 * one 32-bit state, two of some hundred thousand entities would get the same.
 */
export function entityUuid(...parts: readonly number[]): string {
  const [a, b, c, d] = [
    mixSeed(1, ...parts),
    mixSeed(2, ...parts),
    mixSeed(3, ...parts),
    mixSeed(4, ...parts),
  ]
  const [p, q, r] = [HEX[b >>> 16]!, HEX[b & 0xffff]!.slice(1), HEX[c >>> 16]!.slice(1)]
  return `${HEX[a >>> 16]}${HEX[a & 0xffff]}-${p}-4${q}-${VARIANT[c & 3]}${r}-${HEX[(c >>> 4) & 0xffff]}${HEX[d >>> 16]}${HEX[d & 0xffff]}`
}

/** A generator that starts at `seed`. */
export function createRandom(seed: number): Random {
  let state = seed | 0

  const bits = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return (t ^ (t >>> 14)) >>> 0
  }
  const next = (): number => bits() / 4_294_967_296
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1))
  const hex4 = (): string => HEX[bits() >>> 16]!

  return {
    reseed(seed) {
      state = seed | 0
    },
    next,
    int,
    chance: (probability) => next() < probability,
    pick: (list) => list[Math.floor(next() * list.length)]!,
    hex(length) {
      let text = ''
      while (text.length < length) text += hex4()
      return text.slice(0, length)
    },
    digits(length) {
      let text = ''
      while (text.length < length) text += String(int(0, 999_999)).padStart(6, '0')
      return text.slice(0, length)
    },
  }
}
