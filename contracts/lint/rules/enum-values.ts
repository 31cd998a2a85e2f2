/** Allowed values (3.2) of another type than the property's, and those that stand twice. */
import type { ContractProperty } from '../../model/contract.ts'
import { eachProperty, type LintContext } from '../lint-rule.ts'

/** Is a value of the logical type? Types that are not listed take any. */
const FITS: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  date: (value) => typeof value === 'string',
  timestamp: (value) => typeof value === 'string',
  time: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => typeof value === 'number' && Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
}
const WORDS: Readonly<Record<string, string>> = {
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
}

/** See the header. */
export function enumValues({ contract, say }: LintContext): void {
  eachProperty(contract, (property: ContractProperty, path) => {
    if (!property.enum) return
    const { logicalType = '' } = property
    const fits = Object.hasOwn(FITS, logicalType) ? FITS[logicalType] : undefined
    const seen = new Set<string>()
    for (const [index, value] of property.enum.entries()) {
      const at = [...path, 'enum', index, 'value']
      if (value === undefined || typeof value === 'object') {
        if (value === null && property.required)
          say(at, 'CONTRACT_ENUM', `${property.name} is required and allows the empty value`, {
            severity: 'warning',
          })
        continue
      }
      if (fits && !fits(value)) {
        const expected = WORDS[logicalType] ?? 'a text'
        say(
          at,
          'CONTRACT_ENUM',
          `an allowed value of ${property.name} is not of its logical type ${logicalType}`,
          { expected },
        )
      }
      const form = `${typeof value} ${String(value)}`
      if (seen.has(form)) say(at, 'CONTRACT_ENUM', `an allowed value of ${property.name} stands twice`)
      seen.add(form)
    }
  })
}
