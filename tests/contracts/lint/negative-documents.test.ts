/** Documents that are wrong: every fault has its code, path, line and column, whatever else is wrong, and none says a value. */
import { expect, test } from 'vitest'
import { checkContract } from '#contracts/check-contract.ts'
import { parseContract } from '#contracts/parse.ts'
import { NEGATIVE_DOCUMENTS } from './negative-documents.ts'

const NEEDED_BY_THE_PIPELINE = /^CONTRACT_(?:NO_KEY|NO_TENANT|EMPTY)$/

for (const [name, text, said, syntax = 'yaml'] of NEGATIVE_DOCUMENTS)
  test(name, () => {
    const { faults } = checkContract(parseContract(text, syntax), { purpose: 'document' })
    expect(
      faults
        .filter(({ code }) => !NEEDED_BY_THE_PIPELINE.test(code))
        .map(({ line, column, severity, code, path }) =>
          `${line}:${column} ${severity} ${code} ${path}`.trim(),
        ),
    ).toEqual(said)
    expect(JSON.stringify(faults)).not.toContain('hunter2')
  })

test('names of the documents are one each', () => {
  expect(new Set(NEGATIVE_DOCUMENTS.map(([name]) => name)).size).toBe(NEGATIVE_DOCUMENTS.length)
})
