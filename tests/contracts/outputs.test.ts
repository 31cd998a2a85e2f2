/**
 * What is derived from the demo contracts, pinned by hash, so that a change of an output is seen and meant: a changed table
 * needs a migration, a changed row filter an access review. If a change is meant, take over the new hash from the failure.
 */
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { accessScope, engineScope } from '#contracts/compile/access-scope.ts'
import { createTableStatement } from '#contracts/compile/clickhouse-ddl.ts'
import { lineageEdges } from '#contracts/compile/lineage-edges.ts'
import { scopeSettings } from '#contracts/compile/scope-settings.ts'
import { loadContracts } from '#contracts/load-contracts.ts'

const datasets = loadContracts(fileURLToPath(new URL('../../ops/demo/contracts', import.meta.url)))
const short = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12)
const places = { sourceDatabase: 'shop', topicPrefix: 'mogo', database: 'analytics' }
const ana = { subject: 'ana', tenant: 'acme', roles: [], attributes: {} }

test('the outputs of the demo contracts are the pinned ones', () => {
  expect(
    datasets.map((dataset) => ({
      dataset: dataset.name,
      rules: short(dataset.columns.map(({ source, kind, rules, pii }) => [source, kind, rules, pii])),
      ddl: short(createTableStatement(dataset, 'analytics')),
      edges: short(lineageEdges(dataset, places)),
      roles: short(dataset.roles),
    })),
  ).toMatchInlineSnapshot(`
    [
      {
        "dataset": "customers",
        "ddl": "2f4578901493",
        "edges": "7334b5e788ec",
        "roles": "0c9da8c6ed6b",
        "rules": "8b5fe9a96529",
      },
      {
        "dataset": "order_items",
        "ddl": "76711b5b4d4f",
        "edges": "f50bace50c15",
        "roles": "2816b05e953d",
        "rules": "2d112f0c8443",
      },
      {
        "dataset": "orders",
        "ddl": "085d8abb4f04",
        "edges": "eb1bfc0312ae",
        "roles": "d030c68ae97c",
        "rules": "11a3f29b984f",
      },
      {
        "dataset": "payments",
        "ddl": "e518a277aef8",
        "edges": "47399939848f",
        "roles": "aefe20815536",
        "rules": "9292fc454de2",
      },
      {
        "dataset": "products",
        "ddl": "2f8518ec208b",
        "edges": "2c168eafc26c",
        "roles": "b945fce18ead",
        "rules": "f648a1af437b",
      },
      {
        "dataset": "support_tickets",
        "ddl": "80254cda4393",
        "edges": "a13c0fda8d80",
        "roles": "46c4b70abd02",
        "rules": "0fe4654ae934",
      },
      {
        "dataset": "tenants",
        "ddl": "beac8cffc61f",
        "edges": "746f39674948",
        "roles": "862d2b768ca0",
        "rules": "a9530c233efe",
      },
    ]
  `)
})

test('the rendering of access scopes and their settings is the pinned one', () => {
  const scopes = ['analyst', 'data_engineer', 'compliance'].map((role) => {
    const { grants, rowFilters } = engineScope(accessScope(datasets, ana, role), 'analytics')
    return { role, grants: short(grants), rowFilters: short(rowFilters) }
  })
  const limits = { maxSeconds: 30, maxMemoryMb: 1024, maxResultRows: 5, maxRowsToRead: 6 }
  expect({ scopes, settings: short(scopeSettings(limits)) }).toMatchInlineSnapshot(`
    {
      "scopes": [
        {
          "grants": "f438ea442178",
          "role": "analyst",
          "rowFilters": "e4d367d07ab5",
        },
        {
          "grants": "1fde6b4b5f92",
          "role": "data_engineer",
          "rowFilters": "cfe14092cd20",
        },
        {
          "grants": "1fde6b4b5f92",
          "role": "compliance",
          "rowFilters": "cfe14092cd20",
        },
      ],
      "settings": "8e68b05bf549",
    }
  `)
})
