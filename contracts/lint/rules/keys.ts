/** Primary keys and partition keys: positions that do not tell the order, and keys that may be empty or cannot be compared. */
import type { DocumentPath } from '../../fault.ts'
import type { ContractObject, ContractProperty } from '../../model/contract.ts'
import { valueAt } from '../../model/raw-value.ts'
import { eachProperty, type LintContext } from '../lint-rule.ts'

/** Logical types whose values have no equality that every engine agrees on. */
const NOT_COMPARABLE = new Set(['object', 'array', 'map', 'vector'])

/** See the header. */
export function keys(context: LintContext): void {
  const { contract, value, strictness, say } = context
  for (const [index, object] of contract.schema.entries()) {
    const path = ['schema', index, 'properties']
    positions(context, object, path, {
      key: 'primaryKeyPosition',
      what: 'primary key',
      isIn: (property) => property.primaryKey,
      positionOf: (property) => property.primaryKeyPosition,
    })
    positions(context, object, path, {
      key: 'partitionKeyPosition',
      what: 'partition key',
      isIn: (property) => property.partitioned,
      positionOf: (property) => property.partitionKeyPosition,
    })
    for (const [place, property] of object.properties.entries()) {
      // Unsaid is fine: a key is required by being one.
      if (property.primaryKey && valueAt(value, [...path, place, 'required']) === false)
        say(
          [...path, place, 'required'],
          'CONTRACT_KEY_NULLABLE',
          `${property.name} is in the primary key and cannot be optional`,
          { severity: strictness(object), suggestion: 'required: true' },
        )
    }
  }
  eachProperty(contract, (property, path) => {
    if (property.unique && NOT_COMPARABLE.has(property.logicalType ?? ''))
      say(
        [...path, 'unique'],
        'CONTRACT_UNIQUE_TYPE',
        `${property.name} is of logical type ${property.logicalType}; whether such values are unique is not defined`,
        { severity: 'warning' },
      )
    if (property.primaryKey && path.length > 4)
      say(
        [...path, 'primaryKey'],
        'CONTRACT_KEY_NESTED',
        `${property.name || 'an element'} is nested; only columns of the dataset itself can be in its key`,
        { severity: 'warning' },
      )
  })
}

type KeyKind = {
  readonly key: 'primaryKeyPosition' | 'partitionKeyPosition'
  readonly what: string
  readonly isIn: (property: ContractProperty) => boolean
  readonly positionOf: (property: ContractProperty) => number
}

function positions(
  { say }: LintContext,
  object: ContractObject,
  path: DocumentPath,
  { key, what, isIn, positionOf }: KeyKind,
): void {
  const seen = new Map<number, string>()
  let members = 0
  for (const [place, property] of object.properties.entries()) {
    const position = positionOf(property)
    const at = [...path, place, key]
    if (!isIn(property)) {
      if (position > 0)
        say(at, 'CONTRACT_KEY_POSITION', `${property.name} has a position in the ${what}, but is not in it`, {
          severity: 'warning',
        })
      continue
    }
    members++
    if (position === -1) continue
    const other = seen.get(position)
    if (other !== undefined)
      say(at, 'CONTRACT_KEY_POSITION', `${property.name} and ${other} have the same position in the ${what}`)
    seen.set(position, property.name)
  }
  if (seen.size === 0) return
  const first = object.properties.findIndex(isIn)
  const gap = [...seen.keys()].some((position) => position < 1 || position > members)
  if (gap || seen.size < members)
    say(
      [...path, first],
      'CONTRACT_KEY_POSITION',
      `positions in the ${what} of ${object.name} should be 1 to ${members}, each once`,
      { severity: 'warning' },
    )
}
