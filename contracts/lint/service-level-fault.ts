/** What is wrong with the value, or the unit, of a service level that the standard names. */
import { secondsOf } from '../diff/duration.ts'
import type { SlaProperty } from '../model/contract.ts'
import { isoTime } from './iso-date.ts'
import type { KnownLevel, LevelKind } from './known-service-levels.ts'

/** A fault; `key` is where it stands in the level. */
export type LevelFault = {
  readonly key: 'value' | 'valueExt' | 'unit' | undefined
  readonly code: 'CONTRACT_SLA_VALUE' | 'CONTRACT_SLA_UNIT'
  readonly message: string
  readonly severity: 'error' | 'warning'
  readonly expected: string
}

/** Units of time, for suggestions. */
export const TIME_UNITS =
  'second seconds minute minutes hour hours day days week weeks month months year years'.split(' ')

const EXPECTED: Readonly<Record<LevelKind, string>> = {
  duration: 'a number with a unit of time, or an ISO 8601 duration such as PT15M',
  date: 'a date such as 2026-01-31, or a moment such as 2026-01-31T09:30:00Z',
  timeOfDay: 'a time of day such as 09:00, or with its zone 09:00-08:00',
  share: 'a number from 0 to 100, in percent',
  amount: 'a number, zero or more',
}
const UNITS_EXPECTED = 'a unit of time such as s, min, h, d, week, month, y'
const NUMBER = /^[+-]?\d+(?:\.\d+)?$/
const TIME =
  /^(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?\s*(?:[Zz]|[+-]\d{2}(?::?\d{2})?|[A-Za-z]+(?:[/_][A-Za-z]+)*)?$/
/** What is kept for good. */
const FOR_GOOD = /^(?:unlimited|infinite|indefinite|indefinitely|forever|permanent|none)$/i
/** A frequency may be a rate: `2` with `per day`. */
const RATE = /^(?:per\b|\/|hz$)|\bper\b|\//i

/** The faults of a level. */
export function levelFaults(level: SlaProperty, { name, kind }: KnownLevel): readonly LevelFault[] {
  const { value } = level
  // A variable (3.2) may hold anything.
  if (typeof value === 'string' && value.includes('${')) return []
  const wrong = (message: string, severity: 'error' | 'warning' = 'error'): LevelFault => ({
    key: 'value',
    code: 'CONTRACT_SLA_VALUE',
    message: `${name} ${message}`,
    severity,
    expected: EXPECTED[kind],
  })
  if (value === null || typeof value === 'boolean' || value === '')
    return [wrong(`must be ${EXPECTED[kind]}`)]
  const text = String(value).trim()
  if (kind === 'date')
    return typeof value === 'string' && isoTime(text) !== undefined ? [] : [wrong(`must be ${EXPECTED.date}`)]
  if (kind === 'timeOfDay') return TIME.test(text) ? [] : [wrong(`must be ${EXPECTED.timeOfDay}`)]
  if (kind === 'duration') return durationFaults(level, name, text, wrong)
  return amountFaults(level, kind, text, wrong)
}

type Wrong = (message: string, severity?: 'error' | 'warning') => LevelFault

function durationFaults(
  { unit, valueExt }: SlaProperty,
  name: string,
  text: string,
  wrong: Wrong,
): readonly LevelFault[] {
  const ofUnit = (message: string, key?: 'unit'): LevelFault => ({
    key,
    code: 'CONTRACT_SLA_UNIT',
    message: `${name} ${message}`,
    severity: 'warning',
    expected: UNITS_EXPECTED,
  })
  const saysUnit = secondsOf(text, undefined) !== undefined
  const faults: LevelFault[] = []
  if (saysUnit) {
    if (unit !== undefined)
      faults.push(ofUnit('has a duration that says its units, and a unit beside it', 'unit'))
  } else if (NUMBER.test(text)) {
    const number = Number(text)
    if (number < 0) faults.push(wrong('cannot be less than zero'))
    if (number === 0 && name === 'frequency') faults.push(wrong('must be more than zero'))
    if (unit === undefined) faults.push(ofUnit('has no unit'))
    else if (secondsOf(1, unit) === undefined && !(name === 'frequency' && RATE.test(unit)))
      faults.push(ofUnit('has a unit that is none of time', 'unit'))
  } else if (!(name === 'retention' && FOR_GOOD.test(text)))
    faults.push(wrong(`must be ${EXPECTED.duration}`))
  const more = valueExt === undefined || valueExt === null ? '' : String(valueExt).trim()
  if (more !== '' && !NUMBER.test(more) && secondsOf(more, undefined) === undefined)
    faults.push({ ...wrong('has an extended value that is no number', 'warning'), key: 'valueExt' })
  return faults
}

function amountFaults(
  { unit }: SlaProperty,
  kind: 'share' | 'amount',
  text: string,
  wrong: Wrong,
): readonly LevelFault[] {
  const [, digits] = /^([+-]?\d+(?:\.\d+)?)\s*%?$/.exec(text) ?? []
  if (digits === undefined) return [wrong(`should be ${EXPECTED[kind]}`, 'warning')]
  const number = Number(digits)
  if (number < 0) return [wrong('cannot be less than zero')]
  if (kind === 'amount') return []
  const isPercent = unit === undefined || /^(?:%|percent|percentage|pct)$/i.test(unit.trim())
  if (!isPercent)
    return [
      {
        ...wrong('is a share; its unit is percent', 'warning'),
        key: 'unit',
        code: 'CONTRACT_SLA_UNIT',
        expected: 'percent',
      },
    ]
  return number > 100 ? [wrong('is in percent, and cannot be more than 100')] : []
}
