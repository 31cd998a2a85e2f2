/** Wrong contracts as they are typed: `mogo contracts lint` says of each file what the checks say, and never breaks down. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { NEGATIVE_DOCUMENTS } from '../../contracts/lint/negative-documents.ts'

const MAIN = fileURLToPath(new URL('../../../ops/cli/main.ts', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'mogo-negative-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

type Said = Readonly<Record<'severity' | 'code' | 'path' | 'message', string>> &
  Readonly<Record<'line' | 'column', number>>

test('the command line says every fault of every file, with its place, and leaves with 1', () => {
  const files = NEGATIVE_DOCUMENTS.map(([, text, , syntax = 'yaml'], index) => {
    const name = `${String(index).padStart(3, '0')}.odcs.${syntax}`
    writeFileSync(join(dir, name), text)
    return name
  })
  const lint = (...args: readonly string[]) =>
    spawnSync(process.execPath, [MAIN, 'contracts', 'lint', '.', ...args], {
      encoding: 'utf8',
      cwd: dir,
      env: { ...process.env, NO_COLOR: '1' },
    })
  const json = lint('--format', 'json')
  expect({ status: json.status, stderr: json.stderr }).toEqual({ status: 1, stderr: '' })
  const answer: { files: readonly { file: string; faults: readonly Said[] }[] } = JSON.parse(json.stdout)
  expect(answer.files.map(({ file }) => file)).toEqual(files)
  for (const [index, { faults }] of answer.files.entries()) {
    const [name, , said] = NEGATIVE_DOCUMENTS[index] ?? ['', '', []]
    const lines = faults.map(({ line, column, severity, code, path }) =>
      `${line}:${column} ${severity} ${code} ${path}`.trim(),
    )
    expect(lines, name).toEqual(expect.arrayContaining([...said]))
    for (const { message } of faults) expect(message, name).not.toBe('')
  }
  const text = lint()
  expect({ status: text.status, stderr: text.stderr }).toEqual({ status: 1, stderr: '' })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(text.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
  expect(json.stdout + text.stdout).not.toContain('hunter2')
})
