/** The planner: what is missing is planned, what is there is left alone, and names are quoted right. */
import { describe, expect, it } from 'vitest'
import { planSource, type SourceTarget } from '#pipelines/capture/plan-source.ts'
import type { SourceCatalog } from '#pipelines/capture/source-catalog.ts'
import { catalogOf, column, compiled, sourceTable } from '../support/catalog.ts'
import type { TestContract } from '../support/contract-text.ts'

const ORDERS: TestContract = {
  dataset: 'orders',
  table: 'public.orders',
  tenant: 'tenant',
  columns: [
    { name: 'tenant', type: 'text', key: 1 },
    { name: 'id', type: 'bigint', key: 2 },
  ],
}
const ITEMS: TestContract = {
  dataset: 'items',
  table: 'public."Odd ""Items"""',
  tenant: 'tenant',
  columns: [
    { name: 'id', type: 'uuid', key: 1 },
    { name: 'tenant', type: 'text', required: true },
  ],
}
const orders = sourceTable('orders', [column('tenant', 'text'), column('id', 'bigint')], ['tenant', 'id'])
const items = sourceTable('Odd "Items"', [column('id', 'uuid'), column('tenant', 'text')], ['id'], {
  identity: 'full',
})
const target = (...contracts: TestContract[]): SourceTarget => ({
  datasets: contracts.map(compiled),
  publication: 'mogo',
  role: { name: 'mogo_capture', verifier: 'SCRAM-SHA-256$4096:c2FsdA==$a:b' },
  login: 'mogo_capture',
  database: 'shop',
  partitionsOf: () => 1,
})
const planned = (wanted: SourceTarget, catalog: SourceCatalog) =>
  planSource(wanted, catalog).map(({ kind, object, change }) => `${kind} ${object}: ${change}`)
const statements = (wanted: SourceTarget, catalog: SourceCatalog) =>
  planSource(wanted, catalog).flatMap((change) => change.statements)

describe('the plan for the source', () => {
  it('is empty where everything is as the contracts want it', () => {
    expect(planned(target(ORDERS, ITEMS), catalogOf([orders, items]))).toEqual([])
  })

  it('makes everything on a bare Postgres', () => {
    const bare = catalogOf([{ ...orders, captureMaySelect: false }], {
      heartbeatTable: false,
      signalTable: false,
      capturedTable: false,
      role: null,
      publication: null,
    })
    expect(planned(target(ORDERS), bare)).toEqual([
      'role mogo_capture: create, with LOGIN and REPLICATION',
      'table mogo.heartbeat: create the heartbeat table',
      'table mogo.signal: create the signal table',
      'table mogo.captured: create the list of captured tables',
      'grant mogo_capture: may write mogo.heartbeat and mogo.signal',
      'grant mogo_capture: may connect to the database shop',
      'grant mogo_capture: may read public.orders',
      'publication mogo: create, for 3 tables',
    ])
  })

  it('lets the role read the rows that row-level security hides', () => {
    const hidden = { ...orders, hidesRows: true }
    const anew = statements(target(ORDERS), catalogOf([hidden], { role: null }))
    expect(anew[0]).toMatch(/^CREATE ROLE "mogo_capture" WITH LOGIN REPLICATION BYPASSRLS PASSWORD /)
    // Should it lose the right, reading fails: it leaves nothing out.
    expect(anew[1]).toBe('ALTER ROLE "mogo_capture" SET row_security = off')
    expect(planned(target(ORDERS), catalogOf([hidden]))).toEqual(['role mogo_capture: give it BYPASSRLS'])
    const ofNoContract = planned(target(ORDERS), catalogOf([orders, { ...items, hidesRows: true }]))
    expect(ofNoContract.filter((line) => line.startsWith('role'))).toEqual([])
  })

  it.each([
    ['the password changed', { passwordFits: false }, /^ALTER ROLE "mogo_capture" WITH PASSWORD 'SCRAM/],
    ['it may not log in', { login: false }, /WITH LOGIN$/],
    ['it may not replicate', { replication: false }, /WITH REPLICATION$/],
  ])('mends the role when %s', (_case, rest, expected) => {
    const catalog = catalogOf([orders])
    const role = catalog.role && { ...catalog.role, ...rest }
    const [statement] = statements(target(ORDERS), { ...catalog, role })
    expect(statement).toMatch(expected)
  })

  it('sets REPLICA IDENTITY FULL just where the tenant is not in the key, on partitions too', () => {
    const root = {
      ...items,
      identity: 'full' as const,
      kind: 'partitioned' as const,
      partitions: [
        { schema: 'public', table: 'items_1', identity: 'default' as const, condition: '', attached: '1:1' },
      ],
    }
    expect(statements(target(ORDERS, ITEMS), catalogOf([orders, root]))).toEqual([
      'ALTER TABLE "public"."items_1" REPLICA IDENTITY FULL',
    ])
    expect(statements(target(ITEMS), catalogOf([{ ...items, identity: 'default' }]))).toEqual([
      'ALTER TABLE "public"."Odd ""Items""" REPLICA IDENTITY FULL',
    ])
  })

  it('sets REPLICA IDENTITY FULL for large rows whose topic has several partitions', () => {
    const large = catalogOf([{ ...orders, mayBeLarge: true }])
    const asked: string[] = []
    const partitionsOf = (count: number) => (table: { table: string }) => {
      asked.push(table.table)
      return count
    }
    expect(statements({ ...target(ORDERS), partitionsOf: partitionsOf(3) }, large)).toEqual([
      'ALTER TABLE "public"."orders" REPLICA IDENTITY FULL',
    ])
    expect(statements({ ...target(ORDERS), partitionsOf: partitionsOf(1) }, large)).toEqual([])
    expect(statements({ ...target(ORDERS), partitionsOf: partitionsOf(3) }, catalogOf([orders]))).toEqual([])
    expect(new Set(asked)).toEqual(new Set(['orders']))
  })

  it('takes tables that are not under contract out of the publication, and filters off those that are', () => {
    const catalog = catalogOf([orders])
    const publication = {
      allTables: false,
      viaRoot: false,
      allOperations: true,
      tables: [
        { schema: 'public', table: 'orders', plain: false },
        { schema: 'public', table: 'secrets', plain: true },
        { schema: 'mogo', table: 'heartbeat', plain: true },
      ],
    }
    expect(statements(target(ORDERS), { ...catalog, publication })).toEqual([
      `ALTER PUBLICATION "mogo" SET (publish = 'insert, update, delete, truncate', publish_via_partition_root = true)`,
      'ALTER PUBLICATION "mogo" DROP TABLE "public"."orders"',
      'ALTER PUBLICATION "mogo" DROP TABLE "public"."secrets"',
      'ALTER PUBLICATION "mogo" ADD TABLE "public"."orders"',
      'ALTER PUBLICATION "mogo" ADD TABLE "mogo"."signal"',
    ])
  })

  it('leaves a role that is not ours alone, but lets it write our own tables', () => {
    const catalog = catalogOf([orders], { role: null, signalTable: false })
    expect(planned({ ...target(ORDERS), role: null, login: 'theirs' }, catalog)).toEqual([
      'table mogo.signal: create the signal table',
      'grant theirs: may write mogo.heartbeat and mogo.signal',
    ])
  })
})
