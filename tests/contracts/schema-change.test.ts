/** What a contract says of changes of its source table, and every way to say it wrong. */
import { describe, expect, it } from 'vitest'
import { compileContract } from '#contracts/compile/compile-contract.ts'
import { parseContract } from '#contracts/parse.ts'
import { contractText } from './contract-text.ts'

/** Compiles the small contract with a value of the property, written as YAML. */
function compiledWith(written: string | null) {
  const text = contractText().replace(
    'customProperties: [{property: tenant',
    written === null
      ? '$&'
      : `customProperties: [{property: schemaChange, value: ${written}}, {property: tenant`,
  )
  const { datasets, faults } = compileContract(parseContract(text))
  return { dataset: datasets[0], errors: faults.filter(({ severity }) => severity === 'error') }
}

describe('schemaChange', () => {
  it.each([
    ['accept', { added: 'accept', removed: 'accept' }],
    ['hold', { added: 'hold', removed: 'hold' }],
    ['quarantine', { added: 'quarantine', removed: 'quarantine' }],
    ['{added: quarantine, removed: accept}', { added: 'quarantine', removed: 'accept' }],
    // What is not said is as usual.
    ['{added: hold}', { added: 'hold', removed: 'hold' }],
    ['{removed: quarantine}', { added: 'accept', removed: 'quarantine' }],
    ['{}', { added: 'accept', removed: 'hold' }],
  ])('%s', (written, expected) => {
    const { dataset, errors } = compiledWith(written)
    expect(errors).toEqual([])
    expect(dataset?.schemaChange).toEqual(expected)
  })

  it('is part of the hash of the dataset, and absent where the contract says nothing', () => {
    const none = compiledWith(null).dataset
    expect(none).not.toHaveProperty('schemaChange')
    const hashes = [none, compiledWith('hold').dataset, compiledWith('accept').dataset].map(
      (dataset) => dataset?.hash,
    )
    expect(new Set(hashes).size).toBe(3)
  })

  const at = 'schema[0].customProperties[0].value'
  it.each([
    ['acept', [[at, /expected accept, hold, quarantine.*did you mean accept\?/]]],
    ['7', [[at, /expected accept, hold, quarantine, or \{added: …, removed: …\}$/]]],
    ['[hold]', [[at, /expected/]]],
    ['null', [[at, /expected/]]],
    ['{aded: hold}', [[`${at}.aded`, /aded is no change; expected added or removed; did you mean added\?/]]],
    ['{renamed: hold}', [[`${at}.renamed`, /renamed is no change/]]],
    ['{added: holt}', [[`${at}.added`, /added is one of accept, hold, quarantine; did you mean hold\?/]]],
    [
      '{added: true, removed: [accept]}',
      [
        [`${at}.added`, /one of/],
        [`${at}.removed`, /one of/],
      ],
    ],
  ] satisfies [string, [string, RegExp][]][])('%s is a fault', (written, expected) => {
    const { errors } = compiledWith(written)
    expect(errors.map(({ code, path, message }) => ({ code, path, message }))).toEqual(
      expected.map(([path, message]) => ({
        ...{ code: 'CONTRACT_SCHEMA_CHANGE', path },
        message: expect.stringMatching(message),
      })),
    )
  })
})
