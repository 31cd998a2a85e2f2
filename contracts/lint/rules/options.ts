/** Options that contradict each other, so that no value could keep them all. */
import type { DocumentPath } from '../../fault.ts'
import type { ContractProperty, LogicalTypeOptions } from '../../model/contract.ts'
import { compareBounds } from '../compare-bounds.ts'
import { eachProperty, type LintContext, type Say } from '../lint-rule.ts'

/** Pairs of a least and a most; `strict` if the two may not be equal. */
const BOUNDS = [
  ['minimum', 'maximum', false],
  ['minimum', 'exclusiveMaximum', true],
  ['exclusiveMinimum', 'maximum', true],
  ['exclusiveMinimum', 'exclusiveMaximum', true],
] as const
/** In 3.0 a flag says that the bound beside it is exclusive. */
const FLAGS = [
  ['exclusiveMinimum', 'minimum'],
  ['exclusiveMaximum', 'maximum'],
] as const
const SIZES = [
  ['minLength', 'maxLength'],
  ['minItems', 'maxItems'],
  ['minProperties', 'maxProperties'],
] as const

/** See the header. */
export function options({ contract, say, suggest }: LintContext): void {
  eachProperty(contract, (property, path) => {
    const given = property.logicalTypeOptions
    if (!given) return
    const here = [...path, 'logicalTypeOptions']
    const name = property.name || 'the element'
    for (const [least, most, strict] of BOUNDS) {
      const [low, high] = [given[least], given[most]]
      if (low === undefined || high === undefined) continue
      const order = compareBounds(low, high)
      if (order !== undefined && (strict ? order >= 0 : order > 0))
        say([...here, least], 'CONTRACT_OPTIONS', `no value of ${name} can keep both ${least} and ${most}`)
    }
    for (const [least, most] of SIZES) {
      const [low, high] = [given[least], given[most]]
      if (low !== undefined && high !== undefined && low > high)
        say([...here, least], 'CONTRACT_OPTIONS', `no value of ${name} can keep both ${least} and ${most}`)
    }
    for (const [closed, open] of [
      ['minimum', 'exclusiveMinimum'],
      ['maximum', 'exclusiveMaximum'],
    ] as const)
      if (given[closed] !== undefined && given[open] !== undefined)
        say(
          [...here, open],
          'CONTRACT_OPTIONS',
          `${name} has both ${closed} and ${open}; one of them says nothing`,
          { severity: 'warning' },
        )
    for (const [flag, bound] of FLAGS)
      if (given.raw[flag] === true && given.raw[bound] === undefined)
        say([...here, flag], 'CONTRACT_OPTIONS', `${name} has ${flag} and no ${bound}; it says nothing`, {
          severity: 'warning',
        })
    const [option] = Object.keys(given.raw)
    if (property.logicalType === 'boolean' && option !== undefined)
      say([...here, option], 'CONTRACT_OPTIONS', `${name} is true or false, and has no options`, {
        severity: 'warning',
        at: 'key',
      })
    requiredNames(property, given, here, say, suggest)
    timeZone(given, here, say)
    if (property.logicalType === 'vector' && given.dimensions === undefined) noDimensions(path, name, say)
  })
  eachProperty(contract, (property, path) => {
    if (property.logicalType === 'vector' && !property.logicalTypeOptions)
      noDimensions(path, property.name || 'the element', say)
  })
}

function noDimensions(path: DocumentPath, name: string, say: Say): void {
  say(path, 'CONTRACT_OPTIONS', `${name} is a vector and does not say its dimensions`, {
    suggestion: 'logicalTypeOptions: {dimensions: …}',
  })
}

function requiredNames(
  property: ContractProperty,
  { required = [] }: LogicalTypeOptions,
  here: DocumentPath,
  say: Say,
  suggest: LintContext['suggest'],
): void {
  if (property.properties.length === 0) return
  const known = property.properties.map(({ name }) => name)
  for (const [index, name] of required.entries()) {
    if (known.includes(name)) continue
    const near = suggest(name, known)
    say(
      [...here, 'required', index],
      'CONTRACT_OPTIONS',
      `${property.name} requires ${name}, which is none of its properties${near === undefined ? '' : `; did you mean ${near}?`}`,
      near === undefined ? {} : { suggestion: near },
    )
  }
}

function timeZone({ defaultTimezone }: LogicalTypeOptions, here: DocumentPath, say: Say): void {
  if (defaultTimezone === undefined || defaultTimezone.includes('${') || isTimeZone(defaultTimezone)) return
  say([...here, 'defaultTimezone'], 'CONTRACT_OPTIONS', 'defaultTimezone is no time zone that is known', {
    severity: 'warning',
    expected: 'a name such as Etc/UTC or Europe/Berlin',
  })
}

const timeZones = new Map<string, boolean>()

function isTimeZone(name: string): boolean {
  let known = timeZones.get(name)
  if (known === undefined) {
    try {
      new Intl.DateTimeFormat('en', { timeZone: name })
      known = true
    } catch {
      known = false
    }
    // Contracts are untrusted: the table does not grow with them.
    if (timeZones.size < 1_000) timeZones.set(name, known)
  }
  return known
}
