/**
 * Service levels whose value or unit cannot be what is promised, and those that are promised twice. The standard names some levels and lets every
 * other stand; an error is only what nobody could read as a promise, such as a latency that is no number.
 */
import type { DocumentPath } from '../../fault.ts'
import type { SlaProperty } from '../../model/contract.ts'
import { cronFault } from '../cron-fault.ts'
import { isoTime } from '../iso-date.ts'
import { type KnownLevel, knownLevel, LEVEL_NAMES } from '../known-service-levels.ts'
import type { LintContext } from '../lint-rule.ts'
import { levelFaults, TIME_UNITS } from '../service-level-fault.ts'

/** Most letters that a misspelt name may be off: others are names of one's own. */
const MAX_EDITS = 2
const DRIVERS = ['regulatory', 'analytics', 'operational']
/** In the order of time. */
const LIFE = ['generalAvailability', 'endOfSupport', 'endOfLife']

/** See the header. */
export function serviceLevelValues(context: LintContext): void {
  const { contract, say, suggest } = context
  const seen = new Map<string, number>()
  for (const [index, level] of contract.slaProperties.entries()) {
    const at = ['slaProperties', index]
    const known = knownLevel(level.property)
    if (known) judge(context, level, known, at)
    else misspelt(context, level, at)
    if (level.driver !== undefined && !DRIVERS.includes(level.driver.toLowerCase())) {
      const near = suggest(level.driver, DRIVERS, MAX_EDITS)
      if (near !== undefined)
        say(
          [...at, 'driver'],
          'CONTRACT_SLA_VALUE',
          `the driver is not one of the standard; did you mean ${near}?`,
          {
            severity: 'warning',
            suggestion: near,
          },
        )
    }
    const cron =
      level.scheduler?.toLowerCase() === 'cron' && level.schedule ? cronFault(level.schedule) : undefined
    if (cron !== undefined) say([...at, 'schedule'], 'CONTRACT_SLA_VALUE', cron, { severity: 'warning' })
    if (level.property === '') continue
    const key = promiseKey(level, known)
    const other = seen.get(key)
    if (other === undefined) seen.set(key, index)
    else
      say(
        [...at, 'property'],
        'CONTRACT_SLA_TWICE',
        `${known?.name ?? level.property} is promised twice, see slaProperties[${other}]`,
        {
          severity: 'warning',
        },
      )
  }
  order(context)
}

function judge({ say, suggest }: LintContext, level: SlaProperty, known: KnownLevel, at: DocumentPath): void {
  for (const { key, code, message, severity, expected } of levelFaults(level, known)) {
    const near =
      known.kind === 'duration' && key === 'unit' && level.unit !== undefined
        ? suggest(level.unit, TIME_UNITS, MAX_EDITS)
        : undefined
    say(
      key === undefined ? at : [...at, key],
      code,
      `${message}${near === undefined ? '' : `; did you mean ${near}?`}`,
      { severity, expected, ...(near !== undefined && { suggestion: near }) },
    )
  }
}

function misspelt({ say, suggest }: LintContext, { property }: SlaProperty, at: DocumentPath): void {
  const near = property.length < 5 ? undefined : suggest(property, LEVEL_NAMES, MAX_EDITS)
  if (near !== undefined)
    say(
      [...at, 'property'],
      'CONTRACT_SLA_PROPERTY',
      `the property is not one that the standard names; did you mean ${near}?`,
      { severity: 'warning', suggestion: near },
    )
}

/** What tells two promises apart. */
function promiseKey(
  { property, elements, driver, scheduler, schedule }: SlaProperty,
  known: KnownLevel | undefined,
): string {
  return JSON.stringify([
    known?.name ?? property,
    elements.toSorted(),
    driver ?? null,
    scheduler ?? null,
    schedule ?? null,
  ])
}

/** What is supported no longer before it is there, or ends before its support does. */
function order({ contract, say }: LintContext): void {
  const times = new Map<string, { readonly time: number; readonly index: number }>()
  for (const [index, level] of contract.slaProperties.entries()) {
    const name = knownLevel(level.property)?.name ?? ''
    const time = typeof level.value === 'string' && LIFE.includes(name) ? isoTime(level.value) : undefined
    const key = JSON.stringify([name, level.elements.toSorted()])
    if (time !== undefined && !times.has(key)) times.set(key, { time, index })
  }
  for (const [key, { time, index }] of times) {
    const [name = '', elements] = JSON.parse(key) as [string, unknown]
    for (const earlier of LIFE.slice(0, LIFE.indexOf(name))) {
      const other = times.get(JSON.stringify([earlier, elements]))
      if (other && other.time > time)
        say(['slaProperties', index, 'value'], 'CONTRACT_SLA_VALUE', `${name} is before ${earlier}`, {
          severity: 'warning',
        })
    }
  }
}
