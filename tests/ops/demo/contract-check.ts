/**
 * A small reader of the demo's contracts and checker of their rules, for tests: written from the YAML alone, so that it does
 * not share a mistake with the product's own.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { CopyRow, CopyValue } from '#ops/demo/copy-text.ts'
import { SHOP_COLUMNS, type ShopTable } from '#ops/demo/tables.ts'

export type ContractColumn = {
  readonly name: string
  readonly logicalType: string
  readonly physicalType: string
  readonly required: boolean
  readonly classification: string
  readonly primaryKeyPosition?: number
  readonly logicalTypeOptions?: Readonly<Record<string, string | number>>
  readonly customProperties?: readonly { property: string; value: unknown }[]
}

export type DemoContract = {
  readonly name: string
  readonly version: string
  readonly schema: readonly { name: string; physicalName: string; properties: readonly ContractColumn[] }[]
  readonly roles: readonly {
    role: string
    customProperties: readonly { property: string; value: unknown }[]
  }[]
}

const DIR = new URL('../../../ops/demo/contracts/', import.meta.url)

/** The contracts by dataset. */
export function readContracts(): ReadonlyMap<string, DemoContract> {
  const files = readdirSync(DIR).filter((name) => name.endsWith('.odcs.yaml'))
  const contracts = files.map((name) => parse(readFileSync(new URL(name, DIR), 'utf8')) as DemoContract)
  return new Map(contracts.map((contract) => [contract.name, contract]))
}

export const customOf = (column: ContractColumn, property: string): unknown =>
  column.customProperties?.find((custom) => custom.property === property)?.value

const TEMPORAL = new Set(['date', 'timestamp'])

/** Rules of one column that a value breaks, by name. */
export function brokenRules(column: ContractColumn, value: CopyValue): readonly string[] {
  if (value === null) return column.required ? ['required'] : []
  const broken: string[] = []
  const text = String(value)
  const options = column.logicalTypeOptions ?? {}
  const numeric = column.logicalType === 'number' || column.logicalType === 'integer'
  if (numeric && !Number.isFinite(Number(text))) return ['not_finite']
  // ISO dates and moments of one form stand in the order of their text.
  const order = (bound: string | number): number => {
    if (!TEMPORAL.has(column.logicalType)) return Number(text) - Number(bound)
    const limit = String(bound).replace(/Z$/, '')
    return text < limit ? -1 : text > limit ? 1 : 0
  }
  for (const [rule, bound] of Object.entries(options)) {
    const holds =
      rule === 'minimum'
        ? order(bound) >= 0
        : rule === 'maximum'
          ? order(bound) <= 0
          : rule === 'exclusiveMinimum'
            ? order(bound) > 0
            : rule === 'minLength'
              ? [...text].length >= Number(bound)
              : rule === 'maxLength'
                ? [...text].length <= Number(bound)
                : rule === 'pattern'
                  ? new RegExp(String(bound), 'u').test(text)
                  : rule === 'format'
                    ? /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)
                    : undefined
    if (holds === undefined) throw new Error(`the test knows no rule ${rule}`)
    if (!holds) broken.push(rule)
  }
  const values = customOf(column, 'validValues') as readonly unknown[] | undefined
  if (values && !values.map(String).includes(text)) broken.push('validValues')
  return broken
}

/** Everything that a row breaks, as `column: rule`. */
export function brokenIn(table: ShopTable, contract: DemoContract, row: CopyRow): readonly string[] {
  const columns = contract.schema[0]!.properties
  return columns.flatMap((column) => {
    const value = row[SHOP_COLUMNS[table].indexOf(column.name)]
    if (value === undefined) throw new Error(`${table}.${column.name} is not generated`)
    return brokenRules(column, value).map((rule) => `${column.name}: ${rule}`)
  })
}
