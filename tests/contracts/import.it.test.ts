/**
 * Import from real servers: what is drafted lints clean, ClickHouse accepts the tables that are made from it, and importing what was exported says
 * the same again.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkContract } from '#contracts/check-contract.ts'
import { createTableStatement, quoteLiteral } from '#contracts/compile/clickhouse-ddl.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { postgresScript, postgresStatements } from '#contracts/export/postgres-ddl.ts'
import { clickhouseTables } from '#contracts/import/clickhouse-tables.ts'
import { type Draft, draftContracts } from '#contracts/import/draft-contract.ts'
import { readCatalog } from '#contracts/import/postgres-catalog.ts'
import { postgresTables } from '#contracts/import/postgres-tables.ts'
import { checkContractFiles, contractFiles } from '#contracts/load-contracts.ts'
import type { Contract } from '#contracts/model/contract.ts'
import { parseContract } from '#contracts/parse.ts'
import { importContracts } from '#ops/cli/commands/contracts/import.ts'
import { splitStatements } from '#ops/cli/split-statements.ts'
import { createTestProject, type TestProject } from '../support/test-project.ts'
import { SOURCE_SCHEMA } from './import/source-schema.ts'

const SHARED = fileURLToPath(new URL('../../../shared', import.meta.url))
const CHINOOK = join(SHARED, 'data', 'chinook', 'Chinook_PostgreSql.sql')
const ADVENTURE_WORKS = join(
  SHARED,
  'specs',
  'odcs',
  'examples',
  'postgresql-adventureworks-contract.odcs.yaml',
)
const options = { tenantColumn: 'tenant_id', tenant: 'main' }

/** Imports into the project's folder; the datasets of what was written, after a look that there is no fault, warnings neither. */
async function imported(project: TestProject): Promise<readonly CompiledDataset[]> {
  await importContracts(project.project, options)
  const checked = checkContractFiles(contractFiles(project.project.contractsDir))
  expect(checked.flatMap(({ file, faults }) => faults.map((fault) => `${file}: ${fault.message}`))).toEqual(
    [],
  )
  return checked.flatMap(({ datasets }) => datasets)
}

async function createTables(
  project: TestProject,
  datasets: readonly CompiledDataset[],
  database: string,
): Promise<void> {
  for (const dataset of datasets) await project.clickhouse.query(createTableStatement(dataset, database))
}

async function draftsOf(project: TestProject): Promise<readonly Draft[]> {
  const query = async (sql: string, parameters: readonly unknown[]) =>
    (await project.postgres.query(sql, parameters)).rows
  const { tables } = postgresTables(await readCatalog(query, {}), false)
  return draftContracts(tables, { tenant: { column: options.tenantColumn, constant: options.tenant } })
}

const contractsOf = (drafts: readonly Draft[]): readonly Contract[] =>
  drafts.flatMap(({ text }) => parseContract(text).contract ?? [])

/** Without what was kept in words only, which no export makes into a constraint again. */
function withoutWords(draft: Draft): unknown {
  return JSON.parse(JSON.stringify(parseContract(draft.text).value), (key, part: unknown) => {
    if (key !== 'quality' || !Array.isArray(part)) return part
    const kept = part.filter((rule: { type?: unknown }) => rule.type !== 'text')
    return kept.length > 0 ? kept : undefined
  })
}

describe('a schema with everything in it', () => {
  let project: TestProject
  let copy: TestProject

  beforeAll(async () => {
    project = await createTestProject({ schema: SOURCE_SCHEMA })
    copy = await createTestProject()
  })
  afterAll(async () => {
    await project?.dispose()
    await copy?.dispose()
  })

  it('is drafted without a fault, and ClickHouse takes its tables', async () => {
    const datasets = await imported(project)
    expect(datasets.map(({ name }) => name)).toEqual([
      'by_region',
      'clash',
      'clash_',
      'clash_2',
      'every_type',
      'indexed',
      'measured',
      'odd_schema_x_t_cf2abf0c',
      'odd_schema_x_t_f0e95216',
      'odd_schema_x_ta_ble_s_q_',
      'shop_customer',
      'shop_order_line',
      'shop_orders',
      'shop_product',
    ])
    await createTables(project, datasets, project.analytics)
    const { rows } = await project.clickhouse.query(
      `SELECT count() AS n FROM system.tables WHERE database = ${quoteLiteral(project.analytics)}`,
    )
    expect(rows).toEqual([{ n: String(datasets.length) }])
  })

  it('has its personal columns found by samples, of which no value is written down', async () => {
    const file = join(project.project.contractsDir, 'shop_customer.odcs.yaml')
    const text = readFileSync(file, 'utf8')
    const properties = parseContract(text).contract?.schema[0]?.properties ?? []
    const guesses = properties.map(({ name, customProperties }) => [
      name,
      customProperties.find(({ property }) => property === 'guessed')?.value,
    ])
    expect(guesses.filter(([, guess]) => guess !== undefined)).toEqual([
      ['contact', { by: 'sample', share: 1, looksLike: 'email' }],
      ['reach_at', { by: 'sample', share: 1, looksLike: 'phone' }],
      ['account', { by: 'sample', share: 1, looksLike: 'iban' }],
      ['note', { by: 'sample', share: expect.closeTo(0.33, 1), looksLike: 'email_inside' }],
      ['birth_date', { by: 'name' }],
      ['address', { by: 'name' }],
    ])
    for (const value of ['person1@', '+49 30', 'DE89']) expect(text).not.toContain(value)
  })

  it('is the same again after an export to Postgres and an import', async () => {
    const first = await draftsOf(project)
    for (const statement of postgresStatements(contractsOf(first))) await copy.postgres.query(statement)
    const second = await draftsOf(copy)
    expect(second.map(withoutWords)).toEqual(first.map(withoutWords))
    expect(postgresScript(contractsOf(second))).toBe(postgresScript(contractsOf(first)))
  })

  it('is the same again after an import from ClickHouse, an export and an import', async () => {
    const query = async (sql: string) => (await project.clickhouse.query(sql)).rows
    const draftsFrom = async (database: string) => {
      const { tables } = await clickhouseTables(query, { databases: [database], samples: true })
      return draftContracts(
        tables.map((table) => ({ ...table, schema: '' })),
        { tenant: { column: options.tenantColumn, constant: options.tenant } },
      )
    }
    const first = await draftsFrom(project.analytics)
    expect(first).toHaveLength(14)
    await createTables(
      project,
      first.flatMap(({ text }) => datasetsOf(text)),
      project.governance,
    )
    const second = await draftsFrom(project.governance)
    expect(second.map(({ text }) => text)).toEqual(first.map(({ text }) => text))
  })

  it('keeps what is there, knows it, and writes over it only when it is told to', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'mogo-import-'))
    try {
      const into = { ...options, output: dir, samples: false }
      expect(await importContracts(project.project, { ...into, table: ['shop.product'], dryRun: true })).toBe(
        1,
      )
      expect(readdirSync(dir)).toEqual([])
      expect(await importContracts(project.project, { ...into, table: ['shop.product'] })).toBe(1)
      expect(await importContracts(project.project, { ...into, table: ['shop.product'] })).toBe(0)
      expect(await importContracts(project.project, { ...into, table: ['shop.product'], force: true })).toBe(
        1,
      )
      expect(await importContracts(project.project, { ...into, table: ['shop.order_line'] })).toBe(1)
      const line = parseContract(readFileSync(join(dir, 'shop_order_line.odcs.yaml'), 'utf8')).contract
        ?.schema[0]
      expect(line?.properties.flatMap(({ relationships }) => relationships.map(({ to }) => to))).toEqual([
        ['shop_product.code'],
      ])
      expect(line?.customProperties.find(({ property }) => property === 'foreignKeys')?.value).toEqual([
        { columns: ['tenant_id', 'order_id'], to: 'shop.orders', toColumns: ['tenant_id', 'id'] },
      ])
      expect(await importContracts(project.project, { ...into, table: ['"Odd ""Schema"".x"."日本"'] })).toBe(
        1,
      )
      expect(await importContracts(project.project, { ...into, table: ['keyless'] })).toBe(1)
      expect(await importContracts(project.project, { ...into, table: ['seen'] })).toBe(0)
      await expect(importContracts(project.project, { ...into, table: ['nothing'] })).rejects.toThrow(
        'no table nothing',
      )
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  })
})

/** Datasets of a draft without a fault. */
function datasetsOf(text: string): readonly CompiledDataset[] {
  const { datasets, faults } = checkContract(text)
  expect(faults).toEqual([])
  return datasets
}

describe.skipIf(!existsSync(CHINOOK))('Chinook', () => {
  let project: TestProject

  beforeAll(async () => {
    project = await createTestProject()
    const statements = splitStatements(readFileSync(CHINOOK, 'utf8'))
    for (const statement of statements)
      if (!/^\\c|^(drop|create) database/im.test(statement)) await project.postgres.query(statement)
  })
  afterAll(() => project?.dispose())

  it('is drafted without a fault, and ClickHouse takes its tables', async () => {
    const datasets = await imported(project)
    expect(datasets).toHaveLength(11)
    await createTables(project, datasets, project.analytics)
    const customer = datasets.find(({ name }) => name === 'customer')
    expect(customer?.columns.flatMap(({ source, pii }) => (pii ? [source] : []))).toEqual(
      expect.arrayContaining(['first_name', 'last_name', 'address', 'phone', 'fax', 'email']),
    )
    expect(customer?.references).toEqual([{ column: 'support_rep_id', to: 'employee.employee_id' }])
  })
})

describe.skipIf(!existsSync(ADVENTURE_WORKS))('the AdventureWorks example contract', () => {
  let project: TestProject

  beforeAll(async () => {
    const { contract } = parseContract(readFileSync(ADVENTURE_WORKS, 'utf8'))
    project = await createTestProject({ schema: postgresScript(contract ? [contract] : []) })
  })
  afterAll(() => project?.dispose())

  it('becomes tables, whose import is drafted without a fault, and ClickHouse takes its tables', async () => {
    const datasets = await imported(project)
    expect(datasets).toHaveLength(68)
    await createTables(project, datasets, project.analytics)
    const { rows } = await project.clickhouse.query(
      `SELECT count() AS n FROM system.tables WHERE database = ${quoteLiteral(project.analytics)}`,
    )
    expect(rows).toEqual([{ n: '68' }])
    const person = datasets.find(({ name }) => name === 'person')
    expect(person?.columns.filter(({ pii }) => pii).map(({ source }) => source)).toContain('firstname')
  })
})
