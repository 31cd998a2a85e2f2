import { describe, expect, test } from 'vitest'
import { editContract } from '#contracts/parse/edit-contract.ts'
import { parseContract } from '#contracts/parse.ts'

const TEXT = `# A contract.
apiVersion: v3.1.0
version:   '1.0.0' # raised with every change
status: active

tags: [a, "b"]   # in one line
description:
  purpose: |
    Two lines
    of purpose.
schema:
  # The orders.
  - name: orders # as in the shop
    properties:
      - name: id
        required: true   # always

      - name: total  # with tax
        description: >-
          The
          sum.
roles: [{role: analyst, access: read}]
odd:   # kept
`

describe('editContract', () => {
  test.each<[string, (string | number)[], unknown, string, string]>([
    ['a scalar', ['version'], '1.1.0', "version:   '1.0.0' # raised", 'version:   1.1.0 # raised'],
    [
      'a nested scalar',
      ['schema', 0, 'properties', 0, 'required'],
      false,
      'required: true   #',
      'required: false   #',
    ],
    ['a list', ['tags'], ['c'], '[a, "b"]   #', '[ c ]   #'],
    ['an element of a list', ['tags', 1], 'c', '[a, "b"]', '[a, c]'],
    ['a value of a flow map', ['roles', 0, 'access'], 'write', 'access: read}', 'access: write}'],
    ['an empty value', ['odd'], 'even', 'odd:   # kept', 'odd: even   # kept'],
    [
      'a new key',
      ['schema', 0, 'properties', 0, 'classification'],
      'internal',
      'required: true   # always\n',
      'required: true   # always\n        classification: internal\n',
    ],
    [
      'a new element',
      ['schema', 0, 'properties', 2],
      { name: 'at' },
      '          sum.\n',
      '          sum.\n      - { name: at }\n',
    ],
    [
      'a key that goes',
      ['schema', 0, 'properties', 0, 'required'],
      undefined,
      '        required: true   # always\n',
      '',
    ],
    ['an element that goes', ['status'], undefined, 'status: active\n', ''],
  ])('%s', (_what, path, value, before, after) => {
    expect(TEXT).toContain(before)
    expect(editContract(TEXT, [{ path, value }])).toBe(TEXT.replace(before, after))
  })

  test('several edits, one after the other', () => {
    const edited = editContract(TEXT, [
      { path: ['version'], value: '2.0.0' },
      { path: ['name'], value: 'orders' },
      { path: ['name'], value: 'shop: orders' },
    ])
    expect(edited).toBe(`${TEXT.replace("'1.0.0'", '2.0.0')}name: "shop: orders"\n`)
  })

  test('what cannot be edited in place is written anew, with its comments', () => {
    const edited = editContract(TEXT, [{ path: ['roles', 0, 'description'], value: 'Reads.' }]) ?? ''
    expect(parseContract(edited).contract?.roles[0]).toMatchObject({ role: 'analyst', description: 'Reads.' })
    expect(edited.match(/#.*/g)).toEqual(TEXT.match(/#.*/g))
  })

  test.each<[string, string, (string | number)[], unknown]>([
    ['a text that is no YAML', 'a: [', ['a'], 1],
    ['a path through nothing', TEXT, ['price', 'amount'], 1],
    ['a path through a scalar', TEXT, ['version', 'major'], 1],
    ['an element far beyond the end', TEXT, ['tags', 5], 'x'],
    ['nothing that could go', TEXT, ['tags', 2], undefined],
    ['no path', TEXT, [], 1],
  ])('is undefined for %s', (_what, text, path, value) => {
    expect(editContract(text, [{ path, value }])).toBeUndefined()
  })
})
