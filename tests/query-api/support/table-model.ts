/**
 * A MergeTree table without an engine: parts of rows, with block numbers as the engine gives them, and answers to the three statements that
 * the cache asks. What a test does to it, an engine might have done.
 */
import type { EngineStatement } from '#query-api/ports.ts'

type ModelPart = {
  readonly from: number
  readonly to: number
  readonly level: number
  readonly mutation: number
  readonly made: number
  readonly rows: readonly { readonly tenant: string; readonly loadedAt: number }[]
}

/** See the header. */
export type TableModel = ReturnType<typeof createTableModel>

/** Makes an empty table. `now` is the engine's clock. */
export function createTableModel(table: string, now: () => number) {
  let parts: ModelPart[] = []
  let counter = 0
  let made = 0
  let home = 1
  const asked: string[] = []
  let between: { what: () => void; after: number } | undefined
  return {
    insert,
    merge,
    mutate,
    truncate,
    drop,
    empty,
    replaceAll,
    restart,
    tenantsOf,
    answer,
    asked,
    beforeNext,
  }

  /** Rows of tenants in one part. */
  function insert(...tenants: readonly string[]): void {
    counter++
    const rows = tenants.map((tenant) => ({ tenant, loadedAt: now() }))
    parts.push({ from: counter, to: counter, level: 0, mutation: 0, made: ++made, rows })
  }

  /** Merges `count` neighbouring parts from the place `at` on. */
  function merge(at: number, count: number): void {
    const some = parts.slice(at, at + count)
    if (some.length < 2 || some.some(({ mutation }) => mutation !== some[0]?.mutation)) return
    parts.splice(at, some.length, {
      from: some[0]?.from ?? 0,
      to: some.at(-1)?.to ?? 0,
      level: Math.max(...some.map(({ level }) => level)) + 1,
      mutation: some[0]?.mutation ?? 0,
      made: ++made,
      rows: some.flatMap(({ rows }) => rows),
    })
  }

  /** ALTER … DELETE of a tenant's rows. */
  function mutate(tenant: string): void {
    counter++
    const mutation = counter
    parts = parts.map((part) => ({
      ...part,
      mutation,
      made: ++made,
      rows: part.rows.filter((row) => row.tenant !== tenant),
    }))
  }

  function truncate(): void {
    parts = []
  }

  /** DROP of one part. */
  function drop(at: number): void {
    parts.splice(at, 1)
  }

  /** The moment within a DROP in which an empty part stands in the place of one. */
  function empty(at: number): void {
    const part = parts[at]
    if (part) parts.splice(at, 1, { ...part, level: part.level + 1, made: ++made, rows: [] })
  }

  /** EXCHANGE TABLES: other parts, of the same names. */
  function replaceAll(...tenants: readonly string[]): void {
    const rows = tenants.map((tenant) => ({ tenant, loadedAt: now() }))
    home++
    parts = parts.map((part) => ({ ...part, made: ++made, rows }))
  }

  /** The counter begins above what is there. */
  function restart(): void {
    counter = Math.max(0, ...parts.map(({ to, mutation }) => Math.max(to, mutation)))
  }

  /** A text that changes with the rows of a tenant. */
  function tenantsOf(tenant: string | undefined): string {
    const rows = parts
      .flatMap((part) => part.rows)
      .filter((row) => tenant === undefined || row.tenant === tenant)
    return `${rows.length} ${rows
      .map(({ loadedAt }) => loadedAt)
      .sort()
      .join()}`
  }

  /** Something that happens just before a statement is answered: the next one, or so many after it. */
  function beforeNext(what: () => void, after = 0): void {
    between = { what, after }
  }

  function answer({ sql }: EngineStatement): string {
    asked.push(sql)
    if (between && between.after-- === 0) {
      const { what } = between
      between = undefined
      what()
    }
    if (sql.startsWith('SELECT table, concat')) return hash()
    if (sql.startsWith('SELECT table, engine')) return parts.map(lineOf).join('')
    if (sql.startsWith('SELECT DISTINCT')) return tenants(sql)
    throw new Error(`not a statement of the cache: ${sql}`)
  }

  function hash(): string {
    if (parts.length === 0) return ''
    const sum = parts.reduce((total, part) => BigInt.asUintN(64, total + hashOf(part)), 0n)
    return `${table}\t${parts.length}-${sum}\n`
  }

  function lineOf(part: ModelPart): string {
    const path = `/data/store/${home}/${nameOf(part)}/`
    return `${[table, 'ReplacingMergeTree', path, part.rows.length, part.made].join('\t')}\n`
  }

  function tenants(sql: string): string {
    const [, first = '', second = ''] = sql.split('_part IN (')
    const since = now() - 1_000 * Number(/toIntervalSecond\((\d+)\)/.exec(sql)?.[1] ?? Number.NaN)
    const groups = [first, second].filter((text) => text !== '')
    const found = new Set<string>()
    for (const text of groups) {
      const isMixed = text.includes('toIntervalSecond')
      for (const part of parts)
        if (text.includes(`'${nameOf(part)}'`))
          for (const row of part.rows)
            if (!isMixed || row.loadedAt >= since) found.add(`${nameOf(part)}\t${JSON.stringify(row.tenant)}`)
    }
    return [...found].map((line) => `${line}\n`).join('')
  }
}

const nameOf = ({ from, to, level, mutation }: ModelPart): string =>
  `all_${from}_${to}_${level}${mutation > 0 ? `_${mutation}` : ''}`

/** As a hash does: another one for another part, whatever it is called. */
const hashOf = ({ made }: ModelPart): bigint => BigInt.asUintN(64, BigInt(made) * 0x9e3779b97f4a7c15n)
