/** The README names every code of a contract fault, and no other. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const DIR = fileURLToPath(new URL('../../contracts', import.meta.url))
const codesIn = (text: string): readonly string[] => [
  ...new Set(text.match(/\bCONTRACT_[A-Z0-9_]+\b/g) ?? []),
]

test('contracts/README.md lists the codes of contract faults', () => {
  const sources = readdirSync(DIR, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && name !== 'errors.ts')
    .map((name) => readFileSync(join(DIR, name), 'utf8'))
    .join('\n')
  const raised = codesIn(sources).filter((code) => sources.includes(`'${code}'`))
  expect([...codesIn(readFileSync(join(DIR, 'README.md'), 'utf8'))].sort()).toEqual([...raised].sort())
})
