import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyWaivers, waiverFaults } from '#contracts/diff/apply-waivers.ts'
import { type ContractDiff, diffContracts } from '#contracts/diff/diff-contracts.ts'
import { matchesGlob } from '#contracts/diff/glob.ts'
import { parseWaivers } from '#contracts/diff/parse-waivers.ts'
import { parseContract } from '#contracts/parse.ts'
import { amount, type Fragment, textOf } from './fragments.ts'

const TODAY = '2026-03-14'
const OLDER = amount('logicalType: string, customProperties: [{property: validValues, value: [a]}]')
const NEWER = amount('logicalType: string, customProperties: [{property: validValues, value: [a, b]}]')

function diff(older: Fragment = OLDER, newer: Fragment = NEWER): ContractDiff {
  const [was, is] = [parseContract(textOf(older)), parseContract(textOf(newer))]
  if (!was.contract || !is.contract) throw new Error('not a contract')
  return diffContracts(was.contract, is.contract, { perspective: 'consumer' })
}

function waiver(fields: Readonly<Record<string, string>> = {}): string {
  const all = {
    code: 'DIFF_ENUM_VALUE_ADDED',
    path: 'orders.amount',
    reason: 'agreed with all readers',
    expires: '2026-12-31',
    ...fields,
  }
  return `- ${Object.entries(all)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
    .join('\n  ')}\n`
}

const apply = (text: string, today = TODAY): ContractDiff =>
  applyWaivers(diff(), parseWaivers(text).waivers, today)

describe('a waiver', () => {
  test('takes a break out of the count, and the version that it would need', () => {
    expect(diff()).toMatchObject({ breaking: true, requiredBump: 'major' })
    const waived = apply(waiver())
    expect(waived).toMatchObject({ breaking: false, requiredBump: 'none' })
    expect(waived.changes.map(({ code, severity, waived: by }) => [code, severity, by?.reason])).toEqual([
      ['DIFF_ENUM_VALUE_ADDED', 'error', 'agreed with all readers'],
    ])
  })

  test('holds on its last day, and no longer', () => {
    expect(apply(waiver({ expires: TODAY })).breaking).toBe(false)
    expect(apply(waiver({ expires: TODAY }), '2026-03-15').breaking).toBe(true)
  })

  const others: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['another code', { code: 'DIFF_ENUM_REMOVED' }],
    ['another column', { path: 'orders.id' }],
    ['another dataset', { path: '*' }],
    ['another contract', { contract: 'urn:test:other' }],
    ['another version', { version: '2.0.0' }],
  ]
  test.each(others)('of %s does nothing', (_name, fields) =>
    expect(apply(waiver(fields)).breaking).toBe(true),
  )

  const ours: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['all columns', { path: 'orders.*' }],
    ['everything', { path: '**' }],
    ['a part of the name', { path: '*.am?unt' }],
    ['this contract', { contract: 'urn:test:orders' }],
    ['this version', { version: '1.0.0' }],
  ]
  test.each(ours)('of %s holds', (_name, fields) => expect(apply(waiver(fields)).breaking).toBe(false))

  test('of a version that was raised too little leaves the break', () => {
    const waived = apply(waiver({ code: 'DIFF_VERSION_TOO_LOW', path: '*' }))
    expect(waived.breaking).toBe(true)
    expect(waived.changes.find(({ code }) => code === 'DIFF_VERSION_TOO_LOW')?.waived).toBeDefined()
  })
})

describe('what is wrong with waivers', () => {
  const faultsOf = (text: string, today = TODAY, which: 'all' | 'concerned' = 'all') => {
    const { waivers } = parseWaivers(text)
    return waiverFaults(waivers, [applyWaivers(diff(), waivers, today)], today, which).map(
      ({ severity, code, line }) => `${severity} ${code} ${line}`,
    )
  }

  test('nothing, if it is used', () => expect(faultsOf(waiver())).toEqual([]))
  test('an expired one is an error', () =>
    expect(faultsOf(waiver(), '2027-01-01')).toEqual(['error WAIVER_EXPIRED 1']))
  test('one that covers nothing is a warning', () =>
    expect(faultsOf(waiver() + waiver({ path: 'orders.other' }))).toEqual(['warning WAIVER_UNUSED 5']))
  test('those of other contracts are passed over where only some contracts are looked at', () => {
    const other = waiver({ path: 'people.name' })
    expect(faultsOf(other, TODAY, 'concerned')).toEqual([])
    expect(faultsOf(other, '2027-01-01', 'concerned')).toEqual([])
    expect(faultsOf(waiver(), '2027-01-01', 'concerned')).toEqual(['error WAIVER_EXPIRED 1'])
  })
})

describe('a file of waivers', () => {
  const cases: readonly (readonly [string, string, string, string])[] = [
    ['no reason', waiver({ reason: ' ' }), 'WAIVER_SHAPE', '[0].reason'],
    ['no date', waiver({ expires: 'soon' }), 'WAIVER_SHAPE', '[0].expires'],
    ['no such day', waiver({ expires: '2026-02-30' }), 'WAIVER_SHAPE', '[0].expires'],
    ['a key that there is not', waiver({ approved: 'me' }), 'WAIVER_SHAPE', '[0]'],
    ['a code that there is not', waiver({ code: 'DIFF_ENUM_VALUE_ADED' }), 'WAIVER_CODE', '[0].code'],
    ['a version that YAML reads as a number', `${waiver()}  version: 1.0\n`, 'WAIVER_SHAPE', '[0].version'],
    ['no list', 'code: x', 'WAIVER_SYNTAX', ''],
    ['no YAML', '- {', 'WAIVER_SYNTAX', ''],
  ]
  test.each(cases)('with %s has a fault at its place', (_name, text, code, path) => {
    const { faults, waivers } = parseWaivers(text)
    expect(waivers).toEqual([])
    expect(faults[0]).toMatchObject({ severity: 'error', code, path, line: expect.any(Number) })
  })

  test('says the code that was probably meant', () =>
    expect(parseWaivers(waiver({ code: 'DIFF_ENUM_VALUE_ADED' })).faults[0]?.suggestion).toBe(
      'DIFF_ENUM_VALUE_ADDED',
    ))

  test('says the line of a fault', () =>
    expect(parseWaivers(waiver() + waiver({ expires: 'x' })).faults[0]).toMatchObject({
      line: 8,
      column: 12,
    }))

  test('says all faults, and keeps the good ones', () => {
    const { faults, waivers } = parseWaivers(waiver({ reason: '' }) + waiver() + waiver({ expires: 'x' }))
    expect(faults.map(({ path }) => path)).toEqual(['[0].reason', '[2].expires'])
    expect(waivers.map(({ index }) => index)).toEqual([1])
  })

  test('may be empty', () => expect(parseWaivers('')).toEqual({ waivers: [], faults: [] }))

  test('never makes it throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(Array.isArray(parseWaivers(text).faults)).toBe(true)
      }),
    )
  })
})

describe('a glob', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['orders.status', 'orders.status', true],
    ['orders.status', 'orders.state', false],
    ['orders.*', 'orders.status', true],
    ['orders.*', 'orders.address.street', false],
    ['orders.**', 'orders.address.street', true],
    ['*', '', true],
    ['*', 'orders', true],
    ['*', 'orders.status', false],
    ['*.email', 'people.email', true],
    ['o?ders', 'orders', true],
    ['o?ders', 'oders', false],
    ['a+', 'aa', false],
    ['tags[]', 'tags[]', true],
  ]
  test.each(cases)('%s over %s is %s', (glob, text, matches) => expect(matchesGlob(glob, text)).toBe(matches))

  test('takes no time, whatever it is', () => {
    const started = performance.now()
    expect(matchesGlob('*a'.repeat(200), `${'a'.repeat(400)}b`)).toBe(false)
    expect(performance.now() - started).toBeLessThan(500)
  })
})
