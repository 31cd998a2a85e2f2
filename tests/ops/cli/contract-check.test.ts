/** `mogo contracts check` against what git holds: files that move, go, come, or were no contracts; refs that are not there; waivers. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ContractRepository, contract, createContractRepository } from './contract-repository.ts'

const ORDERS = 'contracts/orders.odcs.yaml'
const PEOPLE = 'contracts/people.odcs.yaml'

let repository: ContractRepository
beforeEach(() => {
  repository = createContractRepository()
  repository.write(ORDERS, contract('orders', 'a, b'))
  repository.write(PEOPLE, contract('people', 'x'))
})
afterEach(() => repository.dispose())

type Report = {
  readonly against: string
  readonly files: readonly {
    readonly file: string
    readonly state: string
    readonly faults: readonly { readonly code: string; readonly severity: string }[]
    readonly changes: readonly { readonly code: string }[]
  }[]
  readonly waivers: { readonly faults: readonly { readonly code: string; readonly path: string }[] } | null
}

/** The exit code, and a line for each contract: how it stands to the former one, and what is found but for versions and hints. */
function check(...args: readonly string[]) {
  const { status, stdout, stderr } = repository.mogo(['check', ...args, '--format', 'json'])
  const { files, against, waivers } = JSON.parse(stdout) as Report
  const lines = files.map(({ file, state, faults, changes }) =>
    [
      file,
      state,
      ...faults
        .filter(({ code }) => !/^CONTRACT_/.test(code) || code === 'CONTRACT_SYNTAX')
        .map(({ code }) => code),
      ...changes.map(({ code }) => code).filter((code) => !code.startsWith('DIFF_VERSION')),
    ].join(' '),
  )
  return { status, lines, against, stderr, waivers }
}

describe('a file', () => {
  beforeEach(() => repository.commit())

  test('that is renamed is compared with what it was', () => {
    repository.remove(ORDERS)
    repository.write('contracts/sales.odcs.yaml', contract('orders', 'a, b, c'))
    expect(check('contracts')).toMatchObject({
      status: 1,
      lines: [`${PEOPLE} unchanged`, 'contracts/sales.odcs.yaml renamed DIFF_ENUM_VALUE_ADDED'],
    })
  })

  test('that is renamed, and named alone, is too', () => {
    repository.remove(ORDERS)
    repository.write('contracts/sales.odcs.yaml', contract('orders', 'a, b, c'))
    expect(check('contracts/sales.odcs.yaml')).toMatchObject({
      status: 1,
      lines: ['contracts/sales.odcs.yaml renamed DIFF_ENUM_VALUE_ADDED'],
    })
  })

  test('that moves into another folder is too', () => {
    repository.remove(ORDERS)
    repository.write('sales/orders.odcs.yaml', contract('orders', 'a, b, c'))
    expect(check('sales')).toMatchObject({
      status: 1,
      lines: ['sales/orders.odcs.yaml renamed DIFF_ENUM_VALUE_ADDED'],
    })
  })

  test('that is deleted breaks', () => {
    repository.remove(ORDERS)
    const { status, stdout } = repository.mogo(['check', 'contracts'])
    expect(stdout).toContain(
      `${ORDERS}  deleted\n  1:1 error the contract is gone (DIFF_CONTRACT_REMOVED, consumer)`,
    )
    expect(status).toBe(1)
  })

  test('and all others that are deleted break, though the folder is not here any more', () => {
    repository.remove('contracts')
    const gone = [`${ORDERS} deleted DIFF_CONTRACT_REMOVED`, `${PEOPLE} deleted DIFF_CONTRACT_REMOVED`]
    expect(check('contracts')).toMatchObject({ status: 1, lines: gone })
  })

  test('that is new breaks nothing', () => {
    repository.write('contracts/new.odcs.yaml', contract('new', 'x'))
    expect(check('contracts/new.odcs.yaml')).toMatchObject({
      status: 0,
      lines: ['contracts/new.odcs.yaml new DIFF_CONTRACT_ADDED'],
    })
  })

  test('that changes places with another one is compared by its id', () => {
    repository.write(ORDERS, contract('people', 'x'))
    repository.write(PEOPLE, contract('orders', 'a, b, c'))
    expect(check('contracts')).toMatchObject({
      status: 1,
      lines: [`${ORDERS} renamed`, `${PEOPLE} renamed DIFF_ENUM_VALUE_ADDED`],
    })
  })

  test('whose place another contract takes is compared where it is now', () => {
    repository.write('contracts/zz.odcs.yaml', contract('orders', 'a, b, c'))
    repository.write(ORDERS, contract('new', 'x'))
    expect(check('contracts')).toMatchObject({
      status: 1,
      lines: [
        `${ORDERS} new DIFF_CONTRACT_ADDED`,
        `${PEOPLE} unchanged`,
        'contracts/zz.odcs.yaml renamed DIFF_ENUM_VALUE_ADDED',
      ],
    })
  })

  test('that gets another id breaks, in its place', () => {
    repository.write(ORDERS, contract('orders', 'a, b').replace('urn:test:orders', 'urn:test:sales'))
    expect(check(ORDERS)).toMatchObject({ status: 1, lines: [`${ORDERS} changed DIFF_CONTRACT_ID_CHANGED`] })
  })

  test('that cannot be read now is a fault, and is not compared', () => {
    repository.write(ORDERS, 'a: {')
    expect(check(ORDERS)).toMatchObject({ status: 1, lines: [`${ORDERS} changed CONTRACT_SYNTAX`] })
  })
})

test('two versions of a contract side by side are compared each with itself', () => {
  repository.write('contracts/orders-2.odcs.yaml', contract('orders', 'a', '2.0.0'))
  repository.commit()
  repository.remove('contracts/orders-2.odcs.yaml')
  repository.write(ORDERS, contract('orders', 'a, b').replace('name: state', 'name: State'))
  expect(check('contracts')).toMatchObject({
    lines: [
      `${ORDERS} changed DIFF_COLUMN_RENAMED`,
      `${PEOPLE} unchanged`,
      'contracts/orders-2.odcs.yaml deleted DIFF_CONTRACT_REMOVED',
    ],
  })
})

describe('what it was', () => {
  const former: readonly (readonly [string, string | Uint8Array, readonly string[]])[] = [
    [
      'bytes that are no text',
      Uint8Array.from([0, 255, 254, 1, 2, 128, 0, 10, 255]),
      ['CHECK_FORMER_UNREADABLE'],
    ],
    ['no YAML', 'a: {', ['CHECK_FORMER_UNREADABLE']],
    ['empty', '', ['CHECK_FORMER_UNREADABLE']],
    ['a list', '- a\n', ['CHECK_FORMER_UNREADABLE']],
  ]
  test.each(former)('%s cannot be compared, and that is said', (_name, content, codes) => {
    repository.write(ORDERS, content)
    repository.commit()
    repository.write(ORDERS, contract('orders', 'a'))
    const { stdout } = repository.mogo(['check', ORDERS])
    expect(stdout).toContain('not compared: what it was at main cannot be read')
    expect(check(ORDERS)).toMatchObject({ status: 0, lines: [`${ORDERS} changed ${codes.join(' ')}`] })
  })

  test('a contract with faults is compared as far as it can be read; its faults are of the past', () => {
    repository.write(ORDERS, contract('orders', 'a').replace('status: active', 'status: 5\nnonsense: 1'))
    repository.commit()
    repository.write(ORDERS, contract('orders', 'a, b'))
    expect(check(ORDERS)).toMatchObject({
      status: 1,
      lines: [`${ORDERS} changed DIFF_STATUS_CHANGED DIFF_UNKNOWN_KEY_CHANGED DIFF_ENUM_VALUE_ADDED`],
    })
  })
})

describe('the ref', () => {
  test.each([
    ['no such branch', 'nosuch'],
    ['a folder', 'main:contracts'],
    ['a file', `main:${ORDERS}`],
    ['no commit', 'deadbeefdeadbeefdeadbeefdeadbeefdeadbeef'],
    ['empty', ''],
  ])('that is %s is refused, with what to do', (_name, ref) => {
    repository.commit()
    const { status, stdout, stderr } = repository.mogo(['check', 'contracts', '--against', ref])
    expect(stderr).toContain(`has no commit ${ref}`)
    expect(stderr).toContain('git fetch origin main')
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' })
  })

  test('may be a tag, or anything else that leads to a commit', () => {
    repository.commit()
    repository.git('tag', '-a', 'v1', '-m', 'v1')
    repository.write(ORDERS, contract('orders', 'a, b, c'))
    repository.commit()
    for (const ref of ['v1', 'HEAD~1', 'main^'])
      expect(check(ORDERS, '--against', ref)).toMatchObject({
        status: 1,
        against: ref,
        lines: [`${ORDERS} changed DIFF_ENUM_VALUE_ADDED`],
      })
  })

  test('is HEAD where there is no main, and that is said', () => {
    repository.commit()
    repository.git('branch', '-m', 'other')
    repository.write(ORDERS, contract('orders', 'a, b, c'))
    const { status, against, stderr } = check(ORDERS)
    expect({ status, against }).toEqual({ status: 1, against: 'HEAD' })
    expect(stderr).toContain('compared with HEAD, so that only what is not committed is judged')
  })

  test('is missing in a part of the history that has no main: nothing is compared with itself', () => {
    repository.commit()
    repository.git('checkout', '-q', '-b', 'change')
    repository.write(ORDERS, contract('orders', 'a, b, c'))
    repository.commit()
    const clone = mkdtempSync(join(tmpdir(), 'mogo-shallow-'))
    execFileSync(
      'git',
      ['clone', '-q', '--depth', '1', '--branch', 'change', `file://${repository.dir}`, clone],
      {
        stdio: 'ignore',
      },
    )
    const checked = repository.mogo(['check', 'contracts'], { cwd: clone })
    execFileSync('git', ['fetch', '-q', '--depth', '1', 'origin', 'main:refs/remotes/origin/main'], {
      cwd: clone,
      stdio: 'ignore',
    })
    const fetched = repository.mogo(['check', 'contracts'], { cwd: clone })
    rmSync(clone, { recursive: true })
    expect({ status: checked.status, stdout: checked.stdout }).toEqual({ status: 3, stdout: '' })
    expect(checked.stderr).toContain('has no commit origin/main, main')
    expect(fetched.stdout).toContain('DIFF_ENUM_VALUE_ADDED')
    expect(fetched.status).toBe(1)
  })

  test('of a repository without any commit is missing', () => {
    const { status, stderr } = repository.mogo(['check', 'contracts'])
    expect(stderr).toContain('MOGO_GIT_REF')
    expect(status).toBe(3)
  })
})

test('a repository of another user is not taken for none', () => {
  repository.commit()
  const { status, stderr } = repository.mogo(['check', 'contracts'], {
    env: { GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' },
  })
  expect(stderr).toContain('git config --global --add safe.directory')
  expect(status).toBe(3)
})

describe('a waiver', () => {
  beforeEach(() => {
    repository.commit()
    repository.write(ORDERS, contract('orders', 'a, b, c', '2.0.0'))
  })
  const GOOD = {
    code: 'DIFF_ENUM_VALUE_ADDED',
    path: 'orders.state',
    reason: 'agreed',
    expires: '2999-12-31',
  }
  const waivers = (fields: Readonly<Record<string, string>>): void =>
    repository.write('contracts/waivers.yaml', JSON.stringify([{ ...GOOD, ...fields }]))

  const cases: readonly (readonly [string, Readonly<Record<string, string>>, number, readonly string[]])[] = [
    ['that holds', {}, 0, []],
    ['of this version', { version: '2.0.0' }, 0, []],
    ['of another version', { version: '1.1.0' }, 1, ['WAIVER_UNUSED']],
    ['of another contract', { contract: 'urn:test:people' }, 1, ['WAIVER_UNUSED']],
    ['of another column', { path: 'orders.id' }, 1, ['WAIVER_UNUSED']],
    ['that has expired', { expires: '2020-12-31' }, 1, ['WAIVER_EXPIRED']],
    ['without a reason', { reason: ' ' }, 1, ['WAIVER_SHAPE']],
    ['with a date that there is not', { expires: '2999-02-30' }, 1, ['WAIVER_SHAPE']],
    ['with a field that there is not', { until: '2999-12-31' }, 1, ['WAIVER_SHAPE']],
    ['of a code that there is not', { code: 'DIFF_ENUM_ADED' }, 1, ['WAIVER_CODE']],
  ]
  test.each(cases)('%s', (_name, fields, status, codes) => {
    waivers(fields)
    const found = check('contracts', '--waivers', 'contracts/waivers.yaml')
    expect(found.status).toBe(status)
    expect(found.waivers?.faults.map(({ code }) => code)).toEqual(codes)
  })

  test('that covers nothing is a warning only', () => {
    repository.write(ORDERS, contract('orders', 'a, b'))
    waivers({})
    const { status, stdout } = repository.mogo(['check', 'contracts', '--waivers', 'contracts/waivers.yaml'])
    expect(stdout).toContain('warning the waiver of DIFF_ENUM_VALUE_ADDED at orders.state covers no change')
    expect(status).toBe(0)
  })

  test.each([
    ['no YAML', '- {'],
    ['no list', 'code: x'],
    ['bytes that are no text', Uint8Array.from([0, 255, 1, 2, 128])],
  ])('in a file that is %s waives nothing, and that is an error', (_name, content) => {
    repository.write('contracts/waivers.yaml', content)
    const found = check('contracts', '--waivers', 'contracts/waivers.yaml')
    expect(found.status).toBe(1)
    expect(found.waivers?.faults.map(({ code }) => code)).toEqual(['WAIVER_SYNTAX'])
    expect(found.lines[0]).toBe(`${ORDERS} changed DIFF_ENUM_VALUE_ADDED`)
  })

  test('in a file that is not there is wrong usage', () => {
    const { status, stderr } = repository.mogo(['check', 'contracts', '--waivers', 'nowhere.yaml'])
    expect(stderr).toContain('MOGO_CONTRACT_SOURCE')
    expect(status).toBe(2)
  })
})
