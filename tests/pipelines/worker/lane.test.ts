/** A lane: loads in order, one at a time, never more than two batches in memory; a fault stops it before anything is committed. */
import fc from 'fast-check'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { MogoError } from '#contracts/errors.ts'
import { holdClaim } from '#pipelines/clickhouse/claim-holder.ts'
import { packRecords } from '#pipelines/kafka/fetched-records.ts'
import type { InsertResult, Position } from '#pipelines/ports.ts'
import { PartitionLane } from '#pipelines/worker/lane.ts'
import { createPatience } from '#pipelines/worker/patience.ts'
import type { BatchCounts } from '#pipelines/worker/pipeline-stats.ts'
import { compiled } from '../support/catalog.ts'
import { firstCells, outcomeOf, plainMaker, record } from '../support/records.ts'

const dataset = compiled({
  dataset: 'orders',
  table: 'public.orders',
  tenant: 'id',
  columns: [{ name: 'id', type: 'text', key: 1 }],
})

/** A lane on a table in memory. `insert` may fail. */
function setUp(options: {
  readonly insert?: (lines: string[], token: string) => Promise<InsertResult>
  readonly holds?: () => boolean
  readonly rows?: number
  readonly pendingLast?: bigint | null
  readonly committed?: bigint
  /** What Kafka answers, one after the other; then true. */
  readonly commits?: boolean[]
  /** Records of the new shape are rows, as a contract that has moved says; else they are held. */
  readonly moved?: boolean
  /** Records of the old shape are rows once this was asked. */
  readonly learn?: (version: string, unknown: readonly string[] | undefined) => Promise<void>
}) {
  const silent = pino({ level: 'silent' })
  let learnt = false
  const stored: string[] = []
  const tokens = new Set<string>()
  const positions: Position[] = []
  const counts: BatchCounts[] = []
  const quarantined: string[] = []
  const events: string[] = []
  const stopped = Promise.withResolvers<unknown>()
  const insert =
    options.insert ??
    (async (lines: string[], token: string) => {
      if (!tokens.has(token)) stored.push(...lines)
      tokens.add(token)
      return { kind: 'stored' as const }
    })
  const lane = new PartitionLane(
    {
      topic: 't',
      partition: 0,
      committed: options.committed ?? null,
      pendingLast: options.pendingLast ?? null,
      isAlone: true,
    },
    {
      limits: { rows: options.rows ?? 100, bytes: 1e9 },
      flushMillis: 5,
      pause: () => events.push('pause'),
      resume: () => events.push('resume'),
      loaded: (each) => counts.push(each),
      async learn({ held, version }) {
        await options.learn?.(version, held.unknown)
        learnt = true
      },
      held: (change) => events.push(`held ${change.added}`),
      stopped: (error) => stopped.resolve(error),
      load: {
        dataset,
        lane: { topic: 't', partition: 0 },
        isAlone: true,
        claim: holdClaim(async () => ({ lane: 't', owner: 'me' })),
        maker: plainMaker((each) => {
          if (each.value?.toString() === 'explode') throw new TypeError('a fault of the code')
          if (each.value?.toString() === 'old shape' && !learnt)
            return {
              ...{ kind: 'held', dataset, version: String(each.offset) },
              change: { decision: 'hold', added: [], removed: ['note'], unknown: ['note'] },
            }
          if (each.value?.toString() === 'new shape' && !options.moved)
            return {
              ...{ kind: 'held', dataset, version: String(each.offset) },
              change: { decision: 'hold', added: ['colour'], removed: [] },
            }
          return outcomeOf(each)
        }),
        sink: {
          prepareGovernance: async () => {},
          prepare: async () => {},
          insert: (_dataset, lines, token) => insert(firstCells(lines), token),
          claim: async () => ({ lane: 't', owner: 'me' }),
          insertGovernance: async () => {},
          quarantined: async () => [],
          firstValue: async () => null,
          isStored: async () => true,
          holds: async () => options.holds?.() ?? false,
          lookup: async (_dataset, wanted) => wanted.map(() => null),
          removedBelow: async () => null,
          removeBelow: async () => {},
          truncate: async (_dataset, version) => void events.push(`truncate ${version}`),
          check: async () => {},
          close: async () => {},
        },
        quarantine: {
          seal: (_dataset, records) =>
            records.map(({ record: each, faults }) => ({
              place: `${each.offset} ${faults[0]?.code}`,
              cells: [],
            })),
          publish: async () => {},
          knownRows: async () => [],
          resolved: async () => {},
          store: async (sealed) => void quarantined.push(...sealed.map(({ place }) => place)),
        },
        commit: async (position) => {
          const answer = options.commits?.shift() ?? true
          if (answer) positions.push(position)
          return answer
        },
        patience: {
          clickhouse: createPatience('clickhouse', silent),
          kafka: createPatience('kafka', silent),
        },
        now: () => performance.now(),
      },
    },
  )
  return { lane, stored, positions, counts, quarantined, events, stopped: stopped.promise, tokens }
}

const add = async (lane: PartitionLane, records: readonly ReturnType<typeof record>[]) =>
  lane.add(packRecords({ topic: 't', partition: 0 }, records), (records.at(-1)?.offset ?? -1n) + 1n, 0n)

describe('a lane', () => {
  it('accounts for every record and commits past the last one, however records come', async () => {
    const kinds = fc.array(fc.constantFrom('row', 'row', 'bad', 'skip', 'truncate'), {
      minLength: 1,
      maxLength: 60,
    })
    await fc.assert(
      fc.asyncProperty(
        kinds,
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 9 }),
        async (all, size, rows) => {
          const { lane, stored, positions, counts, quarantined } = setUp({ rows })
          const records = all.map((kind, offset) => record(offset, kind))
          for (let first = 0; first < records.length; first += size)
            await add(lane, records.slice(first, first + size))
          await lane.drain()
          const of = (kind: string) => records.filter((each) => each.value?.toString() === kind)
          expect(stored).toHaveLength(of('row').length)
          expect(quarantined).toHaveLength(of('bad').length)
          expect(counts.reduce((sum, batch) => sum + batch.records, 0)).toBe(records.length)
          expect(positions.at(-1)).toEqual({ next: BigInt(records.length), pendingLast: null })
          for (const [index, position] of positions.entries())
            if (position.pendingLast !== null)
              expect(positions[index + 1]?.next).toBe(position.pendingLast + 1n)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('puts bad records aside before the insert: whoever repeats it with another contract finds the rows stored', async () => {
    const aside: string[][] = []
    const made = setUp({
      insert: async () => {
        aside.push([...made.quarantined])
        return { kind: 'stored' }
      },
    })
    await add(made.lane, [record(0), record(1, 'bad'), record(2)])
    await made.lane.drain()
    expect(aside).toEqual([made.quarantined])
    expect(made.quarantined).toHaveLength(1)
  })

  it('notes the pending range before the insert', async () => {
    const seen: (bigint | null | undefined)[] = []
    const { lane, positions } = setUp({
      insert: async () => {
        seen.push(positions.at(-1)?.pendingLast)
        return { kind: 'stored' }
      },
    })
    await add(lane, [record(0), record(1)])
    await lane.drain()
    expect(seen).toEqual([1n])
  })

  it('that is held loads nothing more, keeps what it has, and goes on when it is released', async () => {
    const { lane, stored, events, positions } = setUp({ rows: 2 })
    lane.hold()
    await add(lane, [record(0), record(1), record(2)])
    expect([stored.length, positions.length, events]).toEqual([0, 0, ['pause']])
    lane.release()
    await expect.poll(() => stored).toHaveLength(3)
    expect(events).toEqual(['pause', 'resume'])
  })

  it('that is held loads nothing when it is drained', async () => {
    const { lane, stored, positions } = setUp({ rows: 2 })
    lane.hold()
    await add(lane, [record(0), record(1), record(2)])
    await lane.drain()
    expect([stored, positions]).toEqual([[], []])
  })

  it('takes nothing more when it is drained, so that a steady load does not keep it; what it has committed is counted', async () => {
    const { lane, stored, positions, counts, events } = setUp({ rows: 3 })
    let next = 0
    let isEnded = false
    const feed = (async () => {
      while (!isEnded) {
        await add(lane, [record(next++), record(next++)])
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    await expect.poll(() => stored.length).toBeGreaterThan(10)
    await lane.drain()
    const before = next
    await expect.poll(() => next).toBeGreaterThan(before + 20)
    isEnded = true
    await feed
    expect(stored.length).toBeLessThanOrEqual(before)
    expect(positions.at(-1)).toEqual({ next: BigInt(stored.length), pendingLast: null })
    expect(counts.reduce((sum, batch) => sum + batch.records, 0)).toBe(stored.length)
    expect(events.at(-1)).toBe('pause')
  })

  it('loads and commits what came before a change that its contract waits for, says so, and nothing of what follows', async () => {
    const { lane, stored, positions, events, quarantined } = setUp({ rows: 2 })
    await add(lane, [record(0), record(1), record(2), record(3, 'new shape'), record(4), record(5, 'bad')])
    await lane.drain()
    await add(lane, [record(6)])
    await lane.drain()
    expect(stored).toEqual(['0', '1', '2'].map((id) => `"${id}"`))
    expect(positions.at(-1)).toEqual({ next: 3n, pendingLast: null })
    expect(quarantined).toEqual([])
    expect(events.filter((each) => each === 'held colour')).toHaveLength(1)
    // Paused at its source, for good.
    expect(events.findLast((each) => each === 'pause' || each === 'resume')).toBe('pause')
  })

  it('is held again if it is released while the contract has not moved', async () => {
    const { lane, stored, events } = setUp({})
    await add(lane, [record(0), record(1, 'new shape')])
    await lane.drain()
    lane.release()
    await lane.drain()
    expect(stored).toEqual(['"0"'])
    expect(events.filter((each) => each === 'held colour')).toHaveLength(2)
  })

  it('ends the load before a hold when it is drained', async () => {
    const gate = Promise.withResolvers<void>()
    const { lane, positions } = setUp({
      insert: async () => {
        await gate.promise
        return { kind: 'stored' }
      },
    })
    await add(lane, [record(0), record(1, 'new shape')])
    const drained = lane.drain()
    gate.resolve()
    await drained
    expect(positions.at(-1)).toEqual({ next: 1n, pendingLast: null })
  })

  it('asks what it does not know of a change when all before it is stored, and goes on', async () => {
    const asked: unknown[] = []
    const made = setUp({
      learn: async (...question) => void asked.push([...question, [...made.stored]]),
    })
    await add(made.lane, [record(0), record(1), record(2, 'old shape'), record(3), record(4, 'old shape')])
    await made.lane.drain()
    expect(asked).toEqual([['2', ['note'], ['"0"', '"1"']]])
    expect(made.stored).toHaveLength(5)
    expect(made.events.filter((each) => each.startsWith('held'))).toEqual([])
  })

  it('that cannot ask stops before the record, and commits what came before', async () => {
    const fault = new MogoError('MOGO_CLICKHOUSE_REJECTED', { table: 'x', engineCode: '16' })
    const { lane, positions, stopped } = setUp({ learn: () => Promise.reject(fault) })
    await add(lane, [record(0), record(1, 'old shape')])
    expect(await stopped).toBe(fault)
    await lane.drain()
    expect(positions.at(-1)).toEqual({ next: 1n, pendingLast: null })
  })

  it('keeps a pending range whole that a change lies in: it is loaded under its token once the contract has moved', async () => {
    const range = [record(0), record(1, 'new shape'), record(2), record(3)]
    const usual = setUp({ moved: true })
    await add(usual.lane, range.slice(0, 3))
    await usual.lane.drain()
    const held = setUp({ pendingLast: 2n, committed: 0n })
    await add(held.lane, range)
    await held.lane.drain()
    expect([held.stored, held.positions]).toEqual([[], []])
    const moved = setUp({ pendingLast: 2n, committed: 0n, moved: true })
    await add(moved.lane, range)
    await moved.lane.drain()
    expect([...moved.tokens][0]).toBe([...usual.tokens][0])
    expect(moved.stored).toHaveLength(4)
  })

  it('loses and doubles nothing around changes, when a lane of the contract that has moved begins where the former one was', async () => {
    const kinds = fc.array(fc.constantFrom('row', 'row', 'row', 'bad', 'skip', 'truncate', 'new shape'), {
      minLength: 1,
      maxLength: 40,
    })
    const sizes = { size: fc.integer({ min: 1, max: 15 }), rows: fc.integer({ min: 1, max: 6 }) }
    await fc.assert(
      fc.asyncProperty(kinds, fc.record(sizes), fc.boolean(), async (all, { size, rows }, drains) => {
        const records = all.map((kind, offset) => record(offset, kind))
        const idsOf = (...wanted: string[]) =>
          records.filter((each) => wanted.includes(String(each.value))).map(({ offset }) => `"${offset}"`)
        const stored: string[] = []
        const tokens = new Set<string>()
        const insert = async (lines: string[], token: string) => {
          if (!tokens.has(token)) stored.push(...lines)
          tokens.add(token)
          return { kind: 'stored' as const }
        }
        const run = async (lane: PartitionLane, from: typeof records) => {
          for (let first = 0; first < from.length; first += size)
            await add(lane, from.slice(first, first + size))
        }
        const former = setUp({ rows, insert })
        await run(former.lane, records)
        // Either way a worker may end: in order, or with a load under way.
        if (drains) await former.lane.drain()
        await former.lane.abandon()
        const change = all.indexOf('new shape')
        const end = BigInt(change < 0 ? all.length : change)
        const position = former.positions.at(-1) ?? { next: 0n, pendingLast: null }
        if (drains) expect(position).toEqual({ next: end, pendingLast: null })
        expect(position.next).toBeLessThanOrEqual(end)
        expect(stored.filter((id) => BigInt(id.replaceAll('"', '')) >= end)).toEqual([])

        const moved = setUp({
          ...{ rows, insert, moved: true },
          ...{ committed: position.next, pendingLast: position.pendingLast },
        })
        await run(moved.lane, records.slice(Number(position.next)))
        await moved.lane.drain()
        expect(moved.positions.at(-1)?.next ?? position.next).toBe(BigInt(all.length))
        expect(stored.toSorted()).toEqual(idsOf('row', 'new shape').toSorted())
        // A quarantined record may be sent again: it counts once, by its place.
        expect(new Set([...former.quarantined, ...moved.quarantined]).size).toBe(idsOf('bad').length)
      }),
      { numRuns: 60, seed: 5 },
    )
  })

  it('whose inserts are fenced asks Kafka, and goes on only if the lane is still its own', async () => {
    let refusals = 1
    const insert = async () =>
      refusals-- > 0 ? ({ kind: 'fenced' } as const) : ({ kind: 'stored' } as const)
    const ours = setUp({ insert })
    await add(ours.lane, [record(0)])
    await ours.lane.drain()
    expect(ours.counts.map((batch) => batch.stored)).toEqual([1])
    expect(ours.positions.at(-1)).toEqual({ next: 1n, pendingLast: null })

    refusals = 1
    const lost = setUp({ insert, commits: [true, false] })
    await add(lost.lane, [record(0)])
    await lost.lane.drain()
    expect(lost.counts).toEqual([])
    expect(lost.positions.at(-1)).toEqual({ next: 0n, pendingLast: 0n })
  })

  it('that is lost in the middle of a load goes on with nothing: what comes next would be committed past it', async () => {
    const { lane, stored, positions, counts } = setUp({ rows: 1, commits: [false] })
    await add(lane, [record(0), record(1), record(2)])
    await lane.drain()
    expect([stored, positions, counts]).toEqual([[], [], []])
  })

  it('leaves out what is committed already', async () => {
    const { lane, stored } = setUp({ committed: 2n })
    await add(lane, [record(0), record(1), record(2), record(3)])
    await lane.drain()
    expect(stored).toHaveLength(2)
  })

  it('waits for the rest of a pending range, then loads it whole under the same token', async () => {
    const first = setUp({})
    await add(first.lane, [record(0), record(1), record(2)])
    await first.lane.drain()
    const part = setUp({ pendingLast: 2n, committed: 0n, rows: 1 })
    await add(part.lane, [record(0)])
    await part.lane.drain()
    expect(part.tokens.size).toBe(0)
    const again = setUp({ pendingLast: 2n, committed: 0n, rows: 1 })
    await add(again.lane, [record(0)])
    await add(again.lane, [record(1), record(2), record(3)])
    await again.lane.drain()
    expect([...again.tokens][0]).toBe([...first.tokens][0])
    expect(again.stored).toHaveLength(4)
  })

  it('does not send a pending range again that is there already, and counts it', async () => {
    let asked = 0
    const { lane, stored, positions, counts } = setUp({
      ...{ pendingLast: 1n, committed: 0n, rows: 2 },
      holds: () => ++asked > 0,
    })
    await add(lane, [record(0), record(1), record(2), record(3)])
    await lane.drain()
    // Only the pending range may be there: the one after it is not asked for.
    expect(asked).toBe(1)
    expect(stored).toHaveLength(2)
    expect(counts.map((batch) => batch.stored)).toEqual([2, 2])
    expect(positions.at(-1)).toEqual({ next: 4n, pendingLast: null })
  })

  it('asks whether a batch is there before it sends it a second time', async () => {
    let sent = 0
    let lost = true
    const { lane, positions } = setUp({
      holds: () => sent > 0,
      insert: async () => {
        sent++
        if (lost) {
          lost = false
          throw new MogoError('MOGO_CLICKHOUSE_UNREACHABLE', { url: 'x', detail: 'ECONNRESET' })
        }
        return { kind: 'stored' }
      },
    })
    await add(lane, [record(0)])
    await lane.drain()
    expect(sent).toBe(1)
    expect(positions.at(-1)).toEqual({ next: 1n, pendingLast: null })
  })

  it('finds the one row that the engine refuses and stores the others', async () => {
    const stored: string[] = []
    const { lane, quarantined, counts } = setUp({
      insert: async (lines) => {
        if (lines.some((line) => line.includes('"17"'))) return { kind: 'refused', engineCode: '117' }
        stored.push(...lines)
        return { kind: 'stored' }
      },
    })
    await add(
      lane,
      Array.from({ length: 50 }, (_, offset) => record(offset)),
    )
    await lane.drain()
    expect(stored).toHaveLength(49)
    expect(quarantined).toEqual(['17 engine_refused_117'])
    expect(counts).toMatchObject([{ records: 50, stored: 49 }])
  })

  it('tries again while the engine is away', async () => {
    let tries = 0
    const { lane, positions } = setUp({
      insert: async () => {
        if (++tries < 4)
          throw new MogoError('MOGO_CLICKHOUSE_UNREACHABLE', { url: 'x', detail: 'ECONNREFUSED' })
        return { kind: 'stored' }
      },
    })
    await add(lane, [record(0)])
    await lane.drain()
    expect(tries).toBe(4)
    expect(positions.at(-1)).toEqual({ next: 1n, pendingLast: null })
  })

  it('is paused while one batch loads and the next is full, and resumed after', async () => {
    const gate = Promise.withResolvers<InsertResult>()
    const { lane, events } = setUp({ rows: 2, insert: () => gate.promise })
    await add(
      lane,
      Array.from({ length: 9 }, (_, offset) => record(offset)),
    )
    expect(events).toEqual(['pause'])
    gate.resolve({ kind: 'stored' })
    await expect.poll(() => events).toEqual(['pause', 'resume'])
  })

  it('stops at a fault of the code, and commits nothing past it', async () => {
    const { lane, positions, stopped } = setUp({})
    await add(lane, [record(0), record(1, 'explode')])
    expect(await stopped).toBeInstanceOf(TypeError)
    await lane.drain()
    expect(positions).toEqual([])
  })

  it('stops at a refusal of the statement', async () => {
    const fault = new MogoError('MOGO_CLICKHOUSE_REJECTED', { table: 'x', engineCode: '16' })
    const { lane, positions, stopped } = setUp({ insert: () => Promise.reject(fault) })
    await add(lane, [record(0)])
    await lane.drain()
    expect(await stopped).toBe(fault)
    expect(positions).toEqual([{ next: 0n, pendingLast: 0n }])
  })
})
