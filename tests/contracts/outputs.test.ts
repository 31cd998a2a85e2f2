/**
 * What is derived from the demo contracts, pinned by hash, so that a change of an output is seen and meant: a changed table
 * needs a migration, a changed row filter an access review. If a change is meant, take over the new hash from the failure.
 */
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { accessScope, engineScope } from '#contracts/compile/access-scope.ts'
import { createTableStatement } from '#contracts/compile/clickhouse-ddl.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { lineageEdges } from '#contracts/compile/lineage-edges.ts'
import { scopeSettings } from '#contracts/compile/scope-settings.ts'
import { DATASET_FORMATS, exportText } from '#contracts/export/formats.ts'
import { normalOdcs } from '#contracts/export/odcs.ts'
import { loadContracts } from '#contracts/load-contracts.ts'
import { WIDE, wideDataset } from './export/wide-contract.ts'

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
        "ddl": "5bcfaf0df37e",
        "edges": "7334b5e788ec",
        "roles": "0c9da8c6ed6b",
        "rules": "8b5fe9a96529",
      },
      {
        "dataset": "order_items",
        "ddl": "9bcd9cf0e133",
        "edges": "f50bace50c15",
        "roles": "2816b05e953d",
        "rules": "2d112f0c8443",
      },
      {
        "dataset": "orders",
        "ddl": "8aa34659006b",
        "edges": "eb1bfc0312ae",
        "roles": "d030c68ae97c",
        "rules": "11a3f29b984f",
      },
      {
        "dataset": "payments",
        "ddl": "de2e80918df8",
        "edges": "47399939848f",
        "roles": "aefe20815536",
        "rules": "9292fc454de2",
      },
      {
        "dataset": "products",
        "ddl": "7a1722c98103",
        "edges": "2c168eafc26c",
        "roles": "b945fce18ead",
        "rules": "f648a1af437b",
      },
      {
        "dataset": "support_tickets",
        "ddl": "1174cdd8a79b",
        "edges": "a13c0fda8d80",
        "roles": "46c4b70abd02",
        "rules": "0fe4654ae934",
      },
      {
        "dataset": "tenants",
        "ddl": "aa496b2e3de4",
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
      "settings": "8dfcda6bd4bc",
    }
  `)
})

describe('exports are the pinned ones, on both sides', () => {
  const hashes = (of: readonly CompiledDataset[]): Readonly<Record<string, string>> =>
    Object.fromEntries(
      DATASET_FORMATS.flatMap((format) =>
        (['source', 'stored'] as const).map((side) => {
          const text = exportText(format, of, { side, database: 'analytics' })
          expect(exportText(format, of, { side, database: 'analytics' })).toBe(text)
          return [`${format}, ${side}`, short(text)]
        }),
      ),
    )

  test('of the demo contracts', () =>
    expect(hashes(datasets)).toMatchInlineSnapshot(`
      {
        "avro, source": "3d44ddd4b1d0",
        "avro, stored": "5f0128078cdd",
        "clickhouse, source": "7092c438de40",
        "clickhouse, stored": "7092c438de40",
        "dbt, source": "bd8b1fceccc5",
        "dbt, stored": "73d141dcec58",
        "debezium, source": "c22270eaaf99",
        "debezium, stored": "c22270eaaf99",
        "html, source": "ab435c497325",
        "html, stored": "ab435c497325",
        "json-schema, source": "45de05ae216a",
        "json-schema, stored": "141d0c4d93b6",
        "markdown, source": "c5e9e885bebf",
        "markdown, stored": "c5e9e885bebf",
        "postgres, source": "497145687859",
        "postgres, stored": "497145687859",
        "typescript, source": "0de802b14cbd",
        "typescript, stored": "adf8d1b9726e",
      }
    `))

  test('of a contract with every type', () =>
    expect(hashes([wideDataset()])).toMatchInlineSnapshot(`
      {
        "avro, source": "c05f78290adb",
        "avro, stored": "60a1d3816619",
        "clickhouse, source": "76e2f3e75d2b",
        "clickhouse, stored": "76e2f3e75d2b",
        "dbt, source": "5924dff9d3e2",
        "dbt, stored": "9460522bf4e4",
        "debezium, source": "9bf6a66f65bb",
        "debezium, stored": "9bf6a66f65bb",
        "html, source": "8bcbec1fe7db",
        "html, stored": "8bcbec1fe7db",
        "json-schema, source": "9ac72cb5ce6f",
        "json-schema, stored": "d6098533d5df",
        "markdown, source": "fc6b17718d15",
        "markdown, stored": "fc6b17718d15",
        "postgres, source": "493e9827e456",
        "postgres, stored": "493e9827e456",
        "typescript, source": "b176cce2990a",
        "typescript, stored": "39902079abec",
      }
    `))

  test('and the normal form', () => expect(short(normalOdcs(WIDE))).toMatchInlineSnapshot(`"27a06055a159"`))
})
