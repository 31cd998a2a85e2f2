import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isMogoError } from '#contracts/errors.ts'
import { checkContractFiles, contractFiles, loadContracts } from '#contracts/load-contracts.ts'
import { contractText } from './contract-text.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mogo-contracts-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const put = (name: string, text: string): string => {
  const file = join(dir, name)
  writeFileSync(file, text)
  return file
}
const thrown = (run: () => unknown): unknown => {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

test('reads the contracts of a folder, sorted by dataset', () => {
  put('z.odcs.yaml', contractText({ name: 'apples' }))
  put('b.odcs.yml', contractText({ name: 'pears' }))
  put('notes.yaml', 'not: a contract')
  put('c.odcs.yaml.bak', ':')
  expect(loadContracts(dir).map((dataset) => dataset.name)).toEqual(['apples', 'pears'])
})

test('says where contracts were looked for if there are none', () => {
  for (const place of [dir, join(dir, 'absent')]) {
    const error = thrown(() => loadContracts(place))
    expect(isMogoError(error, 'MOGO_CONTRACT_NONE') && error.message).toContain(place)
  }
})

test('says every fault of every file at once, with its place', () => {
  const one = put('a.odcs.yaml', contractText({ tenant: null }))
  const two = put('b.odcs.yaml', 'id: [')
  const error = thrown(() => loadContracts(dir))
  if (!isMogoError(error, 'MOGO_CONTRACT_INVALID')) throw new Error('expected MOGO_CONTRACT_INVALID')
  expect(error.message).toMatch(/^\d+ fault\(s\) in the contracts:\n/)
  expect(error.message).toContain(`  ${one}:7:5: error: `)
  expect(error.message).toContain('CONTRACT_NO_TENANT at schema[0].customProperties')
  expect(error.message).toContain(`  ${two}:1:`)
})

test('refuses one dataset in two files', () => {
  put('a.odcs.yaml', contractText())
  put('b.odcs.yaml', contractText({ id: 'urn:other' }))
  put('c.odcs.yaml', contractText({ version: '2.0.0' }))
  const error = thrown(() => loadContracts(dir))
  expect(isMogoError(error, 'MOGO_CONTRACT_INVALID') && error.message).toContain(
    'the dataset things is defined in',
  )
  expect(isMogoError(error) && error.params['count']).toBe(1)
})

test('a file that cannot be read is a fault, not an exception', () => {
  mkdirSync(join(dir, 'd.odcs.yaml'))
  const files = [...contractFiles(dir), join(dir, 'gone.odcs.yaml')]
  expect(checkContractFiles(files).map(({ faults }) => faults[0]?.code)).toEqual([
    'CONTRACT_UNREADABLE',
    'CONTRACT_UNREADABLE',
  ])
})
