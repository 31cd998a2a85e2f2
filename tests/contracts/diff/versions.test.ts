import { describe, expect, test } from 'vitest'
import { diffContracts } from '#contracts/diff/diff-contracts.ts'
import { diffVersions } from '#contracts/diff/diff-versions.ts'
import type { Contract } from '#contracts/model/contract.ts'
import { parseContract } from '#contracts/parse.ts'
import { amount, columns, dataset, type Fragment, textOf } from './fragments.ts'

function contract(fragment: Fragment, version: string): Contract {
  const { contract: parsed } = parseContract(textOf(fragment, version))
  if (!parsed) throw new Error('not a contract')
  return parsed
}

const BASE = amount('logicalType: integer')
const BREAKING = amount('logicalType: string')
const ADDING = columns('{name: amount, logicalType: integer}', '{name: note}')
const WORDS = amount('logicalType: integer, description: x')

describe('the version that changes require', () => {
  const cases: readonly (readonly [string, Fragment, string, string, object])[] = [
    ['nothing changed', BASE, '1.0.0', '1.0.0', { requiredBump: 'none', declaredBump: 'none' }],
    [
      'a break needs a major version',
      BREAKING,
      '1.0.0',
      '2.0.0',
      { requiredBump: 'major', declaredBump: 'major' },
    ],
    [
      'a new column needs a minor version',
      ADDING,
      '1.0.0',
      '1.1.0',
      { requiredBump: 'minor', declaredBump: 'minor' },
    ],
    ['words need a patch', WORDS, '1.0.0', '1.0.1', { requiredBump: 'patch', declaredBump: 'patch' }],
    ['more than enough is enough', WORDS, '1.0.0', '2.0.0', { requiredBump: 'patch', declaredBump: 'major' }],
    ['before 1.0.0 a minor version may break', BREAKING, '0.4.0', '0.5.0', { requiredBump: 'minor' }],
    ['before 1.0.0 a patch may add', ADDING, '0.4.0', '0.4.1', { requiredBump: 'patch' }],
    [
      'from a pre-release anything may change',
      BREAKING,
      '2.0.0-rc.1',
      '2.0.0-rc.2',
      { declaredBump: 'major' },
    ],
    ['short versions', BREAKING, 'v1', 'v2', { requiredBump: 'major', declaredBump: 'major' }],
  ]
  test.each(cases)('%s', (_name, newer, from, to, expected) => {
    const diff = diffContracts(contract(BASE, from), contract(newer, to), { perspective: 'consumer' })
    expect(diff).toMatchObject(expected)
    expect(diff.changes.filter(({ code }) => code === 'DIFF_VERSION_TOO_LOW')).toEqual([])
  })

  const faults: readonly (readonly [string, Fragment, string, string, string, string])[] = [
    ['a break under the same version', BREAKING, '1.0.0', '1.0.0', 'DIFF_VERSION_TOO_LOW', 'error'],
    ['a break under a minor version', BREAKING, '1.0.0', '1.1.0', 'DIFF_VERSION_TOO_LOW', 'error'],
    ['a new column under a patch', ADDING, '1.0.0', '1.0.1', 'DIFF_VERSION_TOO_LOW', 'error'],
    ['before 1.0.0, a break under a patch', BREAKING, '0.4.0', '0.4.1', 'DIFF_VERSION_TOO_LOW', 'error'],
    ['words under the same version', WORDS, '1.0.0', '1.0.0', 'DIFF_VERSION_NOT_RAISED', 'warning'],
    ['a lower version', BASE, '1.1.0', '1.0.9', 'DIFF_VERSION_LOWERED', 'error'],
    [
      'a release after which its pre-release comes',
      BASE,
      '1.0.0',
      '1.0.0-rc.1',
      'DIFF_VERSION_LOWERED',
      'error',
    ],
    ['10 is more than 9', BASE, '1.10.0', '1.9.0', 'DIFF_VERSION_LOWERED', 'error'],
    ['no semantic version', BREAKING, '2024-01', 'latest', 'DIFF_VERSION_UNREADABLE', 'warning'],
    ['a raised version', BASE, '1.0.0', '1.0.1', 'DIFF_VERSION_RAISED', 'info'],
  ]
  test.each(faults)('%s', (_name, newer, from, to, code, severity) => {
    const { changes } = diffContracts(contract(BASE, from), contract(newer, to), { perspective: 'consumer' })
    expect(changes.at(-1)).toMatchObject({ code, severity, newerPath: ['version'] })
  })

  test('a change that breaks only producers requires a major version of them alone', () => {
    const required = amount('logicalType: integer, required: true')
    const bump = (perspective: 'consumer' | 'producer' | 'both') =>
      diffContracts(contract(BASE, '1.0.0'), contract(required, '1.1.0'), { perspective }).requiredBump
    expect([bump('consumer'), bump('producer'), bump('both')]).toEqual(['minor', 'major', 'major'])
  })
})

describe('several versions', () => {
  const versions = (...fragments: readonly Fragment[]) =>
    fragments.map((fragment, index) => contract(fragment, `${index + 1}.0.0`))

  test('are compared step by step, and the first with the last', () => {
    const gone: Fragment = { datasets: [dataset(['{name: other}'])] }
    const { steps, overall, across } = diffVersions(versions(BASE, gone, BREAKING), {
      perspective: 'consumer',
    })
    expect(steps.map(({ versions: { older, newer } }) => `${older} ${newer}`)).toEqual([
      '1.0.0 2.0.0',
      '2.0.0 3.0.0',
    ])
    expect(overall.versions).toEqual({ older: '1.0.0', newer: '3.0.0' })
    // Neither step says that the type of the column is another one: it was gone in between.
    expect(across.map(({ code, column }) => `${code} ${column}`)).toEqual(['DIFF_TYPE_CHANGED amount'])
  })

  test('show nothing more if the steps say it all', () => {
    const { across } = diffVersions(versions(BASE, ADDING, ADDING), { perspective: 'both' })
    expect(across).toEqual([])
  })

  test('may be two', () => {
    const { steps, overall, across } = diffVersions(versions(BASE, BREAKING), { perspective: 'consumer' })
    expect(overall).toBe(steps[0])
    expect(across).toEqual([])
  })

  test('are at least two', () =>
    expect(() => diffVersions(versions(BASE), { perspective: 'consumer' })).toThrow(RangeError))
})
