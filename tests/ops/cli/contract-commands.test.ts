/** `mogo contracts diff` and `check` as people and CI call them: processes, a git repository, exit codes. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contract, createContractRepository } from './contract-repository.ts'

const { dir, git, write, mogo, commit, dispose } = createContractRepository()

const ORDERS = 'contracts/orders.odcs.yaml'

beforeAll(() => {
  write(ORDERS, contract('orders', 'a, b'))
  write('contracts/people.odcs.yaml', contract('people', 'x'))
  write('contracts/gone.odcs.yaml', contract('gone', 'x'))
  commit()
  // A value more, under the same version; one contract is gone, one has another file name.
  write(ORDERS, contract('orders', 'a, b, c'))
  rmSync(join(dir, 'contracts/gone.odcs.yaml'))
  git('mv', 'contracts/people.odcs.yaml', 'contracts/persons.odcs.yaml')
})
afterAll(dispose)

describe('mogo contracts diff', () => {
  test('prints what breaks, with its place, and leaves with 1', () => {
    const { status, stdout } = mogo(['diff', `main:${ORDERS}`, ORDERS])
    expect(stdout.split('\n')).toEqual([
      `${ORDERS}:16:20 error orders.state: 1 value more allowed (DIFF_ENUM_VALUE_ADDED, loosens, consumer)`,
      `${ORDERS}:4:10 error version: 1.0.0 -> 1.0.0; the changes require a major version (DIFF_VERSION_TOO_LOW, changes, consumer)`,
      '2 breaking, 0 warning(s), 0 for information, 0 waived',
      'version: required: major, declared: none',
      '',
    ])
    expect(status).toBe(1)
  })

  test('prints JSON for programs', () => {
    const { status, stdout } = mogo([
      'diff',
      `main:${ORDERS}`,
      ORDERS,
      '--format',
      'json',
      '--perspective',
      'both',
    ])
    expect(JSON.parse(stdout)).toMatchObject({
      perspective: 'both',
      requiredBump: 'major',
      declaredBump: 'none',
      breaking: true,
      changes: [
        {
          code: 'DIFF_ENUM_VALUE_ADDED',
          severity: 'error',
          perspective: 'consumer',
          direction: 'loosens',
          dataset: 'orders',
          column: 'state',
          path: 'schema[0].properties[1].customProperties[0].value',
          line: 16,
          waived: false,
          file: ORDERS,
        },
        { code: 'DIFF_ENUM_VALUE_ADDED', severity: 'info', perspective: 'producer' },
        { code: 'DIFF_VERSION_TOO_LOW', perspective: 'consumer' },
        { code: 'DIFF_VERSION_TOO_LOW', perspective: 'producer' },
      ],
    })
    expect(status).toBe(1)
  })

  test('leaves with 0 if nothing breaks', () => {
    const { status, stdout } = mogo(['diff', ORDERS, ORDERS])
    expect(stdout).toBe(
      '0 breaking, 0 warning(s), 0 for information, 0 waived\nversion: required: none, declared: none; nothing breaks\n',
    )
    expect(status).toBe(0)
  })

  test('takes waivers, until they expire', () => {
    const waiver = (expires: string) =>
      `- {code: DIFF_ENUM_VALUE_ADDED, path: orders.state, reason: agreed, expires: ${expires}}\n`
    write('good.yaml', waiver('2999-12-31'))
    write('old.yaml', waiver('2020-12-31'))
    const good = mogo(['diff', `main:${ORDERS}`, ORDERS, '--waivers', 'good.yaml'])
    expect(good.stdout).toContain('waived orders.state: 1 value more allowed; waived: agreed')
    expect(good.status).toBe(0)
    const old = mogo(['diff', `main:${ORDERS}`, ORDERS, '--waivers', 'old.yaml'])
    expect(old.stdout).toContain('WAIVER_EXPIRED')
    expect(old.status).toBe(1)
  })

  test('compares folders, at refs too', () => {
    const { status, stdout } = mogo(['diff', 'main:contracts', 'contracts'])
    expect(stdout).toContain(
      'main:contracts/gone.odcs.yaml:1:1 error the contract is gone (DIFF_CONTRACT_REMOVED',
    )
    expect(stdout).toContain('DIFF_ENUM_VALUE_ADDED')
    expect(stdout).not.toContain('people')
    expect(status).toBe(1)
  })

  test('finds what several versions break together', () => {
    write('v1.yaml', contract('orders', 'a', '1.0.0'))
    write('v2.yaml', contract('orders', 'a', '2.0.0').replace('name: state', 'name: kind'))
    write('v3.yaml', contract('orders', 'a', '3.0.0').replace('logicalType: string', 'logicalType: date'))
    const { stdout } = mogo(['diff', 'v1.yaml', 'v2.yaml', 'v3.yaml', '--format', 'json'])
    const changes = (
      JSON.parse(stdout) as { changes: readonly { code: string; older: string; newer: string }[] }
    ).changes
    expect(
      changes.filter(({ older }) => older === 'v1.yaml').map(({ code, newer }) => `${newer} ${code}`),
    ).toContain('v3.yaml DIFF_TYPE_CHANGED')
  })

  const wrong: readonly (readonly [string, readonly string[], number, string])[] = [
    ['one argument', [ORDERS], 2, 'missing required argument'],
    ['no such file', [ORDERS, 'nowhere.yaml'], 2, 'MOGO_CONTRACT_SOURCE'],
    ['no contract', [ORDERS, 'broken.yaml'], 2, 'MOGO_CONTRACT_SOURCE'],
    ['a file and a folder', [ORDERS, 'contracts'], 2, 'MOGO_USAGE'],
    ['a ref that is an option', ['--', `--output=x:${ORDERS}`, ORDERS], 2, 'MOGO_USAGE'],
    ['no such ref', [`nosuch:${ORDERS}`, ORDERS], 3, 'MOGO_GIT_REF'],
    ['no such file at the ref', ['main:nowhere.yaml', ORDERS], 2, 'MOGO_CONTRACT_SOURCE'],
  ]
  test.each(wrong)('refuses %s', (_name, args, code, text) => {
    write('broken.yaml', 'a: {')
    const { status, stdout, stderr } = mogo(['diff', ...args])
    expect(stderr).toContain(text)
    expect(stdout).toBe('')
    expect(status).toBe(code)
  })
})

describe('mogo contracts check', () => {
  test('compares with main, and knows what is changed, renamed and deleted', () => {
    const { status, stdout } = mogo(['check', 'contracts', '--format', 'json'])
    const report = JSON.parse(stdout) as {
      readonly against: string
      readonly ok: boolean
      readonly files: readonly {
        readonly file: string
        readonly state: string
        readonly changes: readonly { readonly code: string }[]
      }[]
    }
    expect(report.against).toBe('main')
    expect(report.ok).toBe(false)
    expect(report.files.map(({ file, state }) => `${file} ${state}`)).toEqual([
      'contracts/orders.odcs.yaml changed',
      'contracts/persons.odcs.yaml renamed',
      'contracts/gone.odcs.yaml deleted',
    ])
    expect(report.files.map(({ changes }) => changes.map(({ code }) => code))).toEqual([
      ['DIFF_ENUM_VALUE_ADDED', 'DIFF_VERSION_TOO_LOW'],
      [],
      ['DIFF_CONTRACT_REMOVED'],
    ])
    expect(status).toBe(1)
  })

  test('shows paths from the root of the repository where CI wants them, and from here to people', () => {
    const inside = join(dir, 'contracts')
    const github = mogo(['check', 'orders.odcs.yaml', '--format', 'github'], { cwd: inside })
    expect(github.stdout).toMatch(/^::error file=contracts\/orders\.odcs\.yaml,line=\d+,col=\d+,title=DIFF_/)
    expect(mogo(['check', 'orders.odcs.yaml'], { cwd: inside }).stdout).toMatch(
      /^orders\.odcs\.yaml {2}changed/,
    )
  })

  test('writes the report to a file, and a summary beside it', () => {
    const { status, stdout, stderr } = mogo([
      'check',
      'contracts',
      '--format',
      'sarif',
      '--output',
      'out.sarif',
    ])
    expect(JSON.parse(readFileSync(join(dir, 'out.sarif'), 'utf8'))).toMatchObject({ version: '2.1.0' })
    expect(stdout).toBe('')
    expect(stderr).toContain('3 contract(s) against main')
    expect(status).toBe(1)
  })

  test('finds a contract that is named and is gone', () => {
    const { status, stdout } = mogo(['check', 'contracts/gone.odcs.yaml'])
    expect(stdout).toContain('contracts/gone.odcs.yaml  deleted')
    expect(status).toBe(1)
  })

  test('takes the file of waivers beside the contracts', () => {
    write(
      'contracts/waivers.yaml',
      '- {code: DIFF_ENUM_VALUE_ADDED, path: "*.state", reason: agreed, expires: 2999-12-31}\n',
    )
    const { status, stdout } = mogo(['check', ORDERS])
    rmSync(join(dir, 'contracts/waivers.yaml'))
    expect(stdout).toContain('waived orders.state')
    expect(status).toBe(0)
  })

  test('looks into folders, and takes a file that is named twice once', () => {
    mkdirSync(join(dir, 'more/deep'), { recursive: true })
    write('more/deep/new.odcs.yaml', contract('new', 'x'))
    const { stdout } = mogo(['check', 'more', './more/deep/new.odcs.yaml', ORDERS, '--format', 'json'])
    rmSync(join(dir, 'more'), { recursive: true })
    const { files } = JSON.parse(stdout) as {
      readonly files: readonly { readonly file: string; readonly state: string }[]
    }
    expect(files.map(({ file, state }) => `${file} ${state}`)).toEqual([
      'more/deep/new.odcs.yaml new',
      `${ORDERS} changed`,
    ])
  })

  test('leaves with 3 where there is no such ref, or no repository', () => {
    expect(mogo(['check', 'contracts', '--against', 'nosuch'])).toMatchObject({ status: 3, stdout: '' })
    const bare = mkdtempSync(join(tmpdir(), 'mogo-no-git-'))
    writeFileSync(join(bare, 'a.odcs.yaml'), contract('a', 'x'))
    const { status, stderr } = mogo(['check', 'a.odcs.yaml'], { cwd: bare })
    rmSync(bare, { recursive: true })
    expect(stderr).toContain('MOGO_GIT_UNAVAILABLE')
    expect(status).toBe(3)
  })

  test('leaves with 2 for what there is not', () => {
    expect(mogo(['check', 'contracts/none.odcs.yaml']).status).toBe(2)
    expect(mogo(['check', '--against', '--upload-pack=x']).status).toBe(2)
    expect(mogo(['check', '--format', 'pdf']).status).toBe(2)
  })

  test('leaves with 0 when it is committed', () => {
    git('add', '-A', 'contracts')
    git('commit', '-q', '-m', 'two')
    const { status, stdout } = mogo(['check', 'contracts'])
    expect(stdout).toMatch(
      /^2 contract\(s\) against main: 0 error\(s\), \d+ warning\(s\), 0 for information, 0 waived$/m,
    )
    expect(status).toBe(0)
  })
})
