/** Catalogs and datasets for tests of the planner: what is not said is as it should be. */
import { compileContract } from '#contracts/compile/compile-contract.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { parseContract } from '#contracts/parse.ts'
import { HEARTBEAT_TABLE, SIGNAL_TABLE } from '#pipelines/capture/plan-source.ts'
import type { SourceCatalog, SourceColumn, SourceTable } from '#pipelines/capture/source-catalog.ts'
import { contractText, type TestContract } from './contract-text.ts'

/** Compiles a contract; faults fail the test. */
export function compiled(contract: TestContract): CompiledDataset {
  const { datasets, faults } = compileContract(parseContract(contractText(contract)))
  const [dataset] = datasets
  if (!dataset) throw new Error(JSON.stringify(faults))
  return dataset
}

/** A column that is as it should be. */
export function column(name: string, type: string, rest: Partial<SourceColumn> = {}): SourceColumn {
  return {
    name,
    type,
    baseType: null,
    typeKind: 'base',
    elementKind: null,
    notNull: false,
    generated: false,
    ...rest,
  }
}

/** A table with its key. */
export function sourceTable(
  table: string,
  columns: readonly SourceColumn[],
  key: readonly string[],
  rest: Partial<SourceTable> = {},
): SourceTable {
  return {
    schema: 'public',
    table,
    kind: 'table',
    identity: 'default',
    columns,
    primaryKey: key,
    uniqueKeys: key.length > 0 ? [key] : [],
    partitions: [],
    captureMaySelect: true,
    hidesRows: false,
    hasChildren: false,
    checks: [],
    mayBeLarge: false,
    ...rest,
  }
}

/** A catalog in which everything is as capture wants it. */
export function catalogOf(tables: readonly SourceTable[], rest: Partial<SourceCatalog> = {}): SourceCatalog {
  const published = [...tables, HEARTBEAT_TABLE, SIGNAL_TABLE]
  return {
    serverVersion: 180_000,
    walLevel: 'logical',
    freeSlots: 5,
    superuser: true,
    tables,
    heartbeatTable: true,
    signalTable: true,
    capturedTable: true,
    captured: [],
    partitions: new Map(),
    role: {
      name: 'mogo_capture',
      login: true,
      replication: true,
      passwordFits: true,
      maySignal: true,
      mayConnect: true,
    },
    publication: {
      allTables: false,
      viaRoot: true,
      allOperations: true,
      tables: published.map(({ schema, table }) => ({ schema, table, plain: true })),
    },
    slot: null,
    ...rest,
  }
}
