/** The walk of contracts/README.md, as a data engineer types it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leftovers, processesOf, ROOT } from './mogo-process.ts'

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'mogo-walk-')))
const stateDir = join(dir, 'shop', '.mogo')
let output = ''
let code: number | null = null

/** The shell blocks of the section, in order. */
function typed(): string {
  const readme = readFileSync(join(ROOT, 'contracts', 'README.md'), 'utf8')
  const walk = /^## A walk\n(.*?)^## /ms.exec(readme)?.[1] ?? ''
  return [...walk.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block]) => block).join('')
}

beforeAll(async () => {
  const child = spawn('sh', ['-e', '-x', '-c', typed()], {
    cwd: dir,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: `${ROOT}:${process.env['PATH'] ?? ''}`, NO_COLOR: '1' },
  })
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
    })
  code = ((await once(child, 'close')) as [number | null])[0]
})

afterAll(async () => {
  for (const pid of processesOf(stateDir)) process.kill(pid, 'SIGKILL')
  await leftovers(stateDir)
  rmSync(dir, { recursive: true, force: true })
})

/** What was said between a command and the next one. */
function said(command: string): string {
  const after = output.split(`+ mogo ${command}`)[1] ?? ''
  return after.split(/^\+ /m)[0] ?? ''
}

describe('the walk', () => {
  it('ends with 0', () => expect(code, output.slice(-3000)).toBe(0))

  it('drafts a contract and says which columns it takes for personal', () =>
    expect(said('--project shop contracts import')).toContain('guessed personal: email'))

  it('refuses a personal column without a plan, and takes it with one', () => {
    expect(output).toContain('as it should: a personal column without a plan')
    expect(output).toContain('CONTRACT_PII_NO_PLAN')
    expect(output).toContain('1 file(s): 0 error(s), 0 warning(s)')
  })

  it('writes every output, none with the columns that are protected in clear', () => {
    const build = join(dir, 'build')
    expect(readdirSync(build).toSorted()).toEqual([
      'avro',
      'clickhouse',
      'dbt',
      'debezium',
      'html',
      'json-schema',
      'markdown',
      'postgres',
      'typescript',
    ])
    const ddl = said('--project shop contracts export --to clickhouse')
    expect(ddl).toContain('`email_token` String')
    expect(ddl).not.toMatch(/`email`|`notes`/)
  })

  it('says whom a change breaks, and what version it asks for', () => {
    expect(said('contracts diff')).toContain('DIFF_REQUIRED_REMOVED')
    expect(said('contracts diff')).toContain('required: major')
    expect(output).toContain('exit 1: it breaks readers')
  })

  it('fails the build with a report, and passes when the change is taken back', () => {
    expect(output).toContain('exit 1: the build fails')
    expect(existsSync(join(dir, 'report.xml'))).toBe(true)
    expect(readFileSync(join(dir, 'report.xml'), 'utf8')).toContain('<failure')
    expect(output).toContain('against HEAD: 0 error(s)')
  })

  it('leaves nothing running', async () => expect(await leftovers(stateDir)).toEqual([]))
})
