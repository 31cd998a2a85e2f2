/**
 * The source's tables are altered while they are streamed, on real servers. Every change ends in what the contract allows, is said without a
 * value, and loses nothing: once the contract has moved, source and destination are equal again, without a restart.
 */
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadContracts } from '#contracts/load-contracts.ts'
import { replayTable } from '#pipelines/replay/replay-table.ts'
import type { TestColumn, TestContract } from './support/contract-text.ts'
import { type MovingWorker, startMovingWorker, writeContract } from './support/moving-worker.ts'
import { createPipeline, type Pipeline } from './support/pipeline.ts'

const TABLES = [
  'grown',
  'awaited',
  'early',
  'filled',
  'shrunk',
  'sifted',
  'renamed',
  'former',
  'left_one',
  'right_one',
]
const SCHEMA = /*sql*/ `
${TABLES.map((table) => `create table ${table} (tenant text, id bigint, note text, primary key (tenant, id));`).join('\n')}
create type mood as enum ('calm', 'wild');
create table widened (tenant text, id bigint, amount int, primary key (tenant, id));
create table turned (tenant text, id bigint, amount int, primary key (tenant, id));
create table changed (tenant text, id bigint, amount text, primary key (tenant, id));
create table moods (tenant text, id bigint, mood mood, primary key (tenant, id));
create table free_moods (tenant text, id bigint, mood mood, primary key (tenant, id));
`
const text = (name: string, rest: object = {}): TestColumn => ({ name, type: 'text', ...rest })
const KEY = [text('tenant', { key: 1 }), { name: 'id', type: 'bigint', key: 2 }]

/** A contract on a table of the schema; its version says how often it has moved. */
function contract(
  dataset: string,
  columns: readonly (string | TestColumn)[] = ['note'],
  rest: Partial<TestContract> = {},
): TestContract {
  const own = columns.map((column) => (typeof column === 'string' ? text(column) : column))
  return { dataset, table: `public.${dataset}`, tenant: 'tenant', columns: [...KEY, ...own], ...rest }
}
const amount = (type: string): TestColumn => ({ name: 'amount', type })
const mood = (...validValues: string[]): TestColumn => ({
  ...{ name: 'mood', type: 'mood' },
  ...(validValues.length > 0 ? { custom: { validValues } } : {}),
})
const HOLD = { schemaChange: { added: 'hold' } }

let pipeline: Pipeline
let worker: MovingWorker
const log: string[] = []
const sql = (statement: string) => pipeline.project.postgres.query(statement)

beforeAll(async () => {
  pipeline = await createPipeline({
    schema: SCHEMA,
    contracts: [
      ...['grown', 'early', 'filled', 'shrunk', 'renamed', 'former'].map((table) => contract(table)),
      ...['awaited', 'left_one', 'right_one'].map((table) => contract(table, ['note'], HOLD)),
      contract('sifted', ['note'], { schemaChange: { removed: 'quarantine' } }),
      contract('widened', [amount('integer')]),
      contract('changed', [amount('text')]),
      contract('turned', [amount('integer')]),
      contract('moods', [mood('calm', 'wild')]),
      contract('free_moods', [mood()]),
    ],
  })
  await pipeline.capture().apply()
  worker = startMovingWorker(pipeline, log)
  for (const table of TABLES) await sql(`insert into ${table} values ('a', 1, 'before')`)
  for (const table of TABLES) await pipeline.until(`SELECT count() FROM ${table} FINAL`, 1)
}, 180_000)
afterAll(async () => {
  await worker?.stop()
  await pipeline?.dispose()
})

/** Rows of the source, and of the destination, as text, in the order of their keys. */
async function bothSides(table: string, columns: string, target = table) {
  const read = (rows: readonly Readonly<Record<string, unknown>>[]) =>
    rows.map((row) => Object.values(row).map((value) => (value === null ? null : String(value))))
  const source = (await sql(`select tenant, id, ${columns} from ${table} order by 1, 2`)).rows
  const stored = await pipeline.rows(`SELECT tenant, id, ${columns} FROM ${target} FINAL ORDER BY 1, 2`)
  return { source: read(source), stored: read(stored) }
}

/** Waits until source and destination are equal, and there is something. */
async function untilEqual(table: string, columns: string, target = table): Promise<void> {
  await expect
    .poll(
      async () => {
        const { source, stored } = await bothSides(table, columns, target)
        return source.length > 0 && JSON.stringify(stored) === JSON.stringify(source)
          ? 'equal'
          : { source, stored }
      },
      { timeout: 40_000, interval: 100 },
    )
    .toBe('equal')
}

const untilHeld = (dataset: string) =>
  expect
    .poll(() => worker.lanes().catch((error: { code: string; message: string }) => error), {
      ...{ timeout: 40_000, interval: 100 },
    })
    .toMatchObject({ code: 'MOGO_SCHEMA_CHANGED', message: expect.stringContaining(` ${dataset} waits`) })

/** Ids of the destination. */
const ids = async (table: string) =>
  (await pipeline.rows(`SELECT id FROM ${table} FINAL ORDER BY id`)).map(({ id }) => Number(id))

/** Another process: nothing is remembered but what is stored. */
async function restart(): Promise<void> {
  await worker.stop()
  worker = startMovingWorker(pipeline, log)
}

/** What was written down of a table's changes. */
async function book(dataset: string) {
  const table = `${pipeline.project.governance}.schema_changes`
  await pipeline.until(`SELECT count() > 0 FROM ${table} WHERE dataset = '${dataset}'`, 1)
  const rows = await pipeline.rows(
    `SELECT DISTINCT contract_version, decision, added, removed FROM ${table} WHERE dataset = '${dataset}' ORDER BY ALL`,
  )
  return rows.map(({ contract_version, decision, added, removed }) =>
    JSON.stringify([contract_version, decision, added, removed]),
  )
}

const open = (dataset: string) => worker.quarantine.count({ datasets: [dataset], status: 'open' })
const untilOpen = (dataset: string, records: number) =>
  pipeline.until(
    `SELECT count() FROM ${pipeline.project.governance}.quarantine FINAL WHERE dataset = '${dataset}' AND status = 'open'`,
    records,
  )
async function faultsOf(dataset: string) {
  const { items } = await worker.quarantine.list({ datasets: [dataset] }, { limit: 10 })
  return items.map(({ faults }) => faults.map(({ code, column }) => `${code} ${column}`).join(', '))
}
async function replay(dataset: string) {
  const options = { by: 'dora', dryRun: false, waitMillis: 40_000 }
  const { items } = await worker.quarantine.replay({ datasets: [dataset] }, { limit: 10 }, options)
  return items.map(({ outcome }) => outcome)
}
/** Reads the records of a table again, as `mogo pipeline replay` does. */
async function replayTopic(name: string): Promise<void> {
  const { settings, project } = pipeline.project
  const dataset = loadContracts(project.contractsDir).find((each) => each.name === name)
  if (!dataset) throw new Error(`no dataset ${name}`)
  const { groupId: _group, datasets: _datasets, ...options } = pipeline.workerOptions()
  await replayTable(
    { dataset, start: { kind: 'beginning' }, into: 'live' },
    {
      worker: { ...options, logger: pino({ level: 'silent' }) },
      admin: settings.kafka('admin'),
      signal: AbortSignal.timeout(40_000),
    },
  )
}
/** Reads a table again beside the stream. */
async function readAgain(table: string): Promise<void> {
  await pipeline.capture().snapshot([table])
}

describe('a column that comes', () => {
  it('is not stored until the contract has it; what had come before is then read again', async () => {
    await sql(`alter table grown add column colour text; insert into grown values ('a', 2, 'after', 'gold')`)
    await untilEqual('grown', 'note')
    await worker.lanes()
    expect(await book('grown')).toEqual(['["1.0.0","accept",["colour"],[]]'])
    await worker.move(contract('grown', ['note', 'colour'], { version: '1.1.0' }))
    await sql(
      `insert into grown values ('a', 3, 'moved', 'red'); update grown set colour = 'blue' where id = 1`,
    )
    await pipeline.until('SELECT colour FROM grown FINAL WHERE id = 1', 'blue')
    await replayTopic('grown')
    await untilEqual('grown', 'note, colour')
  })

  it('is waited for where the contract says so: what follows is stored with it', async () => {
    await sql(`insert into awaited values ('a', 2, 'before'); alter table awaited add column colour text;
      insert into awaited values ('a', 3, 'held', 'secret red'); update awaited set colour = 'green' where id = 1;
      delete from awaited where id = 2`)
    await untilHeld('awaited')
    await pipeline.until('SELECT count() FROM awaited FINAL', 2)
    expect(await ids('awaited')).toEqual([1, 2])
    expect(await book('awaited')).toEqual(['["1.0.0","hold",["colour"],[]]'])
    // Others go on.
    await sql(`insert into grown values ('a', 4, 'meanwhile', null)`)
    await untilEqual('grown', 'note, colour')
    await worker.move(contract('awaited', ['note', 'colour'], { ...HOLD, version: '1.1.0' }))
    await untilEqual('awaited', 'note, colour')
    expect(await ids('awaited')).toEqual([1, 3])
    await worker.lanes()
  })

  it('may be in the contract before the records are read that are older than it', async () => {
    await worker.stop()
    await sql(`insert into early values ('a', 2, 'older'); alter table early add column colour text;
      insert into early values ('a', 3, 'younger', 'red'); update early set note = 'changed' where id = 1`)
    writeContract(pipeline, contract('early', ['note', 'colour'], { version: '1.1.0' }))
    worker = startMovingWorker(pipeline, log)
    await untilEqual('early', 'note, colour')
    await worker.lanes()
  })

  it('with a default is as in the source once the table was read again: no change tells of the rows that were there', async () => {
    await sql(`alter table filled add column colour text not null default 'white';
      insert into filled values ('a', 2, 'after')`)
    await untilEqual('filled', 'note')
    await worker.move(contract('filled', ['note', 'colour'], { version: '1.1.0' }))
    await sql(`insert into filled values ('a', 3, 'moved', 'red')`)
    await pipeline.until('SELECT colour FROM filled FINAL WHERE id = 3', 'red')
    await readAgain('filled')
    await untilEqual('filled', 'note, colour')
  })
})

describe('a column that goes', () => {
  it('is waited for; its rows are stored once the contract accepts that, and once it has let the column go', async () => {
    await sql(`alter table shrunk drop column note; insert into shrunk values ('a', 2)`)
    await untilHeld('shrunk')
    expect(await ids('shrunk')).toEqual([1])
    await restart()
    await untilHeld('shrunk')
    expect(await book('shrunk')).toEqual(['["1.0.0","hold",[],["note"]]'])
    await worker.move(contract('shrunk', ['note'], { version: '1.0.1', schemaChange: 'accept' }))
    await untilEqual('shrunk', 'id')
    expect(await pipeline.rows('SELECT note FROM shrunk FINAL ORDER BY id')).toEqual([
      { note: 'before' },
      { note: null },
    ])
    await worker.lanes()
    expect(await book('shrunk')).toContain('["1.0.1","accept",[],["note"]]')
    await worker.move(contract('shrunk', [], { version: '1.1.0' }))
    await sql(`insert into shrunk values ('a', 3)`)
    await untilEqual('shrunk', 'id')
  })

  it('sends its rows to quarantine where the contract says so, and they are replayed', async () => {
    await sql(
      `alter table sifted drop column note; insert into sifted values ('a', 2); delete from sifted where id = 1`,
    )
    await untilOpen('sifted', 1)
    await pipeline.until('SELECT count() FROM sifted FINAL', 0)
    await worker.lanes()
    expect(await faultsOf('sifted')).toEqual(['schema_changed note'])
    expect(await book('sifted')).toEqual(['["1.0.0","quarantine",[],["note"]]'])
    await worker.move(contract('sifted', [], { version: '1.1.0' }))
    expect(await replay('sifted')).toEqual(['stored'])
    await untilEqual('sifted', 'id')
    expect(await open('sifted')).toBe(0)
  })

  it('and comes by another name is both: waited for until the contract has the name', async () => {
    await sql(`alter table renamed rename column note to remark; insert into renamed values ('a', 2, 'held');
      update renamed set remark = 'again' where id = 1`)
    await untilHeld('renamed')
    expect(await pipeline.rows('SELECT id, note FROM renamed FINAL')).toEqual([{ id: '1', note: 'before' }])
    expect(await book('renamed')).toEqual(['["1.0.0","hold",["remark"],["note"]]'])
    // The property keeps its name: what it is called in the source is no matter for those who ask.
    const remark = text('remark', { property: 'note' })
    await worker.move(contract('renamed', [remark], { version: '1.0.1' }))
    await pipeline.until('SELECT note FROM renamed FINAL WHERE id = 1', 'again')
    expect(await pipeline.rows('SELECT id, note FROM renamed FINAL ORDER BY id')).toEqual([
      { id: '1', note: 'again' },
      { id: '2', note: 'held' },
    ])
    await worker.lanes()
  })
})

describe('a type that is', () => {
  it('widened: what fits goes on, the rest is quarantined, and the table is widened with the contract', async () => {
    await sql(`insert into widened values ('a', 1, 10); alter table widened alter column amount type bigint;
      insert into widened values ('a', 2, 20), ('a', 3, 3000000000)`)
    await untilOpen('widened', 1)
    await pipeline.until('SELECT count() FROM widened FINAL', 2)
    expect(await ids('widened')).toEqual([1, 2])
    await worker.lanes()
    expect(await faultsOf('widened')).toEqual([expect.stringMatching(/ amount$/)])
    await worker.move(contract('widened', [amount('bigint')], { version: '1.1.0' }))
    expect(await replay('widened')).toEqual(['stored'])
    await sql(`insert into widened values ('a', 4, 9000000000000000000)`)
    await untilEqual('widened', 'amount')
    expect(
      await pipeline.rows(
        `SELECT type FROM system.columns WHERE database = '${pipeline.project.analytics}' AND table = 'widened' AND name = 'amount'`,
      ),
    ).toEqual([{ type: 'Nullable(Int64)' }])
  })

  it('another, of values that the old one holds: they go on, until the contract is a new major version beside the former', async () => {
    await sql(`insert into changed values ('a', 1, '12')`)
    await untilEqual('changed', 'amount')
    await sql(`alter table changed alter column amount type int using amount::int;
      insert into changed values ('a', 2, 34)`)
    await untilEqual('changed', 'amount')
    await worker.move(contract('changed', [amount('integer')], { version: '1.1.0' }))
    await expect
      .poll(() => worker.lanes().catch((error: Error) => error.message), { timeout: 40_000 })
      .toContain('MOGO_TABLE_MISMATCH')
    // Stays in Kafka meanwhile.
    await sql(`insert into changed values ('a', 3, 56)`)
    await worker.move(contract('changed', [amount('integer')], { version: '2.0.0' }))
    await pipeline.until('SELECT amount FROM changed_v2 FINAL WHERE id = 3', 56)
    await readAgain('changed')
    await untilEqual('changed', 'amount', 'changed_v2')
    await worker.lanes()
  })

  it('another, of values that the old one does not hold: they are quarantined, and replayed into the new major version', async () => {
    await sql(`insert into turned values ('a', 1, 12)`)
    await untilEqual('turned', 'amount')
    await sql(`alter table turned alter column amount type text; insert into turned values ('a', 2, 'dozen')`)
    await untilOpen('turned', 1)
    expect(await faultsOf('turned')).toEqual(['type amount'])
    await worker.lanes()
    await worker.move(contract('turned', [amount('text')], { version: '2.0.0' }))
    expect(await replay('turned')).toEqual(['stored'])
    await readAgain('turned')
    await untilEqual('turned', 'amount', 'turned_v2')
  })

  it('an enum with one more value: taken as it comes, quarantined where the contract lists its values', async () => {
    for (const table of ['moods', 'free_moods']) await sql(`insert into ${table} values ('a', 1, 'calm')`)
    await sql(`alter type mood add value 'odd'`)
    for (const table of ['moods', 'free_moods']) await sql(`insert into ${table} values ('a', 2, 'odd')`)
    await untilEqual('free_moods', 'mood')
    await untilOpen('moods', 1)
    await worker.lanes()
    expect(await faultsOf('moods')).toEqual(['validValues mood'])
    await worker.move(contract('moods', [mood('calm', 'wild', 'odd')], { version: '1.1.0' }))
    expect(await replay('moods')).toEqual(['stored'])
    await untilEqual('moods', 'mood')
  })
})

describe('tables', () => {
  it('of which two are altered and one is written to: that one waits, and both are equal once the contracts have moved', async () => {
    await sql(`alter table left_one add column colour text; alter table right_one add column colour text;
      insert into left_one values ('a', 2, 'held', 'red')`)
    await untilHeld('left_one')
    expect(
      await pipeline.rows(
        `SELECT count() AS n FROM ${pipeline.project.governance}.schema_changes WHERE dataset = 'right_one'`,
      ),
    ).toEqual([{ n: '0' }])
    const moved = { ...HOLD, version: '1.1.0' }
    await worker.move(...['left_one', 'right_one'].map((table) => contract(table, ['note', 'colour'], moved)))
    await untilEqual('left_one', 'note, colour')
    await sql(`insert into right_one values ('a', 2, 'moved', 'green')`)
    await untilEqual('right_one', 'note, colour')
    await worker.lanes()
  })

  it('that are renamed are told by capture with the way out, which brings everything', async () => {
    await sql(
      `alter table former rename to latter; insert into latter values ('a', 2, 'unseen'); delete from latter where id = 1`,
    )
    // Debezium leaves its changes out: nothing but this check can tell.
    const fault = {
      code: 'MOGO_CONTRACT_SOURCE_MISMATCH',
      message: expect.stringMatching(
        /public\.former: there is no such table.*renamed\?.*public\.latter.*physicalName.*--resnapshot/,
      ),
    }
    await expect(pipeline.capture().plan()).rejects.toMatchObject(fault)
    expect(await pipeline.capture().status()).toMatchObject({ healthy: false, faults: [fault] })
    await worker.move(contract('former', ['note'], { version: '1.0.1', table: 'public.latter' }))
    await pipeline.capture().apply({ resnapshot: true })
    await sql(`insert into latter values ('a', 3, 'seen')`)
    await untilEqual('latter', 'note', 'former')
  }, 120_000)

  it('were followed without a fault, and without a value in the log', async () => {
    await worker.lanes()
    const lines = log.join('')
    expect(lines).toContain('MOGO_SCHEMA_CHANGED')
    expect(lines).not.toMatch(/secret red|before|unseen|dozen|3000000000|9000000000000000000/)
  })
})
