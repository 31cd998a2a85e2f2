/** `mogo contracts compile` and `export`, as they are typed. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { DATASET_FORMATS } from '#contracts/export/formats.ts'
import { WIDE } from '../../contracts/export/wide-contract.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'mogo-export-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const orders = join(root, 'ops/demo/contracts/orders.odcs.yaml')

const mogo = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'ops/cli/main.ts'), 'contracts', ...args],
    {
      encoding: 'utf8',
      cwd: dir,
    },
  )
  return { status, stdout, stderr }
}

test('export prints one output, the same each time', () => {
  const { status, stdout, stderr } = mogo('export', '--to', 'json-schema', orders)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(JSON.parse(stdout).title).toBe('orders')
  expect(mogo('export', '--to', 'json-schema', orders).stdout).toBe(stdout)
})

test('export writes to a file, and takes contracts of elsewhere that no pipeline could run', () => {
  const file = join(dir, 'plain.odcs.yaml')
  writeFileSync(
    file,
    'apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: active\nschema:\n  - name: Some Thing\n    properties: [{ name: A, logicalType: number }]\n',
  )
  const { status, stdout } = mogo('export', '--to', 'avro', file, '--output', 'thing.avsc')
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
  expect(JSON.parse(readFileSync(join(dir, 'thing.avsc'), 'utf8')).name).toBe('Some_Thing')
})

test('the normal form is of one file', () => {
  expect(mogo('export', '--to', 'odcs', orders).stdout).toMatch(
    /^apiVersion: v3\.1\.0\nkind: DataContract\nid: /,
  )
  expect(mogo('export', '--to', 'odcs', orders, orders.replace('orders', 'tenants')).status).toBe(2)
})

test('a contract with an error is not exported: its faults are said, and the answer is no', () => {
  const file = join(dir, 'bad.odcs.yaml')
  writeFileSync(file, WIDE.replace('method: hmac, domain: email', 'method: rot13'))
  const { status, stdout, stderr } = mogo('export', '--to', 'avro', file)
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  expect(stderr).toMatch(/bad\.odcs\.yaml:\d+:\d+: error: .*CONTRACT_PII/)
  expect(mogo('export', '--to', 'avro', 'nowhere.yaml').stderr).toContain('CONTRACT_UNREADABLE')
  expect(mogo('export', '--to', 'rot13', orders).status).toBe(2)
})

test.each(['clickhouse', 'postgres', 'debezium', 'markdown', 'html', 'odcs'])(
  'a side is refused of %s, which has none to choose',
  (format) => {
    const { status, stdout, stderr } = mogo('export', '--to', format, '--side', 'stored', orders)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain('MOGO_USAGE')
    expect(stderr).toContain(`--side says nothing about ${format}.`)
    expect(stderr).toContain('json-schema, avro, typescript, dbt')
  },
)

test('a side is taken where there is one to choose, also among formats that have none', () => {
  const stored = mogo('export', '--to', 'typescript', '--side', 'stored', orders)
  expect(stored.status).toBe(0)
  expect(stored.stdout).toContain('"shipping_name_token"')
  const args = ['compile', orders, '--output', 'sided', '--side', 'stored', '--only'] as const
  expect(mogo(...args, 'clickhouse,avro').status).toBe(0)
  expect(readFileSync(join(dir, 'sided/avro/orders.avsc'), 'utf8')).toContain('"shipping_name_token"')
  const refused = mogo(...args, 'clickhouse,html')
  expect(refused.status).toBe(2)
  expect(refused.stderr).toContain('--side says nothing about clickhouse, html.')
})

test('compile writes every output, and lists what it wrote', () => {
  const { status, stdout } = mogo('compile', orders, '--output', 'build', '--format', 'json')
  expect(status).toBe(0)
  const written = JSON.parse(stdout) as readonly {
    readonly format: string
    readonly file: string
    readonly bytes: number
  }[]
  expect(written.map(({ format }) => format)).toEqual([...DATASET_FORMATS])
  for (const { file, bytes } of written) {
    expect(existsSync(join(dir, file))).toBe(true)
    expect(readFileSync(join(dir, file)).length).toBe(bytes)
  }
})

test('compile writes only what is asked for', () => {
  const { stdout } = mogo('compile', orders, '--output', 'some', '--only', 'clickhouse,avro')
  expect(readdirSync(join(dir, 'some')).sort()).toEqual(['avro', 'clickhouse'])
  expect(readFileSync(join(dir, 'some/clickhouse/orders.sql'), 'utf8')).toContain(
    'CREATE TABLE IF NOT EXISTS',
  )
  expect(stdout).toContain('2 file(s) of 1 dataset(s)')
  const unknown = mogo('compile', orders, '--output', 'none', '--only', 'clickhouse,word')
  expect(unknown.status).toBe(2)
  expect(unknown.stderr).toContain('There is no format word')
})
