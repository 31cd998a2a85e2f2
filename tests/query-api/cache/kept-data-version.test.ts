/** Versions of what a caller sees are read again only when rows of the own tenant have changed. */
import { expect, test } from 'vitest'
import { accessScope } from '#contracts/compile/access-scope.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { createTableLooks } from '#query-api/cache/table-looks.ts'
import { keepDataVersions } from '#query-api/datasets/kept-data-version.ts'
import type { EngineStatement, QueryEngine } from '#query-api/ports.ts'
import { shopDatasets } from '../support/shop.ts'
import { createTableModel } from '../support/table-model.ts'

const DATASETS = shopDatasets()
const ORDERS = DATASETS.find(({ name }) => name === 'orders') as CompiledDataset
const scopeOf = (tenant: string) =>
  accessScope(DATASETS, { subject: 'x', tenant, roles: ['analyst'], attributes: {} }, 'analyst')

function start() {
  let time = 1_000_000
  const state = { isAway: false, isTired: false, reads: 0 }
  const model = createTableModel(ORDERS.table, () => time)
  model.insert('north', 'south')
  const engine = {
    async text(_identity: unknown, statement: EngineStatement) {
      if (state.isAway) throw new Error('away')
      return model.answer(statement)
    },
  } as Partial<QueryEngine> as QueryEngine
  const looks = createTableLooks({
    ...{ engine, identity: { username: 'v', password: 'p' }, database: 'analytics' },
    ...{ datasets: DATASETS, clock: () => time, mostMillis: 0 },
  })
  const versions = keepDataVersions(
    {
      async of() {
        state.reads++
        return state.isTired ? undefined : { rows: state.reads, text: String(state.reads) }
      },
    },
    looks,
  )
  const pass = (millis: number) => {
    time += millis
  }
  return {
    model,
    state,
    pass,
    of: async (tenant: string) => (await versions.of(scopeOf(tenant), ORDERS))?.text,
  }
}

test('they are kept for each scope, until rows of its tenant change', async () => {
  const { of, model } = start()
  expect([await of('north'), await of('north'), await of('south')]).toEqual(['1', '1', '2'])
  model.insert('south')
  expect([await of('north'), await of('south')]).toEqual(['1', '3'])
  model.insert('north')
  expect([await of('north'), await of('south')]).toEqual(['4', '3'])
})

test('they are read where nobody can say whether rows have changed', async () => {
  const { of, state, pass } = start()
  expect(await of('north')).toBe('1')
  state.isAway = true
  expect([await of('north'), await of('north')]).toEqual(['2', '3'])
  state.isAway = false
  pass(2_001)
  expect(await of('north')).toBe('1')
})

test('one that cannot be had is not kept', async () => {
  const { of, state } = start()
  state.isTired = true
  expect(await of('north')).toBeUndefined()
  state.isTired = false
  expect([await of('north'), await of('north')]).toEqual(['2', '2'])
})
