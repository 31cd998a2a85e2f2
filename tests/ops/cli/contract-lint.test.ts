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

type Said = {
  readonly code: string
  readonly line: number
  readonly column: number
  readonly message: string
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
    expect(rest).toEqual({ skipped: [] })
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
          message: 'there is no such file',
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
    const { files, skipped } = JSON.parse(mogo('lint', 'tree', '--format', 'json').stdout)
    expect(files.map((one: { file: string; valid: boolean }) => [one.file, one.valid])).toEqual([
      ['tree/b.odcs.json', false],
      ['tree/deep/a.odcs.yml', true],
    ])
    expect(skipped).toEqual([
      { file: 'tree/deep/loop', reason: 'a link to a folder is not followed' },
      { file: 'tree/deep/notes.yaml', reason: 'it has no kind: DataContract' },
    ])
  })

  test('finds contracts by their content, and says what it skipped and why', () => {
    mkdirSync(join(dir, 'mixed'), { recursive: true })
    put('mixed/orders.yaml', contractText())
    put('mixed/orders.json', '{"apiVersion": "v3.1.0", "kind": "DataContract",}')
    put('mixed/flow.yml', '# a comment\n{kind: DataContract, apiVersion: v3.1.0}')
    put('mixed/torn.yaml', 'apiVersion: v3.1.0\nkind: DataContract\nid: [')
    put('mixed/other.yaml', 'dataContractSpecification: 1.1.0\nid: x')
    put('mixed/package.json', '{"name": "x"}')
    put('mixed/deployment.yaml', 'apiVersion: apps/v1\nkind: Deployment')
    put('mixed/inside.yaml', 'steps:\n  - apiVersion: v3.1.0\n    kind: DataContract')
    put('mixed/half.yaml', 'kind: DataContract')
    put('mixed/empty.json', '\n')
    put('mixed/readme.md', 'kind: DataContract')
    writeFileSync(join(dir, 'mixed/latin.yaml'), Buffer.from([0x61, 0xe4]))
    const { status, stdout } = mogo('lint', 'mixed', '--format', 'json')
    expect(status).toBe(1)
    const { files, skipped } = JSON.parse(stdout)
    expect(files.map((one: { file: string; valid: boolean }) => [one.file, one.valid])).toEqual([
      ['mixed/flow.yml', false],
      ['mixed/orders.json', false],
      ['mixed/orders.yaml', true],
      ['mixed/torn.yaml', false],
    ])
    expect(skipped).toEqual([
      { file: 'mixed/deployment.yaml', reason: 'it has no kind: DataContract' },
      { file: 'mixed/empty.json', reason: 'it is empty' },
      { file: 'mixed/half.yaml', reason: 'it has kind: DataContract, and no apiVersion' },
      { file: 'mixed/inside.yaml', reason: 'it has no kind: DataContract' },
      { file: 'mixed/latin.yaml', reason: 'it is not UTF-8' },
      { file: 'mixed/other.yaml', reason: 'it is of another format, the Data Contract Specification' },
      { file: 'mixed/package.json', reason: 'it has no kind: DataContract' },
    ])
    const text = mogo('lint', 'mixed').stdout
    expect(text).toContain('skipped\n  mixed/deployment.yaml: it has no kind: DataContract\n')
    expect(text).toMatch(/\n\n4 file\(s\): .* for information, 7 skipped\n$/)
  })

  test('reads a file that is called JSON strictly, and says the places of bytes that are not UTF-8', () => {
    put(
      'strict.json',
      '{\n  "apiVersion": "v3.1.0", // the standard\n  "id": \'hunter2\',\n  "id": "y",\n}\n',
    )
    writeFileSync(join(dir, 'latin.odcs.yaml'), Buffer.from('id: x\nname: K\xf6ln\n', 'latin1'))
    writeFileSync(join(dir, 'wide.odcs.yaml'), Buffer.from('\ufeffid: x\n', 'utf16le'))
    const { stdout } = mogo('lint', 'strict.json', 'latin.odcs.yaml', 'wide.odcs.yaml', '--format', 'json')
    expect(stdout).not.toContain('hunter2')
    const [strict, latin, wide] = JSON.parse(stdout).files.map(({ faults }: { faults: readonly Said[] }) =>
      faults
        .filter(({ code }) => /SYNTAX|DUPLICATE|ENCODING/.test(code))
        .map(({ line, column, code, message }) => `${line}:${column} ${code} ${message}`),
    )
    expect(strict).toEqual([
      '2:27 CONTRACT_SYNTAX JSON has no comments',
      '3:9 CONTRACT_SYNTAX JSON has double quotes only',
      '4:3 CONTRACT_DUPLICATE_KEY the key id stands twice in one object',
      '4:12 CONTRACT_SYNTAX JSON has no comma after the last element',
    ])
    expect(latin).toEqual([
      '2:8 CONTRACT_ENCODING byte 14 of the file is not UTF-8 (it may be saved as Latin-1 or Windows-1252); save the file as UTF-8',
    ])
    expect(wide).toEqual(['1:1 CONTRACT_ENCODING the file is UTF-16; save it as UTF-8'])
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

  test('a folder without contracts is wrong usage, and what lies in it is said', () => {
    mkdirSync(join(dir, 'empty'), { recursive: true })
    expect(mogo('lint', 'empty')).toMatchObject({ status: 2, stdout: '' })
    put('empty/notes.yaml', 'a: 1')
    const text = mogo('lint', 'empty')
    expect(text.status).toBe(2)
    expect(text.stdout).toContain('empty/notes.yaml: it has no kind: DataContract')
    expect(text.stderr).toContain('MOGO_CONTRACT_NONE: No contract in empty.')
    const json = mogo('lint', 'empty', '--format', 'json')
    expect({ ...json, stdout: JSON.parse(json.stdout) }).toMatchObject({
      status: 2,
      stdout: {
        files: [],
        skipped: [{ file: 'empty/notes.yaml', reason: 'it has no kind: DataContract' }],
      },
    })
    // Beside others it is one all the same.
    expect(mogo('lint', put('fine.odcs.yaml', contractText()), 'empty')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('No contract in empty.'),
    })
    expect(mogo('lint', '--format', 'xml').status).toBe(2)
  })

  test('says which contracts of the project the pipeline does not read', () => {
    mkdirSync(join(dir, 'named/contracts/below'), { recursive: true })
    writeFileSync(join(dir, 'named/mogo.yaml'), 'name: named\n')
    put('named/contracts/a.odcs.yaml', contractText())
    put('named/contracts/b.yaml', contractText({ id: 'urn:b', name: 'others' }))
    put('named/contracts/waivers.yaml', 'waivers: []')
    put('named/contracts/below/c.yaml', 'a: 1')
    const { status, stdout } = spawned('--project', 'named', 'contracts', 'lint', '--format', 'json')
    expect(status).toBe(0)
    const { files, skipped } = JSON.parse(stdout)
    expect(files).toHaveLength(1)
    expect(skipped).toEqual([
      {
        file: join(dir, 'named/contracts/b.yaml'),
        reason: expect.stringContaining('the pipeline reads *.odcs.yaml'),
      },
      { file: join(dir, 'named/contracts/waivers.yaml'), reason: 'it has no kind: DataContract' },
    ])
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
