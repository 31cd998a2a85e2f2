/** `mogo contracts lint` and `show`, as they are typed. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { contractText } from '../../contracts/contract-text.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'mogo-lint-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const mogo = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'ops/cli/main.ts'), 'contracts', ...args],
    { encoding: 'utf8', cwd: dir, env: { ...process.env, NO_COLOR: '1' } },
  )
  return { status, stdout, stderr }
}
const put = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text)
  return name
}

const BAD = `apiVersion: v3.1.0
kind: DataContract
id: x
version: 1.0
status: active
schema:
  - name: orders
    properties:
      - name: id
        requird: true
`

describe('mogo contracts lint', () => {
  test('prints JSON with a stable shape, and leaves with 1 on errors', () => {
    const { status, stdout, stderr } = mogo(
      'lint',
      put('bad.odcs.yaml', BAD),
      'gone.yaml',
      '--format',
      'json',
    )
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' })
    const { files, ...rest } = JSON.parse(stdout)
    expect(rest).toEqual({})
    expect(files.map((one: object) => Object.keys(one))).toEqual([
      ['file', 'valid', 'faults'],
      ['file', 'valid', 'faults'],
    ])
    expect(files[0]).toMatchObject({ file: 'bad.odcs.yaml', valid: false })
    expect(files[0].faults.filter((fault: { severity: string }) => fault.severity === 'error')).toEqual([
      {
        severity: 'error',
        code: 'CONTRACT_SHAPE',
        path: 'version',
        line: 4,
        column: 10,
        message: 'version must be a text, not a number; put it in quotes',
        expected: 'a text',
        suggestion: 'put it in quotes',
      },
      {
        severity: 'error',
        code: 'CONTRACT_UNKNOWN_KEY',
        path: 'schema[0].properties[0].requird',
        line: 10,
        column: 9,
        message: 'requird is no key of a property; did you mean required?',
        suggestion: 'required',
      },
    ])
    expect(files[1]).toEqual({
      file: 'gone.yaml',
      valid: false,
      faults: [
        {
          severity: 'error',
          code: 'CONTRACT_UNREADABLE',
          path: '',
          line: 1,
          column: 1,
          message: 'cannot be read',
        },
      ],
    })
  })

  test('groups faults by file for people, and closes with the sums', () => {
    const good = put('good.odcs.yaml', contractText())
    const { status, stdout } = mogo('lint', put('bad.odcs.yaml', BAD), good)
    expect(status).toBe(1)
    const lines = stdout.split('\n')
    expect(lines[0]).toBe('bad.odcs.yaml')
    expect(lines).toContain(
      '  4:10  error    version must be a text, not a number; put it in quotes  CONTRACT_SHAPE at version',
    )
    expect(stdout).not.toContain('good.odcs.yaml')
    expect(stdout).toMatch(/\n\n2 file\(s\): 2 error\(s\), 2 warning\(s\), 0 for information\n$/)
  })

  test('looks through folders, not through links and copies of packages', () => {
    mkdirSync(join(dir, 'tree/deep/node_modules'), { recursive: true })
    put('tree/b.odcs.json', JSON.stringify({ kind: 'x' }))
    put('tree/deep/a.odcs.yml', contractText())
    put('tree/deep/notes.yaml', 'not: a contract')
    put('tree/deep/node_modules/c.odcs.yaml', contractText())
    symlinkSync(join(dir, 'tree'), join(dir, 'tree/deep/loop'))
    const { files } = JSON.parse(mogo('lint', 'tree', '--format', 'json').stdout)
    expect(files.map((one: { file: string; valid: boolean }) => [one.file, one.valid])).toEqual([
      ['tree/b.odcs.json', false],
      ['tree/deep/a.odcs.yml', true],
    ])
  })

  test('warns only, of a document that no pipeline could run', () => {
    const file = put(
      'plain.odcs.yaml',
      contractText({ tenant: null, name: 'Orders', roles: ['{role: a}'], properties: ['{name: id}'] }),
    )
    const { status, stdout } = mogo('lint', file, '--format', 'json')
    expect(status).toBe(0)
    const faults: readonly { severity: string; code: string }[] = JSON.parse(stdout).files[0].faults
    expect(faults.map(({ severity, code }) => `${severity} ${code}`).sort()).toEqual([
      'warning CONTRACT_DATASET_NAME',
      'warning CONTRACT_NO_KEY',
      'warning CONTRACT_NO_TENANT',
      'warning CONTRACT_ROLE_ROW_FILTER',
    ])
  })

  test('holds the same document to what the pipeline needs where it is one of the project', () => {
    mkdirSync(join(dir, 'project/contracts'), { recursive: true })
    writeFileSync(join(dir, 'project/mogo.yaml'), 'name: shop\n')
    const file = put('project/contracts/a.odcs.yaml', contractText({ tenant: null }))
    const { status, stdout } = spawned('--project', 'project', 'contracts', 'lint', file, '--format', 'json')
    expect(stdout).toContain('CONTRACT_NO_TENANT')
    expect(status).toBe(1)
    writeFileSync(join(dir, 'project/mogo.yaml'), 'nonsense: 1\n')
    const lenient = spawned('--project', 'project', 'contracts', 'lint', file, '--format', 'json')
    expect(lenient).toMatchObject({ status: 0, stderr: expect.stringContaining('MOGO_CONFIG_INVALID') })
  })

  test('no contract is an answer too', () => {
    mkdirSync(join(dir, 'empty'), { recursive: true })
    expect(mogo('lint', 'empty')).toMatchObject({ status: 1, stdout: '' })
    expect(mogo('lint', 'empty').stderr).toContain('MOGO_CONTRACT_NONE')
    const json = mogo('lint', 'empty', '--format', 'json')
    expect({ ...json, stdout: JSON.parse(json.stdout) }).toEqual({
      status: 1,
      stdout: { files: [] },
      stderr: '',
    })
    expect(mogo('lint', '--format', 'xml').status).toBe(2)
  })

  test('what a contract says cannot move the cursor', () => {
    const file = put(
      'evil.odcs.yaml',
      contractText({ properties: ['{name: "\\e[2Ja", nmae: x}', '{name: "\\e[2JA"}'] }),
    )
    const { stdout } = mogo('lint', file)
    expect(stdout).toContain('\\u{1b}[2J')
    expect(stdout).not.toContain('\u001b')
  })
})

describe('mogo contracts show', () => {
  test('explains a dataset of the project by its name', () => {
    const { status, stdout } = mogo('show', 'orders')
    expect(status).toBe(0)
    expect(stdout).toMatch(/^orders \d+\.\d+\.\d+ \(active\), /)
    expect(stdout).toMatch(/shipping_name +string, text .*reversible token, siv\(person_name\)/)
    expect(stdout).toMatch(/analyst +read +rows whose tenant_id is your tenant/)
    expect(stdout).toMatch(/latency +1 s +orders\.placed_at/)
  })

  test('gives programs the same as JSON', () => {
    const summary = JSON.parse(mogo('show', 'orders', '--format', 'json').stdout)
    expect(summary).toMatchObject({ id: 'urn:shop:contract:orders', errors: 0, owner: 'sales' })
    expect(summary.datasets[0].columns[1]).toEqual({
      name: 'id',
      source: 'id',
      type: 'integer, bigint',
      key: '2',
      required: true,
      rules: ['minimum 1'],
      classification: 'internal',
      personal: false,
      protection: '',
      description: 'Number of the order, unique within the shop.',
    })
  })

  test('explains a contract with errors as far as it can be read', () => {
    const { status, stdout } = mogo('show', put('bad.odcs.yaml', BAD))
    expect(status).toBe(0)
    expect(stdout).toContain('2 error(s): see mogo contracts lint bad.odcs.yaml')
  })

  test('says what was meant, and what cannot be read', () => {
    const unknown = mogo('show', 'oders')
    expect(unknown.status).toBe(2)
    expect(unknown.stderr).toContain('did you mean orders?')
    expect(mogo('show', put('torn.odcs.yaml', 'a: [')).stderr).toContain('torn.odcs.yaml:1:')
  })
})

function spawned(...args: readonly string[]) {
  return spawnSync(process.execPath, [join(root, 'ops/cli/main.ts'), ...args], { encoding: 'utf8', cwd: dir })
}
