import { describe, expect, it } from 'vitest'
import { TABLES } from '#ops/chaos/chaos-tables.ts'
import { type Drawing, drawTransaction, type RowKey } from '#ops/chaos/draw-transaction.ts'
import { createRandom } from '#ops/demo/random.ts'

function drawing(seed: number, mayTruncate = true): Drawing {
  let id = 1000
  return {
    random: createRandom(seed),
    keys: new Map(),
    tenants: ['a', 'b'],
    newId: () => id++,
    mayTruncate,
  }
}

function run(from: Drawing, count: number): readonly string[] {
  const statements: string[] = []
  for (let each = 0; each < count; each++) {
    const transaction = drawTransaction(from)
    statements.push(...transaction.statements.map(({ sql, parameters }) => sql + JSON.stringify(parameters)))
    transaction.committed()
  }
  return statements
}

describe('the workload', () => {
  it('is the same for the same seed', () => {
    expect(run(drawing(4), 300)).toEqual(run(drawing(4), 300))
  })

  it('empties every table, and only where it may', () => {
    const emptied = (statements: readonly string[]) =>
      new Set(statements.filter((sql) => sql.includes('truncate')).map((sql) => sql.replace(/\[.*/, '')))
    expect(emptied(run(drawing(2), 3000))).toEqual(
      new Set(TABLES.map(({ name }) => `truncate public.${name}`)),
    )
    expect(emptied(run(drawing(2, false), 3000)).size).toBe(0)
  })

  it('leaves the large text alone when a key changes, in every table', () => {
    const changes = run(drawing(9), 2000).filter((sql) => sql.includes('new_tenant'))
    for (const { name } of TABLES)
      expect(changes.filter((sql) => sql.includes(`public.${name}`)).length).toBeGreaterThan(0)
    expect(changes.filter((sql) => sql.includes('note ='))).toEqual([])
  })

  it('knows each key once, and not without end', () => {
    const from = drawing(6)
    run(from, 5000)
    for (const { name } of TABLES) {
      const keys = from.keys.get(name) ?? []
      const texts = keys.map(({ tenant, id }: RowKey) => `${tenant}/${id}`)
      expect(new Set(texts).size).toBe(texts.length)
      expect(texts.length).toBeLessThan(4000)
    }
  })
})
