/** Service levels: what is no promise is an error, what is an unusual one a warning, and what the standard does not name is left alone. */
import { describe, expect, test } from 'vitest'
import { lintContract } from '#contracts/lint/lint-contract.ts'
import { parseContract } from '#contracts/parse.ts'

const said = (...levels: readonly string[]): readonly string[] =>
  lintContract(
    parseContract(
      `apiVersion: v3.1.0\nkind: DataContract\nid: a\nversion: 1.0.0\nstatus: active\nschema: [{name: a, properties: [{name: b}]}]\nslaProperties: [${levels.join(', ')}]\n`,
    ),
    { purpose: 'document' },
  ).map(
    ({ severity, code, path, message }) =>
      `${severity} ${code} ${path.replace('slaProperties', '')}: ${message}`,
  )

describe('a service level that is one', () => {
  test.each([
    'property: latency, value: 4, unit: d',
    'property: ly, value: "4", unit: hours',
    'property: latency, value: 0, unit: s',
    'property: latency, value: PT15M',
    'property: freshness, value: 24h',
    'property: retention, value: 3, unit: y',
    'property: retention, value: unlimited',
    'property: Retention, value: 7, unit: Years',
    'property: frequency, value: 1, valueExt: 1, unit: d',
    'property: frequency, value: 2, unit: per day',
    'property: time_to_detect, value: 30, unit: min',
    'property: generalAvailability, value: 2022-05-12T09:30:10-08:00',
    'property: endOfSupport, value: 2032-05-12',
    'property: endOfLife, value: "2032-05-12 10:00"',
    'property: timeOfAvailability, value: 09:00-08:00',
    'property: timeOfAvailability, value: "9:30 CET"',
    'property: availability, value: 99.9, unit: percent',
    'property: availability, value: 99.9%',
    'property: errorRate, value: 0.1, unit: "%"',
    'property: throughput, value: 1000, unit: rows per second',
    `property: latency, value: "\${LATENCY}"`,
    'property: dataQualityScore, value: high',
    'property: tier, value: true',
    'property: latency, value: 1, unit: d, driver: a driver of our own',
    'property: latency, value: 1, unit: d, scheduler: cron, schedule: "0 20 * * *"',
    'property: latency, value: 1, unit: d, scheduler: airflow, schedule: nightly',
  ])('{%s}', (level) => expect(said(`{${level}}`)).toEqual([]))
})

const VALUE = '[0].value'
describe('a service level that is none', () => {
  const DURATION = 'must be a number with a unit of time, or an ISO 8601 duration such as PT15M'
  const DATE = 'must be a date such as 2026-01-31, or a moment such as 2026-01-31T09:30:00Z'
  const TIME = 'must be a time of day such as 09:00, or with its zone 09:00-08:00'
  test.each<readonly [level: string, ...faults: readonly string[]]>([
    ['property: latency, value: soon, unit: d', `error CONTRACT_SLA_VALUE ${VALUE}: latency ${DURATION}`],
    ['property: latency, value: ~, unit: d', `error CONTRACT_SLA_VALUE ${VALUE}: latency ${DURATION}`],
    ['property: latency, value: true, unit: d', `error CONTRACT_SLA_VALUE ${VALUE}: latency ${DURATION}`],
    ['property: latency, value: unlimited', `error CONTRACT_SLA_VALUE ${VALUE}: latency ${DURATION}`],
    [
      'property: tr, value: -1, unit: d',
      `error CONTRACT_SLA_VALUE ${VALUE}: timeToRepair cannot be less than zero`,
    ],
    [
      'property: fy, value: 0, unit: d',
      `error CONTRACT_SLA_VALUE ${VALUE}: frequency must be more than zero`,
    ],
    ['property: latency, value: 4', 'warning CONTRACT_SLA_UNIT [0]: latency has no unit'],
    [
      'property: latency, value: 4, unit: percent',
      'warning CONTRACT_SLA_UNIT [0].unit: latency has a unit that is none of time',
    ],
    [
      'property: latency, value: 4, unit: mintes',
      'warning CONTRACT_SLA_UNIT [0].unit: latency has a unit that is none of time; did you mean minutes?',
    ],
    [
      'property: latency, value: PT4M, unit: min',
      'warning CONTRACT_SLA_UNIT [0].unit: latency has a duration that says its units, and a unit beside it',
    ],
    [
      'property: latency, value: 4 min, unit: min',
      'warning CONTRACT_SLA_UNIT [0].unit: latency has a duration that says its units, and a unit beside it',
    ],
    [
      'property: latency, value: 4, valueExt: often, unit: d',
      'warning CONTRACT_SLA_VALUE [0].valueExt: latency has an extended value that is no number',
    ],
    ['property: endOfSupport, value: 2032', `error CONTRACT_SLA_VALUE ${VALUE}: endOfSupport ${DATE}`],
    ['property: el, value: 2026-02-29', `error CONTRACT_SLA_VALUE ${VALUE}: endOfLife ${DATE}`],
    [
      'property: generalAvailability, value: 12.05.2022',
      `error CONTRACT_SLA_VALUE ${VALUE}: generalAvailability ${DATE}`,
    ],
    [
      'property: timeOfAvailability, value: 9, unit: h',
      `error CONTRACT_SLA_VALUE ${VALUE}: timeOfAvailability ${TIME}`,
    ],
    [
      'property: timeOfAvailability, value: "25:00"',
      `error CONTRACT_SLA_VALUE ${VALUE}: timeOfAvailability ${TIME}`,
    ],
    [
      'property: availability, value: 100.1%',
      `error CONTRACT_SLA_VALUE ${VALUE}: availability is in percent, and cannot be more than 100`,
    ],
    ['property: er, value: -0.1', `error CONTRACT_SLA_VALUE ${VALUE}: errorRate cannot be less than zero`],
    [
      'property: availability, value: business hours',
      `warning CONTRACT_SLA_VALUE ${VALUE}: availability should be a number from 0 to 100, in percent`,
    ],
    [
      'property: availability, value: 99, unit: days',
      'warning CONTRACT_SLA_UNIT [0].unit: availability is a share; its unit is percent',
    ],
    [
      'property: throughput, value: -5',
      `error CONTRACT_SLA_VALUE ${VALUE}: throughput cannot be less than zero`,
    ],
    [
      'property: throughput, value: much',
      `warning CONTRACT_SLA_VALUE ${VALUE}: throughput should be a number, zero or more`,
    ],
    [
      'property: latncy, value: 4, unit: d',
      'warning CONTRACT_SLA_PROPERTY [0].property: the property is not one that the standard names; did you mean latency?',
    ],
    [
      'property: latency, value: 4, unit: d, driver: regulatry',
      'warning CONTRACT_SLA_VALUE [0].driver: the driver is not one of the standard; did you mean regulatory?',
    ],
    [
      'property: latency, value: 4, unit: d, scheduler: Cron, schedule: nightly',
      'warning CONTRACT_SLA_VALUE [0].schedule: a schedule of cron has five fields (or six, or seven)',
    ],
    [
      'property: latency, value: 4, unit: d, scheduler: cron, schedule: "0 6 * * *; x"',
      'warning CONTRACT_SLA_VALUE [0].schedule: a field of the schedule is none of cron',
    ],
  ])('{%s}', (level, ...faults) => expect(said(`{${level}}`)).toEqual(faults))
})

describe('service levels beside each other', () => {
  test('are promised once for one element, driver and schedule', () => {
    const level = 'property: latency, value: 4, unit: d'
    expect(said(`{${level}}`, '{property: LY, value: 5, unit: d}')).toEqual([
      'warning CONTRACT_SLA_TWICE [1].property: latency is promised twice, see slaProperties[0]',
    ])
    expect(said(`{${level}, element: a.b}`, `{${level}, element: a}`)).toEqual([])
    expect(said(`{${level}, driver: analytics}`, `{${level}, driver: regulatory}`)).toEqual([])
    expect(said('{property: tier, value: 1}', '{property: tier, value: 2}')).toHaveLength(1)
  })

  test('end in their order', () => {
    const end = (property: string, value: string, element = '') =>
      `{property: ${property}, value: ${value}${element === '' ? '' : `, element: ${element}`}}`
    expect(said(end('endOfLife', '2029-12-31'), end('es', '2030-01-01T00:00:00Z'))).toEqual([
      'warning CONTRACT_SLA_VALUE [0].value: endOfLife is before endOfSupport',
    ])
    expect(said(end('ga', '2026-01-01'), end('es', '2026-01-01'), end('el', '2027-01-01'))).toEqual([])
    expect(said(end('endOfLife', '2029-12-31', 'a'), end('es', '2030-01-01', 'a.b'))).toEqual([])
  })
})
