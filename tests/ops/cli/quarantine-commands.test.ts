/** `mogo quarantine` as people and scripts call it: what is asked of the API, what is printed, how it ends. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, CommanderError } from 'commander'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { addQuarantineCommands } from '#ops/cli/commands/quarantine.ts'
import { exitCodeOf, sayError } from '#ops/cli/exit-codes.ts'
import { sinceTime } from '#ops/cli/since.ts'

const MAIN = fileURLToPath(new URL('../../../ops/cli/main.ts', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'mogo-quarantine-'))

type Asked = { readonly what: string; readonly token: string; readonly body: unknown }
let asked: Asked[] = []
/** Answers in the order of the requests: a body, or a problem with its status. */
let answers: { readonly status?: number; readonly body: object }[] = []
const api = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk) => {
    body += String(chunk)
  })
  request.on('end', () => {
    asked.push({
      what: `${request.method} ${request.url}`,
      token: request.headers.authorization ?? '',
      body: body === '' ? undefined : JSON.parse(body),
    })
    const answer = answers.shift() ?? { status: 500, body: {} }
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer.body))
  })
})

beforeAll(async () => {
  api.listen(0, '127.0.0.1')
  await once(api, 'listening')
  const { port } = api.address() as AddressInfo
  mkdirSync(join(dir, '.mogo', 'run'), { recursive: true })
  writeFileSync(join(dir, 'mogo.yaml'), 'name: test\n')
  const endpoints = { api: { url: `http://127.0.0.1:${port}`, port } }
  writeFileSync(join(dir, '.mogo', 'run', 'endpoints.json'), JSON.stringify(endpoints))
})
afterAll(() => {
  api.close()
  rmSync(dir, { recursive: true, force: true })
})
beforeEach(() => {
  asked = []
  answers = []
})

/** Runs the command in this process, as ops/cli/main.ts does: a process of its own for each case would take most of the time. */
async function mogo(...args: readonly string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    vi.spyOn(process[stream], 'write').mockImplementation((chunk) => {
      written[stream] += String(chunk)
      return true
    })
  vi.stubEnv('MOGO_TOKEN', 'secret')
  const exitCode = process.exitCode
  process.exitCode = 0
  let status: number
  try {
    const program = new Command('mogo').option('--project <dir>').exitOverride()
    addQuarantineCommands(program)
    await program.parseAsync(['--project', dir, 'quarantine', ...args], { from: 'user' })
    status = Number(process.exitCode)
  } catch (error) {
    if (!(error instanceof CommanderError)) sayError(error)
    status = error instanceof CommanderError ? 2 : exitCodeOf(error)
  } finally {
    process.exitCode = exitCode
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins a colour
  const plain = (text: string): string => text.replaceAll(/\u001b\[\d+m/g, '')
  return { status, stdout: plain(written.stdout), stderr: plain(written.stderr) }
}

const PLACE = 'mogo.public.orders/0/7'
const record = {
  ...{ place: PLACE, dataset: 'orders', contractVersion: '1.0.0', quarantinedAt: '2026-05-01T10:00:00.000Z' },
  faults: [
    { code: 'maxLength', column: 'note', rule: 'at most 5 characters' },
    { code: 'not_json', column: '', rule: 'not_json' },
  ],
  ...{ traceId: 'ab'.repeat(16), status: 'open', attempts: 2 },
  ...{ changedAt: '2026-05-01T10:00:00.000Z', changedBy: '', purpose: '' },
}
const listed = (rest: object = {}) => ({
  body: { records: [record], total: 12, next: null, paused: [], ...rest },
})
const replayed = (rest: object = {}) => ({
  body: {
    ...{
      stored: 0,
      quarantined: 0,
      waiting: 0,
      superseded: 0,
      unreadable: 0,
      matched: 0,
      records: [],
      next: null,
    },
    ...rest,
  },
})
const droppedAnswer = (rest: object = {}) => ({
  body: { dropped: 0, matched: 0, records: [], next: null, ...rest },
})
const problem = (status: number, code: string) => ({
  status,
  body: { code, status, title: 't', detail: 'It is so.', remedy: 'Do this.' },
})

test('the command is one of mogo', async () => {
  answers = [listed()]
  const child = spawn(process.execPath, [MAIN, 'quarantine', 'ls', '--format', 'csv'], {
    cwd: dir,
    env: { PATH: process.env['PATH'], NO_COLOR: '1', MOGO_TOKEN: 'secret' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let stdout = ''
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk)
  })
  const [status] = await once(child, 'close')
  expect([status, stdout.split('\r\n')[0]]).toEqual([0, 'place,dataset,fault,status,attempts,quarantined'])
})

describe('ls', () => {
  test('prints a table, what is left, and which datasets are paused', async () => {
    answers = [
      listed({ next: 'abc', paused: [{ dataset: 'orders', since: 'S', records: 1000, quarantined: 812 }] }),
    ]
    const { status, stdout, stderr } = await mogo(
      'ls',
      '--dataset',
      'orders',
      '--reason',
      'maxLength',
      '--limit',
      '1',
    )
    expect(stdout.split('\n').map((text) => text.split(/ {2,}/))).toEqual([
      ['place', 'dataset', 'fault', 'status', 'attempts', 'quarantined'],
      [
        ...[PLACE, 'orders', 'note: at most 5 characters (maxLength); not_json', 'open', '2'],
        '2026-05-01T10:00:00.000Z',
      ],
      [''],
    ])
    expect(stderr.split('\n')).toEqual([
      '1 of 12',
      'more: --cursor abc',
      'paused orders since S: 812 of its last 1000 records broke the contract; `mogo quarantine resume orders` lets it go on',
      '',
    ])
    expect(status).toBe(0)
    expect(asked).toEqual([
      {
        what: 'GET /v1/quarantine?status=open&limit=1&dataset=orders&reason=maxLength',
        ...{ token: 'Bearer secret', body: undefined },
      },
    ])
  })

  test('prints records for programs', async () => {
    answers = [listed()]
    const { stdout } = await mogo('ls', '--status', 'all', '--cursor', 'x', '--format', 'json')
    expect(JSON.parse(stdout)).toEqual([record])
    expect(asked[0]?.what).toBe('GET /v1/quarantine?status=all&limit=50&cursor=x')
  })

  test.each([
    [['ls', '--limit', 'many'], '--limit takes a whole number up to 500.'],
    [['ls', '--limit', '501'], '--limit takes a whole number up to 500.'],
    [['ls', '--since', 'yesterday'], '--since yesterday is no time'],
    [['ls', '--status', 'gone'], "argument 'gone' is invalid"],
    [['show', 'orders'], 'orders is no place: expected topic/partition/offset.'],
    [['show', PLACE, '--payload'], '--purpose TEXT'],
    [['replay'], 'Name either places'],
    [['replay', '--reason', 'maxLength'], 'Name either places'],
    [['replay', PLACE, '--dataset', 'orders'], 'Name either places'],
    [['replay', 'x'], 'x is no place'],
    [['drop', PLACE], "required option '--purpose <text>' not specified"],
  ])('%j is wrong usage, and nothing is asked', async (args, text) => {
    const { status, stderr } = await mogo(...args)
    expect([status, asked]).toEqual([2, []])
    expect(stderr).toContain(text)
  })
})

describe('show', () => {
  test('says what is wrong', async () => {
    answers = [{ body: { records: [record] } }]
    const { status, stdout } = await mogo('show', PLACE)
    expect(stdout.split('\n').map((text) => text.trimEnd().split(/ {2,}/))).toEqual([
      [PLACE, 'open'],
      ['dataset', 'orders 1.0.0'],
      ['fault', 'note: at most 5 characters (maxLength)'],
      ['fault', 'not_json'],
      ['quarantined', '2026-05-01T10:00:00.000Z'],
      ['failed replays', '2'],
      ['trace', 'ab'.repeat(16)],
      [''],
    ])
    expect([status, asked.map(({ what }) => what)]).toEqual([0, [`GET /v1/quarantine/${PLACE}`]])
  })

  test('opens the record for a purpose', async () => {
    const opened = { record, key: '{"id":1}', value: { base64: '/w==' }, headers: { epoch: '2', none: null } }
    answers = [{ body: { records: [record] } }, { body: opened }]
    const { stdout } = await mogo('show', PLACE, '--payload', '--purpose', 'case 4711')
    expect(stdout.split('\n').slice(-5)).toEqual([
      ...['key    {"id":1}', 'header epoch: 2', 'header none: (null)', 'value  base64:/w==', ''],
    ])
    expect(asked[1]).toMatchObject({
      what: `POST /v1/quarantine/${PLACE}/open`,
      body: { purpose: 'case 4711' },
    })
  })

  test.each([
    [404, 'MOGO_QUARANTINE_UNKNOWN', 1],
    [403, 'MOGO_ACCESS_NO_ROLE', 1],
    [503, 'MOGO_UNAVAILABLE', 3],
  ])('passes a refusal with %i on', async (status, code, exit) => {
    answers = [problem(status, code)]
    const said = await mogo('show', PLACE)
    expect([said.status, said.stdout, said.stderr]).toEqual([
      ...[exit, '', `refused ${code}: It is so.\n  what to do: Do this.\n`],
    ])
  })
})

describe('replay', () => {
  test('goes through all pages and says what became of the records', async () => {
    answers = [
      replayed({
        stored: 2,
        next: 'c1',
        records: [{ place: 'a/0/1', dataset: 'orders', outcome: 'stored' }],
      }),
      replayed({ stored: 1, superseded: 1 }),
    ]
    const { status, stdout } = await mogo(
      'replay',
      '--dataset',
      'orders',
      '--reason',
      'maxLength',
      '--wait',
      '5',
    )
    expect(stdout).toBe(
      '3 stored\n1 dropped: their rows were removed since (TRUNCATE, or a source that was read anew)\n',
    )
    expect(status).toBe(0)
    const filters = { dataset: 'orders', reason: 'maxLength', limit: 500, dryRun: false, waitSeconds: 5 }
    expect(asked.map(({ body }) => body)).toEqual([filters, { ...filters, cursor: 'c1' }])
  })

  test.each([
    [{ quarantined: 1, waiting: 1 }, 1, /1 quarantined again: .*\n1 sent, and not loaded yet/],
    [{ stored: 1, unreadable: 1 }, 1, /1 stored\n1 sealed with another key ring/],
    [{ stored: 1, waiting: 1 }, 3, /1 stored\n1 sent, and not loaded yet/],
    [{ matched: 4 }, 0, /^4 would be replayed\n$/],
    [{}, 0, /^There is nothing to replay\.\n$/],
  ])('ends after %j with %i', async (outcomes, exit, text) => {
    answers = [replayed(outcomes)]
    const { status, stdout } = await mogo('replay', PLACE)
    expect(status).toBe(exit)
    expect(stdout).toMatch(text)
  })

  test('of places names them, and nothing else', async () => {
    answers = [replayed({ matched: 2 })]
    const { stdout } = await mogo('replay', PLACE, 'a/0/1', '--dry-run', '--format', 'json')
    expect(JSON.parse(stdout)).toEqual({
      ...{ stored: 0, quarantined: 0, superseded: 0, waiting: 0, unreadable: 0, matched: 2, records: [] },
    })
    expect(asked.map(({ body }) => body)).toEqual([
      { places: [PLACE, 'a/0/1'], dryRun: true, waitSeconds: 30 },
    ])
  })
})

describe('drop', () => {
  const purpose = ['--purpose', 'test data']
  test('asks first; where nobody can be asked it says so, and drops nothing', async () => {
    answers = [droppedAnswer({ matched: 2 })]
    const { status, stderr } = await mogo('drop', '--dataset', 'orders', ...purpose)
    expect(status).toBe(2)
    expect(stderr).toContain('Drop 2 record(s) for good?')
    expect(asked.map(({ body }) => body)).toEqual([
      { dataset: 'orders', limit: 500, dryRun: true, purpose: 'test data' },
    ])
  })

  test('does it with --yes', async () => {
    answers = [droppedAnswer({ dropped: 1, records: [{ place: PLACE, dataset: 'orders' }] })]
    const { status, stdout } = await mogo('drop', PLACE, ...purpose, '--yes')
    expect([status, stdout]).toEqual([0, '1 dropped\n'])
    expect(asked.map(({ body }) => body)).toEqual([{ places: [PLACE], dryRun: false, purpose: 'test data' }])
  })

  test('only says what it would do on a dry run', async () => {
    answers = [droppedAnswer({ matched: 3 })]
    const { status, stdout } = await mogo('drop', '--dataset', 'orders', ...purpose, '--dry-run', '--yes')
    expect([status, stdout, asked.length]).toEqual([0, '3 would be dropped\n', 1])
  })
})

describe('resume', () => {
  test.each([
    [true, 'orders goes on.\n'],
    [false, 'orders is not paused.\n'],
  ])('says whether it was paused (%s)', async (resumed, text) => {
    answers = [{ body: { dataset: 'orders', resumed } }]
    const { status, stdout } = await mogo('resume', 'orders')
    expect([status, stdout, asked[0]?.body]).toEqual([0, text, { dataset: 'orders' }])
  })
})

describe('a point in time', () => {
  const NOW = Date.UTC(2026, 4, 1, 12)
  test.each([
    ['30m', '2026-05-01T11:30:00.000Z'],
    ['2h', '2026-05-01T10:00:00.000Z'],
    ['7d', '2026-04-24T12:00:00.000Z'],
    ['45s', '2026-05-01T11:59:15.000Z'],
    ['2026-04-01', '2026-04-01T00:00:00.000Z'],
    ['2026-04-01T10:00:00+02:00', '2026-04-01T08:00:00.000Z'],
  ])('%s is %s', (text, time) => expect(sinceTime(text, NOW)).toBe(time))

  test.each(['', '5', '5w', '-5m', '2026-13-01', 'May 1', '2026'])('%j is none', (text) =>
    expect(() => sinceTime(text, NOW)).toThrow(/is no time/),
  )
})
