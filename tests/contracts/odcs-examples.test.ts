/** The published examples of the standard, where they lie beside the project: all are read and none has an error. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse, parseDocument } from 'yaml'
import { checkContract } from '#contracts/check-contract.ts'
import { editContract } from '#contracts/parse/edit-contract.ts'
import { parseContract } from '#contracts/parse.ts'

const DIR = fileURLToPath(new URL('../../../shared/specs/odcs/examples', import.meta.url))
const files = existsSync(DIR) ? readdirSync(DIR).filter((name) => name.endsWith('.yaml')) : []
const textOf = (file: string): string => readFileSync(join(DIR, file), 'utf8')

describe.skipIf(files.length === 0)('an example of ODCS', () => {
  test('is one of eighteen', () => expect(files).toHaveLength(18))

  test.each(files)('%s has no error, and each of its other faults has a place', (file) => {
    const text = textOf(file)
    const { parsed, faults } = checkContract(text, { purpose: 'document' })
    expect(parsed.contract?.id).toBe(parse(text).id)
    expect(faults.filter(({ severity }) => severity === 'error')).toEqual([])
    const lines = text.split('\n')
    for (const { line, column } of faults)
      expect((lines[line - 1]?.length ?? 0) + 1).toBeGreaterThanOrEqual(column)
  })

  test.each(files)('%s is its own text as long as nothing is changed', (file) => {
    const text = textOf(file)
    const parsed = parseContract(text)
    expect(parsed.text).toBe(text)
    expect(parsed.value).toEqual(parse(text))
  })

  test.each(files)('%s keeps all else through an edit', (file) => {
    const text = textOf(file)
    const edited = editContract(text, [{ path: ['version'], value: '7.7.7' }])
    expect(edited).toBe(text.replace(/^version: *("?)[\d.]+\1/m, 'version: 7.7.7'))
    const added = editContract(text, [{ path: ['domain'], value: 'a domain' }]) ?? ''
    expect(parse(added)).toEqual({ ...parse(text), domain: 'a domain' })
    expect(commentsOf(added)).toEqual(commentsOf(text))
  })
})

/** Texts of the comments of a document, in their order. */
function commentsOf(text: string): readonly string[] {
  expect(parseDocument(text).errors).toEqual([])
  return text.split('\n').flatMap((line) => /(?:^|\s)#(.*)$/.exec(line)?.[1]?.trim() ?? [])
}
