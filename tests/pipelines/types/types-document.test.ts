/** The documented types: the file is what the code makes, and every example becomes what it says. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { mapPostgresType } from '#contracts/compile/type-mapping.ts'
import { TYPE_GROUPS } from '#pipelines/types/type-examples.ts'
import { storedExample, typesDocument } from '#pipelines/types/types-document.ts'

test('TYPES.md is what `node pipelines/types-main.ts` makes', () => {
  const written = readFileSync(new URL('../../../pipelines/TYPES.md', import.meta.url), 'utf8')
  expect(written === typesDocument(), 'run: node pipelines/types-main.ts').toBe(true)
})

const examples = TYPE_GROUPS.flatMap((group) => group.examples)

describe('an example', () => {
  test.each(examples)('of $type is stored as what Postgres prints', (example) => {
    const stored = storedExample(example, example.wire, false)
    if (!('cell' in stored)) throw new Error(stored.code)
    const { kind } = mapPostgresType(example.type)
    const cell: unknown = JSON.parse(stored.cell)
    if (kind === 'array') expect(stored.cell).toBe(example.text)
    else if (kind === 'float')
      expect(Number(String(cell).replace('inf', 'Infinity'))).toBe(Number(example.text))
    else expect(String(cell)).toBe(example.text)
  })

  test.each(examples.filter(({ refused }) => refused !== undefined))(
    'of $type is refused where it should be',
    (example) => {
      for (const wire of example.refused ?? [])
        for (const nullable of [false, true])
          expect(storedExample(example, wire, nullable)).toEqual({ code: expect.any(String) })
    },
  )

  test.each(examples)('of $type: NULL is NULL', (example) => {
    expect(storedExample(example, 'null', true)).toEqual({ cell: 'null' })
  })

  test.each(examples)('of $type is not stored as what it is not', (example) => {
    const isText = ['text', 'json'].includes(mapPostgresType(example.type).kind)
    const stored = storedExample(example, isText ? '{"a":["[L"]}' : '"no such value"', true)
    // Text takes what it gets; what has a form of its own does not.
    if ('cell' in stored) expect(isText).toBe(true)
    else expect(stored.code).toBe('type')
  })
})
