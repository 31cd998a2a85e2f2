/** Makes all attempts through all doors, in the world as it is; two such runs are judged together. */
import type { HttpServer } from '#ops/runtime/http-server.ts'
import type { EngineIdentity } from '#query-api/ports.ts'
import type { Tenants } from '../support/tenants.ts'
import { type Asker, askEngine, askRows, askSql } from './doors.ts'
import { FLOW_VECTORS } from './page-vectors.ts'
import { ROWS_VECTORS } from './rows-vectors.ts'
import { SQL_VECTORS } from './sql-vectors.ts'
import {
  type Group,
  type Judged,
  judge,
  MARKERS,
  type Outcome,
  type RowsVector,
  type SqlVector,
} from './vector.ts'

/** One attempt and what came back. */
type Attempt = {
  readonly vector: { readonly group: Group; readonly name: string; readonly varies?: true }
  readonly door: string
  readonly outcome: Outcome
}

/** Attempts in one world. */
export type Run = {
  readonly attempts: readonly Attempt[]
  /** Judges these and those of another world. */
  judgedWith(other: Run): readonly Judged[]
}

type Task = Omit<Attempt, 'outcome'> & { readonly run: () => Promise<Outcome> }

/** Attempts at the same time; a person may run sixteen queries at once. */
const AT_ONCE = 6
/** Groups whose texts are tried as values of filters: a value goes through the engine, and one text is much like another there. */
const AS_VALUES: ReadonlySet<Group> = new Set(['direct', 'settings', 'the parser'])
/** Longest text that has a place in an address. */
const LONGEST = 1_000

/**
 * Through an application.
 *
 * @param app keeps no answers, or the second world would be told what was true in the first
 * @param sharing the same, with answers that are kept
 * @param which all of them; those whose outcome may differ in the second world; or those that must succeed where row filters are missing
 */
export async function attackThroughApi(
  tenants: Tenants,
  app: HttpServer,
  which: 'all' | 'second world' | 'controls' = 'all',
  sharing: HttpServer = app,
): Promise<Run> {
  const asker: Asker = { tenants, app }
  const wanted = <T extends { readonly leaks?: true }>(vectors: readonly T[]): readonly T[] =>
    which === 'controls' ? vectors.filter(({ leaks }) => leaks) : vectors
  const sql = wanted(SQL_VECTORS)
  const rows = wanted(ROWS_VECTORS)
  const tasks = [
    ...sql
      .filter((vector) => which !== 'second world' || !isHeavy(vector))
      .map((vector) => task(vector, 'SQL', () => askSql(asker, vector))),
    ...rows.map((vector) => task(vector, 'rows', () => askRows(asker, vector))),
    ...wanted(FLOW_VECTORS).map((vector) => task(vector, vector.door, () => vector.run(asker))),
  ]
  if (which === 'all') tasks.push(...sharedDoor({ tenants, app: sharing }, sql, rows))
  // Rows are enough to see that the door opens without row filters.
  if (which === 'controls') tasks.push(...sharedDoor(asker, [], rows))
  if (sharing !== app) tasks.push(...keptDoors({ tenants, app: sharing }, sql))
  if (which === 'all') tasks.push(...moreDoors(asker, sql, rows))
  return runOf(await inTurn(tasks))
}

/** What is kept of one world must not tell of the other: answers, and versions that entity tags are made of. */
function keptDoors(asker: Asker, sql: readonly SqlVector[]): Task[] {
  return [
    ...sql
      .filter(({ leaks, group }) => leaks && group !== 'exhaustion')
      .map((vector) => task(vector, 'SQL, kept', () => askSql(asker, vector))),
    ...FLOW_VECTORS.filter(({ door }) => door === 'tag').map((vector) =>
      task(vector, 'tag, kept', () => vector.run(asker)),
    ),
  ]
}

/** The same question of two scopes; what the attacker gets is judged by what must not be in it. */
function sharedDoor(asker: Asker, sql: readonly SqlVector[], rows: readonly RowsVector[]): Task[] {
  const theirs = { ...asker, as: 'sam' }
  const [leakingSql, leakingRows] = [
    sql.filter(({ leaks, group }) => leaks && group !== 'exhaustion'),
    rows.filter(({ leaks }) => leaks),
  ]
  return [
    ...leakingSql.map((vector) =>
      afterAnother(
        vector,
        () => askSql(theirs, vector),
        () => askSql(asker, vector),
      ),
    ),
    ...leakingRows.map((vector) =>
      afterAnother(
        vector,
        () => askRows(theirs, vector),
        () => askRows(asker, vector),
      ),
    ),
  ]
}

/** Doors whose attempts are those of another door in another dress; one world shows what there is to see. */
function moreDoors(asker: Asker, sql: readonly SqlVector[], rows: readonly RowsVector[]): Task[] {
  const light = sql.filter((vector) => !isHeavy(vector))
  const short = light.filter((vector) => vector.sql.length <= LONGEST && vector.sql.isWellFormed())
  const q = (name: string, value: string) => String(new URLSearchParams([[name, value]]))
  const nameOf = ({ sql }: SqlVector) => ['select', 'sort', 'group', 'cursor'][sql.length % 4] ?? ''
  return [
    ...light
      .filter(({ leaks, harmless }) => leaks || harmless)
      .map((vector) => task(vector, 'SQL as CSV', () => askSql(asker, vector, 'text/csv'))),
    ...rows.map((vector) => task(vector, 'rows as CSV', () => askRows(asker, vector, 'text/csv'))),
    ...short
      .filter(({ group }) => AS_VALUES.has(group))
      .map((vector) =>
        task(vector, 'SQL as a value of REST', () =>
          askRows(asker, { query: `select=name&${q('name', `eq.${vector.sql}`)}` }),
        ),
      ),
    ...short.map((vector) =>
      task(vector, 'SQL as a name of REST', () => askRows(asker, { query: q(nameOf(vector), vector.sql) })),
    ),
  ]
}

/** The same question of two scopes, in both orders: another, the attacker, another; a cache would know the later ones. */
function afterAnother(
  vector: Attempt['vector'],
  theirs: () => Promise<Outcome>,
  mine: () => Promise<Outcome>,
): Task {
  return task(vector, 'after another asked it', async () => {
    const before = await theirs()
    const outcome = await mine()
    const after = await theirs()
    // The other tenant sees nothing of the attacker's either.
    const isSeen = [before, after].some(({ seen }) => /north-\d/.test(seen))
    return isSeen ? { ...outcome, seen: MARKERS[0] } : outcome
  })
}

/** Straight at the engine, without the gate. */
export async function attackThroughEngine(tenants: Tenants, identity: EngineIdentity): Promise<Run> {
  const tasks = SQL_VECTORS.filter((vector) => !isHeavy(vector)).map((vector) =>
    task(vector, 'engine', () => askEngine(tenants.engine, identity, vector)),
  )
  return runOf(await inTurn(tasks))
}

/** The second world: the other tenant has more rows, fewer of the former ones, and larger values. */
export async function changeOthersRows(admin: Tenants['admin']): Promise<void> {
  for (const [table, client] of [
    ['clients', ''],
    ['sales_v2', 'client_id, '],
  ] as const) {
    const columns = `tenant_id, id, ${client}name, amount, tags, secret_note, email_token, phone_token, placed_at, _version, _deleted, _committed_at`
    const row = (from: number, count: number, version: number, deleted: 0 | 1) =>
      `INSERT INTO analytics.${table} (${columns}) SELECT 'south', number + ${from}, ${client && '1, '}'${MARKERS[0]}-2', ${MARKERS[1]}1 + number, ['vip', 'more'], 'hush2', 'tok2', 'tel2', now64(6), ${version}, ${deleted}, now64(3) FROM numbers(${count})`
    await admin(row(50, 310, 2, 0))
    await admin(row(0, 10, 3, 1))
  }
}

function isHeavy({ group }: SqlVector): boolean {
  return group === 'exhaustion'
}

function task(vector: Attempt['vector'], door: string, run: () => Promise<Outcome>): Task {
  const { group, name, varies } = vector
  return { vector: { group, name, ...(varies && { varies }) }, door, run }
}

/** What takes the engine's whole strength comes last, so that no other attempt runs into a time limit beside it. */
async function inTurn(tasks: readonly Task[]): Promise<readonly Attempt[]> {
  const [light, heavy] = [false, true].map((isHeavy) =>
    tasks.filter(({ vector }) => (vector.group === 'exhaustion') === isHeavy),
  )
  return [...(await atOnce(light ?? [])), ...(await atOnce(heavy ?? []))]
}

async function atOnce(tasks: readonly Task[]): Promise<readonly Attempt[]> {
  const attempts: Attempt[] = []
  let next = 0
  const work = async (): Promise<void> => {
    for (let index = next++; index < tasks.length; index = next++) {
      const task = tasks[index]
      if (task) attempts[index] = { vector: task.vector, door: task.door, outcome: await task.run() }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return attempts
}

const keyOf = ({ vector: { group, name }, door }: Attempt): string => JSON.stringify([group, name, door])

function runOf(attempts: readonly Attempt[]): Run {
  return {
    attempts,
    judgedWith(other) {
      const here = new Map(attempts.map((attempt) => [keyOf(attempt), attempt.outcome]))
      const there = new Map(other.attempts.map((attempt) => [keyOf(attempt), attempt.outcome]))
      const all = attempts.length > other.attempts.length ? attempts : other.attempts
      return all.map((attempt) => {
        const outcomes = [here.get(keyOf(attempt)), there.get(keyOf(attempt))]
        return judge(
          attempt.vector,
          attempt.door,
          outcomes.filter((outcome) => outcome !== undefined),
        )
      })
    },
  }
}
