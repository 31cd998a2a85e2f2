// biome-ignore-all lint/performance/noBarrelFile: the package's public door; nothing inside of the project imports it
/**
 * The package's public door: `import { parseContract, diffContracts } from 'mogothrow77/contracts'`. What is not here may change at any time.
 * Inside of the project files import each other directly; nothing here needs a server.
 *
 * A contract goes through three hands: `parseContract` (text -> contract, faults of syntax and shape), `checkContract` (every fault, and the
 * compiled datasets), and what is made of these: validators, exports, differences.
 */
export { type CheckedContract, type CheckOptions, checkContract } from './check-contract.ts'
export { type CompiledContract, compileContract, type Purpose } from './compile/compile-contract.ts'
export type { CompiledColumn, CompiledDataset, Rule } from './compile/compiled-dataset.ts'
export { applyWaivers } from './diff/apply-waivers.ts'
export type { Bump, Change, Perspective, Waiver } from './diff/change.ts'
export { type ContractDiff, type DiffOptions, diffContracts } from './diff/diff-contracts.ts'
export { diffVersions, type VersionsDiff } from './diff/diff-versions.ts'
export { type DiffCode, type Direction, GRADES, type Grade } from './diff/grades.ts'
export { parseWaivers } from './diff/parse-waivers.ts'
export { isMogoError, MogoError } from './errors.ts'
export { type ExportOptions, exportFiles, exportText } from './export/formats.ts'
export { postgresScript } from './export/postgres-ddl.ts'
export { type ContractFault, faultLine, type Place } from './fault.ts'
export { avroTables } from './import/avro-tables.ts'
export { clickhouseTables } from './import/clickhouse-tables.ts'
export { dbtTables } from './import/dbt-tables.ts'
export { type Draft, type DraftOptions, draftContracts } from './import/draft-contract.ts'
export type { ImportedTable } from './import/imported-table.ts'
export { jsonSchemaTables } from './import/json-schema-tables.ts'
export { readCatalog } from './import/postgres-catalog.ts'
export { postgresTables } from './import/postgres-tables.ts'
export { type LintOptions, lintContract } from './lint/lint-contract.ts'
export { type CheckedFile, checkContractFiles, contractFiles, loadContracts } from './load-contracts.ts'
export type { Contract, ContractObject, ContractProperty, ContractRole } from './model/contract.ts'
export { type ContractEdit, editContract } from './parse/edit-contract.ts'
export { type ParsedContract, parseContract } from './parse.ts'
export { createValidator } from './validator/create-validator.ts'
export type { Row, RowFault, ValidateRow, ValidatorOptions } from './validator/row.ts'
