/**
 * What the workload of a chaos run does next: transactions that are hard to copy, each as statements with parameters. Pure; the
 * seed decides. Notes of several kB are stored beside their row, so that an UPDATE of another column leaves them out of the stream.
 */
import type { Random } from '#ops/demo/random.ts'
import { BROKEN_STATE, type ChaosTable, TABLES } from './chaos-tables.ts'

/** A row's key. */
export type RowKey = { readonly tenant: string; readonly id: number }
/** A statement for Postgres. */
export type Statement = { readonly sql: string; readonly parameters: readonly unknown[] }
/** Keys that are there, as far as the workload knows, by table. */
export type KnownKeys = Map<ChaosTable['name'], RowKey[]>

/** A transaction. */
export type Transaction = {
  readonly statements: readonly Statement[]
  /** Row changes, about. */
  readonly changes: number
  /** Notes in the book what has happened; called when it is committed. */
  readonly committed: () => void
}

/** What is drawn from. */
export type Drawing = {
  readonly random: Random
  readonly keys: KnownKeys
  readonly tenants: readonly string[]
  /** An id that nobody has had. */
  readonly newId: () => number
  /** Whether this drawer may empty tables. */
  readonly mayTruncate: boolean
}

type Draw = (table: ChaosTable['name'], drawing: Drawing) => Transaction

const MOST_ROWS = 1500
const LARGE_TRANSACTION = 1200

/** Kind of transaction and its weight. */
const KINDS: readonly (readonly [Draw, number])[] = [
  [add, 30],
  [(table, drawing) => change(table, drawing, 'balance = t.balance + 1'), 25],
  [(table, drawing) => change(table, drawing, `note = ${noteOf('k.id', drawing.random)}`), 6],
  [(table, drawing) => change(table, drawing, `state = '${BROKEN_STATE}'`, 1), 2],
  [(table, drawing) => change(table, drawing, "state = 'mended'"), 6],
  [addBroken, 1],
  [changeKey, 6],
  [move, 6],
  [remove, 8],
  [removeAndAdd, 5],
  [addAndRemove, 3],
  [addMany, 0.5],
  [changeAll, 1],
  [truncate, 0.7],
]
const WEIGHT = KINDS.reduce((sum, [, weight]) => sum + weight, 0)

/** Draws the next one. */
export function drawTransaction(drawing: Drawing): Transaction {
  const { random, keys } = drawing
  const { name } = random.pick(TABLES)
  if ((keys.get(name)?.length ?? 0) > MOST_ROWS) return remove(name, drawing, MOST_ROWS / 2)
  return drawKind(random)(name, drawing)
}

function drawKind(random: Random): Draw {
  let at = random.next() * WEIGHT
  for (const [draw, weight] of KINDS) {
    at -= weight
    if (at < 0) return draw
  }
  return add
}

function add(table: ChaosTable['name'], drawing: Drawing): Transaction {
  const rows = fresh(drawing, drawing.random.int(1, 12))
  return made([insert(table, rows, drawing.random)], rows.length, () => put(drawing, table, rows))
}

function addMany(table: ChaosTable['name'], drawing: Drawing): Transaction {
  const rows = fresh(drawing, LARGE_TRANSACTION)
  return made([insert(table, rows, drawing.random)], rows.length, () => put(drawing, table, rows))
}

function addBroken(table: ChaosTable['name'], drawing: Drawing): Transaction {
  const rows = fresh(drawing, 1)
  return made([insert(table, rows, drawing.random, BROKEN_STATE)], 1, () => put(drawing, table, rows))
}

function change(table: ChaosTable['name'], drawing: Drawing, setting: string, most = 15): Transaction {
  const rows = some(drawing, table, most)
  return made([update(table, rows, setting)], rows.length)
}

/** One statement that changes every row of a tenant. */
function changeAll(table: ChaosTable['name'], drawing: Drawing): Transaction {
  const tenant = drawing.random.pick(drawing.tenants)
  const rows = (drawing.keys.get(table) ?? []).filter((key) => key.tenant === tenant)
  const sql = /*sql*/ `update public.${table} set balance = balance + 0.01, changed = clock_timestamp() where tenant = $1`
  return made([{ sql, parameters: [tenant] }], rows.length)
}

function changeKey(table: ChaosTable['name'], drawing: Drawing): Transaction {
  const from = some(drawing, table, 3)
  const to = from.map(({ tenant }) => ({ tenant, id: drawing.newId() }))
  return rekey(table, drawing, from, to)
}

function move(table: ChaosTable['name'], drawing: Drawing): Transaction {
  const from = some(drawing, table, 3)
  const to = from.map(({ id }) => ({ tenant: drawing.random.pick(drawing.tenants), id }))
  return rekey(table, drawing, from, to)
}

function rekey(
  table: ChaosTable['name'],
  drawing: Drawing,
  from: readonly RowKey[],
  to: readonly RowKey[],
): Transaction {
  // The note is left alone; it has to come along, also to another partition.
  const sql = /*sql*/ `
    update public.${table} as t set tenant = k.new_tenant, id = k.new_id, changed = clock_timestamp()
    from unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[]) as k (tenant, id, new_tenant, new_id)
    where t.tenant = k.tenant and t.id = k.id`
  return made([{ sql, parameters: [...columns(from), ...columns(to)] }], from.length, () => {
    take(drawing, table, from)
    put(drawing, table, to)
  })
}

function remove(table: ChaosTable['name'], drawing: Drawing, most = 10): Transaction {
  const rows = some(drawing, table, most)
  return made([deletion(table, rows)], rows.length, () => take(drawing, table, rows))
}

function removeAndAdd(table: ChaosTable['name'], drawing: Drawing): Transaction {
  const rows = some(drawing, table, 4)
  return made([deletion(table, rows), insert(table, rows, drawing.random)], 2 * rows.length)
}

function addAndRemove(table: ChaosTable['name'], drawing: Drawing): Transaction {
  const rows = fresh(drawing, drawing.random.int(1, 4))
  return made([insert(table, rows, drawing.random), deletion(table, rows)], 2 * rows.length)
}

function truncate(table: ChaosTable['name'], drawing: Drawing): Transaction {
  if (!drawing.mayTruncate) return add(table, drawing)
  const rows = fresh(drawing, drawing.random.int(0, 5))
  const sql = /*sql*/ `truncate public.${table}`
  const statements = [
    { sql, parameters: [] },
    ...(rows.length > 0 ? [insert(table, rows, drawing.random)] : []),
  ]
  return made(statements, 1 + rows.length, () => drawing.keys.set(table, [...rows]))
}

function insert(
  table: ChaosTable['name'],
  rows: readonly RowKey[],
  random: Random,
  state = 'new',
): Statement {
  return {
    sql: /*sql*/ `
      insert into public.${table} (tenant, id, email, state, balance, note, changed)
      select k.tenant, k.id, 'person.' || k.id || '@mail.example', '${state}', k.id % 1000, ${noteOf('k.id', random)}, clock_timestamp()
      from unnest($1::text[], $2::bigint[]) as k (tenant, id)`,
    parameters: columns(rows),
  }
}

function update(table: ChaosTable['name'], rows: readonly RowKey[], setting: string): Statement {
  return {
    sql: /*sql*/ `
      update public.${table} as t set ${setting}, changed = clock_timestamp()
      from unnest($1::text[], $2::bigint[]) as k (tenant, id) where t.tenant = k.tenant and t.id = k.id`,
    parameters: columns(rows),
  }
}

function deletion(table: ChaosTable['name'], rows: readonly RowKey[]): Statement {
  return {
    sql: /*sql*/ `
      delete from public.${table} as t
      using unnest($1::text[], $2::bigint[]) as k (tenant, id) where t.tenant = k.tenant and t.id = k.id`,
    parameters: columns(rows),
  }
}

/** A third is large, and no two are the same. */
function noteOf(id: string, random: Random): string {
  const repeats = random.chance(1 / 3) ? random.int(80, 200) : random.int(0, 5)
  return `repeat(md5(${id} || '${random.hex(8)}'), ${repeats})`
}

function columns(rows: readonly RowKey[]): readonly unknown[] {
  return [rows.map(({ tenant }) => tenant), rows.map(({ id }) => id)]
}

function fresh({ random, tenants, newId }: Drawing, count: number): readonly RowKey[] {
  return Array.from({ length: count }, () => ({ tenant: random.pick(tenants), id: newId() }))
}

/** Up to `most` different rows that are there: a stretch of the book, which is in no order. */
function some({ random, keys }: Drawing, table: ChaosTable['name'], most: number): readonly RowKey[] {
  const known = keys.get(table) ?? []
  const count = Math.min(known.length, random.int(1, most))
  const first = random.int(0, Math.max(0, known.length - count))
  return known.slice(first, first + count)
}

function put({ keys }: Drawing, table: ChaosTable['name'], rows: readonly RowKey[]): void {
  keys.set(table, [...(keys.get(table) ?? []), ...rows])
}

function take({ keys }: Drawing, table: ChaosTable['name'], rows: readonly RowKey[]): void {
  const gone = new Set(rows)
  keys.set(
    table,
    (keys.get(table) ?? []).filter((key) => !gone.has(key)),
  )
}

function made(
  statements: readonly Statement[],
  changes: number,
  committed: () => void = () => {},
): Transaction {
  return { statements, changes: Math.max(1, changes), committed }
}
