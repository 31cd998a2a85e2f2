/** The watch over a folder of contracts, look by look: its own clock never comes to it here. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { MogoError } from '#contracts/errors.ts'
import { loadContracts } from '#contracts/load-contracts.ts'
import { type ContractWatch, watchContracts } from '#pipelines/worker/watch-contracts.ts'
import { contractText } from '../support/contract-text.ts'

const contract = (more: readonly string[] = [], version = '1.0.0') =>
  contractText({
    ...{ dataset: 'notes', table: 'public.notes', tenant: 'tenant', version },
    columns: [{ name: 'tenant', type: 'text', key: 1 }, ...more.map((name) => ({ name, type: 'text' }))],
  })

let dir: string
let watch: ContractWatch | undefined
beforeEach(() => {
  vi.useFakeTimers()
  dir = mkdtempSync(join(tmpdir(), 'mogo-watch-'))
  write(contract())
})
afterEach(async () => {
  await watch?.stop()
  vi.useRealTimers()
  rmSync(dir, { recursive: true, force: true })
})

/** As an editor does it that writes beside the file first: the size alone may be the same. */
function write(text: string, name = 'notes.odcs.yaml'): void {
  writeFileSync(join(dir, 'unfinished'), text)
  renameSync(join(dir, 'unfinished'), join(dir, name))
}

function start(options: { changed?: () => Promise<void>; load?: typeof loadContracts } = {}) {
  const columns: string[][] = []
  const said: string[] = []
  let loads = 0
  const load = options.load ?? loadContracts
  const made = watchContracts({
    dir,
    current: loadContracts(dir),
    load: (folder) => {
      loads++
      return load(folder)
    },
    changed: async (datasets: readonly CompiledDataset[]) => {
      await options.changed?.()
      columns.push(datasets.flatMap((dataset) => dataset.columns.map(({ source }) => source)))
    },
    logger: pino(
      {},
      { write: (line: string) => void said.push((JSON.parse(line) as { code: string }).code) },
    ),
  })
  watch = made
  return { look: made.look, columns, said, loads: () => loads }
}
const times = async (looks: number, look: () => Promise<void>) => {
  for (let each = 0; each < looks; each++) await look()
}

describe('a watch over contracts', () => {
  it('tells of another contract once its file stands still, and once', async () => {
    const { look, columns } = start()
    await times(3, look)
    write(contract(['note']))
    await look()
    expect(columns).toEqual([])
    await look()
    expect(columns).toEqual([['tenant', 'note']])
    await times(3, look)
    expect(columns).toHaveLength(1)
  })

  it('waits while a file is being written', async () => {
    const { look, columns, loads } = start()
    await times(3, look)
    const before = loads()
    for (const more of [['a'], ['a', 'b'], ['a', 'b', 'c']]) {
      write(contract(more))
      await look()
    }
    expect([loads(), columns]).toEqual([before, []])
    await look()
    expect(columns).toEqual([['tenant', 'a', 'b', 'c']])
  })

  it('tells nothing of what means the same: other words, another file', async () => {
    const { look, columns } = start()
    await times(2, look)
    write(`# What stands here is read by people.\n${contract()}`)
    await times(2, look)
    write('not a contract', 'notes.txt')
    await times(2, look)
    expect(columns).toEqual([])
  })

  it('notices a change that came after the contracts were read and before it began', async () => {
    const current = loadContracts(dir)
    write(contract(['note']))
    const told = vi.fn(async () => {})
    watch = watchContracts({
      ...{ dir, current, load: loadContracts, changed: told },
      logger: pino({ level: 'silent' }),
    })
    await times(2, watch.look)
    expect(told).toHaveBeenCalledTimes(1)
  })

  it('keeps the former contracts while the new ones have faults, says so once, and takes them when they are mended', async () => {
    const { look, columns, said } = start()
    await times(2, look)
    write(contract(['note']).replace('column: tenant', 'column: tennant'))
    await times(4, look)
    write(contract(['note']).replace('kind: DataContract', 'kind: ['))
    await times(4, look)
    expect([columns, said]).toEqual([[], ['MOGO_CONTRACT_INVALID', 'MOGO_CONTRACT_INVALID']])
    write(contract(['note']))
    await times(2, look)
    expect(columns).toEqual([['tenant', 'note']])
  })

  it('tells of a contract that is as it was after one with faults nothing', async () => {
    const { look, columns } = start()
    await times(2, look)
    write('kind: [')
    await times(2, look)
    write(contract())
    await times(2, look)
    expect(columns).toEqual([])
  })

  it('tries again at the next look where waiting may help', async () => {
    let tries = 0
    const { look, columns, said } = start({
      changed: async () => {
        tries++
        if (tries === 1) throw new Error('a fault of the code')
        if (tries === 2) throw new MogoError('MOGO_KAFKA_UNREACHABLE', { brokers: 'x', detail: 'y' })
      },
    })
    await times(2, look)
    write(contract(['note']))
    await times(6, look)
    expect(columns).toEqual([['tenant', 'note']])
    expect([tries, said]).toEqual([3, ['MOGO_INTERNAL', 'MOGO_KAFKA_UNREACHABLE']])
  })

  it('does not look while what it told is being done, and ends after that', async () => {
    const gate = Promise.withResolvers<void>()
    const { look, columns } = start({ changed: () => gate.promise })
    await times(2, look)
    write(contract(['note']))
    await look()
    const telling = look()
    write(contract(['note', 'other']))
    expect(look()).toBe(telling)
    const stopped = watch?.stop()
    expect(columns).toEqual([])
    gate.resolve()
    await stopped
    expect(columns).toEqual([['tenant', 'note']])
  })

  it('looks by its own clock', async () => {
    const { columns } = start()
    write(contract(['note']))
    await vi.advanceTimersByTimeAsync(3500)
    expect(columns).toEqual([['tenant', 'note']])
    await watch?.stop()
    write(contract())
    await vi.advanceTimersByTimeAsync(5000)
    expect(columns).toHaveLength(1)
  })
})
