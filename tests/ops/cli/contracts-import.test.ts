/** `mogo contracts import` of files, as it is typed. Of databases see tests/contracts/import.it.test.ts. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'mogo-import-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
mkdirSync(join(dir, 'contracts'))
writeFileSync(join(dir, 'mogo.yaml'), 'name: shop\n')
writeFileSync(
  join(dir, 'order.schema.json'),
  JSON.stringify({
    title: 'Order',
    type: 'object',
    required: ['id'],
    properties: { id: { type: 'integer' }, email: { type: 'string' }, total: { type: 'number', minimum: 0 } },
  }),
)
writeFileSync(
  join(dir, 'line.avsc'),
  JSON.stringify({
    type: 'record',
    name: 'line',
    fields: [
      { name: 'id', type: 'long' },
      { name: 'text', type: ['null', 'string'] },
    ],
  }),
)
writeFileSync(
  join(dir, 'sources.yml'),
  'sources: [{name: raw, tables: [{name: orders, columns: [{name: id, data_type: bigint, tests: [unique, not_null]}]}, {name: others, columns: [{name: id}]}]}]\n',
)

const mogo = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'ops/cli/main.ts'), 'contracts', ...args],
    {
      encoding: 'utf8',
      cwd: dir,
      env: { ...process.env, NO_COLOR: '1' },
    },
  )
  return { status, stdout, stderr }
}

test('without a key nothing is written among the contracts of the project, because it could not run', () => {
  const { status, stdout, stderr } = mogo('import', '--from', 'json-schema', 'order.schema.json')
  expect(status).toBe(0)
  expect(stderr).toContain('skipped Order: it has no key')
  expect(stdout).toContain('0 contract(s) in contracts.')
  expect(readdirSync(join(dir, 'contracts'))).toEqual([])
})

test('with the key named the draft lints clean', () => {
  const { status, stdout } = mogo('import', '--from', 'json-schema', 'order.schema.json', '--key', 'id')
  expect(status).toBe(0)
  expect(stdout.split('\n')).toEqual([
    'contracts/order.odcs.yaml  3 columns, guessed personal: email',
    '1 contract(s) in contracts.',
    'Next: look at what is marked guessed, then mogo contracts lint and mogo up.',
    '',
  ])
  const lint = mogo('lint')
  expect(lint.stdout).toContain('0 error(s), 0 warning(s)')
  expect(lint.status).toBe(0)
})

test('what is there is kept, unless it is told to write over it', () => {
  const again = mogo('import', '--from', 'json-schema', 'order.schema.json', '--key', 'id')
  expect(again.stderr).toContain('kept contracts/order.odcs.yaml (--force writes over it)')
  expect(again.stdout).toContain('0 contract(s)')
  expect(
    mogo('import', '--from', 'json-schema', 'order.schema.json', '--key', 'id', '--force').stdout,
  ).toContain('1 contract(s)')
})

test('a document goes into another folder, and a dry run writes nothing', () => {
  const dry = mogo('import', '--from', 'avro', 'line.avsc', '--output', 'drafts', '--dry-run')
  expect(dry.stdout).toContain(
    'drafts/line.odcs.yaml  2 columns, guessed personal: none, a document without a key',
  )
  expect(dry.stdout).toContain('1 contract(s) would be written to drafts.')
  expect(existsSync(join(dir, 'drafts'))).toBe(false)
  const { stdout } = mogo('import', '--from', 'avro', 'line.avsc', '--output', 'drafts')
  expect(stdout).toContain('then mogo contracts lint drafts/*.odcs.yaml.')
  expect(readFileSync(join(dir, 'drafts', 'line.odcs.yaml'), 'utf8')).toContain('# It has no key')
  const lint = mogo('lint', 'drafts/line.odcs.yaml')
  expect({ status: lint.status, errors: /(\d+) error/.exec(lint.stdout)?.[1] }).toEqual({
    status: 0,
    errors: '0',
  })
})

test('of dbt some are selected', () => {
  const { stdout, stderr } = mogo(
    'import',
    '--from',
    'dbt',
    'sources.yml',
    '--select',
    'orders',
    '--output',
    'dbt',
  )
  expect(stdout).toContain('dbt/raw_orders.odcs.yaml  1 columns')
  expect(stderr).toContain('The key is guessed from the tests unique and not_null')
  expect(readdirSync(join(dir, 'dbt'))).toEqual(['raw_orders.odcs.yaml'])
})

test.each([
  [['--from', 'json-schema'], 2, 'MOGO_USAGE'],
  [['--from', 'postgres', 'order.schema.json'], 2, 'MOGO_USAGE'],
  [['--from', 'parquet', 'x'], 2, 'parquet'],
  [['--from', 'avro', 'nowhere.avsc'], 1, 'MOGO_IMPORT_UNREADABLE'],
  [['--from', 'avro', 'mogo.yaml'], 1, 'MOGO_IMPORT_SYNTAX'],
  [['--from', 'json-schema', 'order.schema.json', '--key', 'nothing'], 2, 'MOGO_USAGE'],
])('%j is refused with a code and an exit status', (args, status, code) => {
  const answer = mogo('import', ...args)
  expect(answer.stderr).toContain(code)
  expect(answer.status).toBe(status)
})
