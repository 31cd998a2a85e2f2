/** Two doors in turn, so that what disturbs the machine disturbs both. */
import { percentile } from '#ops/demo/freshness-probe.ts'
import type { Door, Question, Timing } from './doors.ts'

/** Medians of both, and of how the second differs from the first. */
export type Compared = {
  readonly direct_ms: number
  readonly api_ms: number
  readonly ratio: number
  readonly added_ms: number
  readonly first_added_ms: number
  readonly bytes: number
}

/** One question after the other at each door in turn; `question` makes the n-th. */
export async function compareTimes(
  [direct, api]: readonly [Door, Door],
  question: (index: number) => Question,
  options: { readonly count: number; readonly warmUp: number; readonly signal: AbortSignal },
): Promise<Compared> {
  const { count, warmUp, signal } = options
  const times: [Timing[], Timing[]] = [[], []]
  for (let index = -warmUp; index < count; index++) {
    signal.throwIfAborted()
    // Who goes first changes: the second finds warm caches.
    for (const place of index % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
      const timing = await (place === 0 ? direct : api).ask(question(index))
      if (index >= 0) times[place].push(timing)
    }
  }
  const of = (list: readonly Timing[], key: keyof Timing) => median(list.map((timing) => timing[key]))
  const [directMillis, apiMillis] = [of(times[0], 'millis'), of(times[1], 'millis')]
  return {
    direct_ms: directMillis,
    api_ms: apiMillis,
    ratio: apiMillis / directMillis,
    added_ms: apiMillis - directMillis,
    first_added_ms: of(times[1], 'firstMillis') - of(times[0], 'firstMillis'),
    bytes: of(times[1], 'bytes'),
  }
}

/** Requests a second of both, and the median of the ratios of neighbouring windows. */
export type Throughput = { readonly direct_rps: number; readonly api_rps: number; readonly ratio: number }

/** Many connections ask the same, for a while at each door in turn. */
export async function compareThroughput(
  [direct, api]: readonly [Door, Door],
  question: Question,
  options: {
    readonly connections: number
    readonly windows: number
    readonly millis: number
    readonly signal: AbortSignal
  },
): Promise<Throughput> {
  const { connections, windows, millis, signal } = options
  const rate = async (door: Door): Promise<number> => {
    signal.throwIfAborted()
    const started = performance.now()
    const until = started + millis
    let answers = 0
    const ask = async (): Promise<void> => {
      while (performance.now() < until) {
        await door.ask(question)
        answers++
      }
    }
    await Promise.all(Array.from({ length: connections }, ask))
    return (answers * 1000) / (performance.now() - started)
  }
  const pairs: { readonly direct: number; readonly api: number }[] = []
  await rate(direct)
  await rate(api)
  for (let window = 0; window < windows; window++)
    pairs.push({ direct: await rate(direct), api: await rate(api) })
  return {
    direct_rps: median(pairs.map((pair) => pair.direct)),
    api_rps: median(pairs.map((pair) => pair.api)),
    ratio: median(pairs.map((pair) => pair.api / pair.direct)),
  }
}

function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}
