/** Keys that the standard does not know: whatever they mean to somebody, that they changed is said. */
import type { Raw } from '../model/raw-value.ts'
import { blanksAside, sameValue } from './canonical-text.ts'
import type { Report } from './report.ts'

const DESCRIBED = [
  'id',
  'description',
  'businessName',
  'tags',
  'customProperties',
  'authoritativeDefinitions',
]
const ELEMENT = [
  ...DESCRIBED,
  ...['name', 'physicalName', 'physicalType', 'logicalType', 'relationships', 'quality', 'synonyms'],
  ...['deprecated', 'properties'],
]

/** Keys of the contract itself. */
export const CONTRACT_KEYS: ReadonlySet<string> = new Set([
  ...DESCRIBED,
  ...[
    'apiVersion',
    'kind',
    'name',
    'version',
    'status',
    'tenant',
    'domain',
    'dataProduct',
    'schema',
    'roles',
  ],
  ...[
    'slaDefaultElement',
    'slaProperties',
    'servers',
    'team',
    'support',
    'contractCreatedTs',
    'price',
    'context',
  ],
])
/** Keys of a schema object. */
export const DATASET_KEYS: ReadonlySet<string> = new Set([
  ...ELEMENT,
  'dataGranularityDescription',
  'context',
])
/** Keys of a property. */
export const COLUMN_KEYS: ReadonlySet<string> = new Set([
  ...ELEMENT,
  ...['primaryKey', 'primaryKeyPosition', 'logicalTypeOptions', 'required', 'unique', 'partitioned'],
  ...['partitionKeyPosition', 'classification', 'encryptedName', 'transformSourceObjects', 'transformLogic'],
  ...['transformDescription', 'examples', 'enum', 'criticalDataElement', 'items', 'map', 'semanticType'],
])
/** Keys of the options of a logical type. */
export const OPTION_KEYS: ReadonlySet<string> = new Set([
  ...['minLength', 'maxLength', 'pattern', 'format', 'minimum', 'maximum', 'exclusiveMinimum'],
  ...['exclusiveMaximum', 'multipleOf', 'minItems', 'maxItems', 'uniqueItems', 'minProperties'],
  ...['maxProperties', 'required', 'timezone', 'defaultTimezone', 'dimensions', 'elementType'],
  ...['distanceMetric', 'embeddingModel', 'embeddingModelVersion', 'normalized'],
])
/** Keys of a role. */
export const ROLE_KEYS: ReadonlySet<string> = new Set([
  ...[
    'id',
    'role',
    'access',
    'description',
    'firstLevelApprovers',
    'secondLevelApprovers',
    'customProperties',
  ],
])

/** Compares the keys of one mapping that are not known; says the names of keys, not their values. */
export function diffUnknownKeys(older: Raw, newer: Raw, known: ReadonlySet<string>, report: Report): void {
  for (const key of new Set([...Object.keys(older), ...Object.keys(newer)]))
    if (!known.has(key) && !sameValue(older[key], newer[key]))
      report('DIFF_UNKNOWN_KEY_CHANGED', `the key ${key} changed`, [key])
}

/** What a mapping says beside some keys; lists that hold nothing say nothing, nor does how lines are broken. For parts whose other keys are words. */
export function restOf(raw: Raw, keys: ReadonlySet<string>): Raw {
  return Object.fromEntries(
    Object.entries(raw)
      .map(([key, value]) => [key, typeof value === 'string' ? blanksAside(value) : value] as const)
      .filter(([key, value]) => !keys.has(key) && !(Array.isArray(value) && value.length === 0)),
  )
}
