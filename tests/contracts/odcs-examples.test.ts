/** The published examples of the standard, where they lie beside the project: none of them may make us throw. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { compileContract } from '#contracts/compile/compile-contract.ts'
import { parseContract } from '#contracts/parse.ts'

const DIR = fileURLToPath(new URL('../../../shared/specs/odcs/examples', import.meta.url))
const files = existsSync(DIR) ? readdirSync(DIR).filter((name) => name.endsWith('.yaml')) : []

describe.skipIf(files.length === 0)('an example of ODCS', () => {
  test.each(files)('%s is read, or each fault has a place', (file) => {
    const parsed = parseContract(readFileSync(join(DIR, file), 'utf8'))
    const { faults } = compileContract(parsed)
    for (const fault of faults)
      expect(fault).toMatchObject({ line: expect.any(Number), message: expect.any(String) })
    if (!parsed.contract) expect(faults.length).toBeGreaterThan(0)
  })

  test('is read in at least a third of the cases; names of datasets and schemas without properties are what we refuse', () => {
    const read = files.filter((file) => parseContract(readFileSync(join(DIR, file), 'utf8')).contract)
    expect(read.length).toBeGreaterThanOrEqual(6)
  })
})
