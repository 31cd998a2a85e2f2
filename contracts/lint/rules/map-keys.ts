/** Keys of maps (3.2): only what can be compared can be a key. */
import { eachProperty, type LintContext } from '../lint-rule.ts'

const NOT_COMPARABLE: ReadonlySet<string> = new Set(['object', 'array', 'map', 'vector'])

/** See the header. */
export function mapKeys({ contract, say }: LintContext): void {
  eachProperty(contract, (property, path) => {
    const type = property.map?.key?.logicalType
    if (type === undefined || !NOT_COMPARABLE.has(type)) return
    say(
      [...path, 'map', 'key', 'logicalType'],
      'CONTRACT_MAP_KEY',
      `the keys of ${property.name || 'the map'} are of logical type ${type}, which cannot be a key`,
      { expected: 'a logical type of single values, such as string or integer' },
    )
  })
}
