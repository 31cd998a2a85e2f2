/** Keys that the standard does not know, and parts of it that the view leaves out (prices): seen in the plain values of the documents. */
import type { DocumentPath } from '../fault.ts'
import { isRecord, type Raw } from '../model/raw-value.ts'
import { sameValue } from './canonical-text.ts'
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
  'name',
  'physicalName',
  'physicalType',
  'logicalType',
  'relationships',
  'quality',
  'synonyms',
  'deprecated',
  'properties',
  'context',
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
export const DATASET_KEYS: ReadonlySet<string> = new Set([...ELEMENT, 'dataGranularityDescription'])
/** Keys of a property. */
export const COLUMN_KEYS: ReadonlySet<string> = new Set([
  ...ELEMENT,
  ...['primaryKey', 'primaryKeyPosition', 'logicalTypeOptions', 'required', 'unique', 'partitioned'],
  ...['partitionKeyPosition', 'classification', 'encryptedName', 'transformSourceObjects', 'transformLogic'],
  ...[
    'transformDescription',
    'examples',
    'enum',
    'criticalDataElement',
    'items',
    'map',
    'vector',
    'semanticType',
  ],
])

/** Compares the keys of one mapping that are not known; says the names of keys, not their values. */
export function diffUnknownKeys(
  older: unknown,
  newer: unknown,
  known: ReadonlySet<string>,
  report: Report,
): void {
  const [was, is]: readonly Raw[] = [isRecord(older) ? older : {}, isRecord(newer) ? newer : {}]
  for (const key of new Set([...Object.keys(was ?? {}), ...Object.keys(is ?? {})]))
    if (!known.has(key) && !sameValue(was?.[key], is?.[key]))
      report('DIFF_UNKNOWN_KEY_CHANGED', `the key ${key} changed`, [key])
  for (const key of ['price', 'context'])
    if (known.has(key) && !sameValue(was?.[key], is?.[key]))
      report('DIFF_METADATA_CHANGED', `${key} changed`, [key])
}

/** What is at a path of a plain value. */
export function valueAt(value: unknown, path: DocumentPath): unknown {
  let part = value
  for (const key of path) {
    if (typeof part !== 'object' || part === null || !Object.hasOwn(part, key)) return undefined
    part = (part as Readonly<Record<string | number, unknown>>)[key]
  }
  return part
}
