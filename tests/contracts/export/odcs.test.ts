import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { normalOdcs } from '#contracts/export/odcs.ts'
import { parseContract } from '#contracts/parse.ts'
import { WIDE } from './wide-contract.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const folders = ['ops/demo/contracts', '../shared/specs/odcs/examples'].map((name) => join(root, name))
const files = folders
  .filter((dir) => existsSync(dir))
  .flatMap((dir) => readdirSync(dir).map((name) => join(dir, name)))
const comments = (text: string): number => text.match(/(^|\s)#\s.*$/gm)?.length ?? 0

describe('the normal form', () => {
  test.each(files)('of %s says the same, keeps its comments, and is its own normal form', (file) => {
    const text = readFileSync(file, 'utf8')
    const normal = normalOdcs(text)
    expect(parseContract(normal).value).toEqual(parseContract(text).value)
    expect(comments(normal)).toBe(comments(text))
    expect(normalOdcs(normal)).toBe(normal)
  })

  test('has the keys of the standard in its order, unknown ones behind them', () => {
    const normal = normalOdcs(
      'status: active\nx-mine: 1\nid: a # here\nkind: DataContract\napiVersion: v3.1.0\n',
    )
    expect(normal).toBe('apiVersion: v3.1.0\nkind: DataContract\nid: a # here\nstatus: active\nx-mine: 1\n')
  })

  test('of JSON is YAML, of the same content', () => {
    const value = parseContract(WIDE).value
    const normal = normalOdcs(JSON.stringify(value))
    expect(parseContract(normal).value).toEqual(value)
    expect(normal.startsWith('apiVersion: "v3.2.0"\nkind: ')).toBe(true)
  })

  test('loses no digit of a number, and no part that is referred to', () => {
    const text = 'schema:\n  - &a { name: x, maximum: 9223372036854775807 }\nid: 1\nroles: [*a]\n'
    const normal = normalOdcs(text)
    expect(normal.match(/9223372036854775807/g)).toHaveLength(2)
    expect(normal).not.toMatch(/[&*]a/)
  })

  test('leaves the author’s own maps in their order', () => {
    const text = 'customProperties:\n  - property: tenant\n    value:\n      value: main\n      id: 1\n'
    expect(normalOdcs(text)).toBe(text)
  })
})
