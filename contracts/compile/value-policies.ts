/**
 * What the contract says of values that the stored type cannot hold, in custom properties of a property:
 *
 *   outOfRange: quarantine | null | clamp    dates and moments beyond the stored type, infinite ones too
 *   notFinite: quarantine | null             NaN and the infinities of numeric
 *   bytesAs: base64 | hex                    bytea, as text
 *   oneDimensional: true                     arrays: an array of nothing but NULL is what it seems
 *
 * A clamped value is told apart by a column of its own, `<name>_clamped`: without it nobody could tell the last day that the type holds
 * from a day that never came. What is the usual leaves no trace in the compiled column.
 */
import { type ContractProperty, customPath, customValue } from '../model/contract.ts'
import type { CompiledColumn, ValuePolicies } from './compiled-dataset.ts'
import type { Report } from './report.ts'
import { typeName } from './type-name.ts'

/** Ending of the name of the column that tells clamped values. */
export const CLAMPED_SUFFIX = '_clamped'

/** What the policies are of. */
export type PolicyColumn = Pick<
  CompiledColumn,
  'kind' | 'sourceType' | 'target' | 'targetType' | 'nullable' | 'pii'
> & { readonly isKey: boolean }

type Policy = {
  readonly name: string
  readonly values: readonly unknown[]
  /** The columns that it is for, in words, and the test. */
  readonly of: string
  readonly applies: (column: PolicyColumn) => boolean
}

const isMoment = ({ kind, targetType }: PolicyColumn): boolean =>
  (kind === 'date' || kind === 'timestamp') && !targetType.includes('String')

const POLICIES = {
  outOfRange: {
    name: 'outOfRange',
    values: ['quarantine', 'null', 'clamp'],
    of: 'dates and timestamps that are stored as such',
    applies: isMoment,
  },
  notFinite: {
    name: 'notFinite',
    values: ['quarantine', 'null'],
    of: 'numeric',
    applies: ({ kind, sourceType }) => kind === 'decimal' && typeName(sourceType).name !== 'money',
  },
  bytesAs: {
    name: 'bytesAs',
    values: ['base64', 'hex'],
    of: 'bytea',
    applies: ({ sourceType }) => typeName(sourceType).name === 'bytea',
  },
  oneDimensional: {
    name: 'oneDimensional',
    values: [true],
    of: 'arrays',
    applies: ({ kind, sourceType }) => kind === 'array' && typeName(sourceType).name !== 'vector',
  },
} as const satisfies Readonly<Record<string, Policy>>

/** Which of them a column may have, each with its values: `outOfRange: quarantine, null, clamp`. */
export function policiesFor(column: PolicyColumn): readonly string[] {
  return Object.values<Policy>(POLICIES)
    .filter(({ applies }) => applies(column))
    .map(({ name, values }) => `${name}: ${values.map(String).join(', ')}`)
}

/** Reads them; what cannot be is reported and left out. */
export function compileValuePolicies(
  property: ContractProperty,
  column: PolicyColumn,
  here: readonly (string | number)[],
  report: Report,
): ValuePolicies {
  const read = (policy: Policy): unknown => {
    // YAML reads a bare null as nothing; here it is meant as the word.
    const written = property.customProperties.find((custom) => custom.property === policy.name)
    if (written === undefined) return undefined
    const value = customValue(property, policy.name) ?? 'null'
    const fault = faultOf(policy, value, column)
    if (fault === undefined) return value
    report(
      customPath(property, policy.name, here),
      'CONTRACT_VALUE_POLICY',
      `${policy.name} of ${property.name}: ${fault}`,
    )
    return undefined
  }
  const outOfRange = read(POLICIES.outOfRange)
  return {
    ...(outOfRange === 'null' ? { outOfRange } : {}),
    ...(outOfRange === 'clamp'
      ? { outOfRange, clampedTarget: `${column.target ?? property.name}${CLAMPED_SUFFIX}` }
      : {}),
    ...(read(POLICIES.notFinite) === 'null' ? { notFinite: 'null' } : {}),
    ...(read(POLICIES.bytesAs) === 'hex' ? { bytesAs: 'hex' } : {}),
    ...(read(POLICIES.oneDimensional) === true ? { oneDimensional: true } : {}),
  }
}

function faultOf({ values, of, applies }: Policy, value: unknown, column: PolicyColumn): string | undefined {
  if (!values.includes(value)) return `expected ${values.map(String).join(', ')}`
  if (column.pii || column.target === null) return 'the column is not stored as it is'
  if (!applies(column)) return `it is for ${of}`
  if (value === 'null' && !column.nullable) return 'the column is required, so that there is no NULL in it'
  if (value === 'clamp' && column.isKey) return 'the column is in the key: other rows would get the same key'
  return undefined
}
