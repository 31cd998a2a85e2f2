/** `mogo query` as people and scripts call it: what is asked of the API, what is written where and when, how it ends. */
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { Command, CommanderError } from 'commander'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { addQueryCommands } from '#ops/cli/commands/query.ts'
import { exitCodeOf, sayError } from '#ops/cli/exit-codes.ts'
import { showText } from '#ops/cli/query/pager.ts'
import { prompt } from '#ops/cli/query/prompt.ts'
import { jsonArray } from '#ops/cli/query/query-output.ts'

const dir = mkdtempSync(join(tmpdir(), 'mogo-query-'))

type Asked = { readonly what: string; readonly accept: string; readonly body: Record<string, unknown> }
let asked: Asked[] = []
type Answer = (response: ServerResponse, asked: Asked) => void
let answers: Record<string, Answer> = {}
const QUERY_ID = '5b0d3f0e-3c5e-4d0c-9d65-3a4d3c1f5d11'

const api = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk) => {
    body += String(chunk)
  })
  request.on('end', () => {
    const what = `${request.method} ${request.url}`
    const one = { what, accept: request.headers.accept ?? '', body: body === '' ? {} : JSON.parse(body) }
    asked.push(one)
    response.setHeader('x-mogo-query-id', QUERY_ID)
    const key = Object.keys(answers).find((each) => what.startsWith(each))
    if (key === undefined) response.writeHead(500).end('{}')
    else answers[key]?.(response, one)
  })
})
const document =
  (value: object, status = 200): Answer =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))

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
  answers = {}
})

type Written = { stdout: string; stderr: string }

/** Runs the command in this process, as ops/cli/main.ts does. */
async function mogo(
  args: readonly string[],
  written: Written = { stdout: '', stderr: '' },
): Promise<Written & { readonly status: number }> {
  for (const stream of ['stdout', 'stderr'] as const)
    vi.spyOn(process[stream], 'write').mockImplementation((chunk) => {
      written[stream] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
      return true
    })
  vi.stubEnv('MOGO_TOKEN', 'secret')
  const exitCode = process.exitCode
  process.exitCode = 0
  let status: number
  try {
    const program = new Command('mogo').option('--project <dir>').exitOverride()
    addQueryCommands(program)
    for (const command of program.commands) command.exitOverride()
    await program.parseAsync(['--project', dir, 'query', ...args], { from: 'user' })
    status = Number(process.exitCode)
  } catch (error) {
    if (!(error instanceof CommanderError)) sayError(error)
    status = error instanceof CommanderError ? 2 : exitCodeOf(error)
  } finally {
    process.exitCode = exitCode
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
  }
  return { ...written, status }
}

describe('formats for programs', () => {
  test('are written piece by piece, before the answer has ended', async () => {
    const written = { stdout: '', stderr: '' }
    answers['POST /v1/query'] = (response) => {
      response.writeHead(200, { 'content-type': 'text/csv' })
      response.write('"n"\n1\n')
      void vi
        .waitUntil(() => written.stdout === '"n"\n1\n', { timeout: 5_000, interval: 5 })
        .then(() => response.end('2\n'))
    }
    const { status, stdout } = await mogo(['select n', '--format', 'csv', '--role', 'analyst'], written)
    expect({ status, stdout }).toEqual({ status: 0, stdout: '"n"\n1\n2\n' })
    expect(asked[0]).toMatchObject({ accept: 'text/csv', body: { sql: 'select n', role: 'analyst' } })
    expect(asked[0]?.body['clientQueryId']).toMatch(/^[0-9a-f-]{36}$/)
  })

  test.each([
    ['ndjson', 'application/x-ndjson', '{"n":1}\n{"n":2}\n', '{"n":1}\n{"n":2}\n'],
    ['json', 'application/x-ndjson', '{"n":1}\n{"n":2}\n', '[\n  {"n":1},\n  {"n":2}\n]\n'],
    ['json', 'application/x-ndjson', '', '[]\n'],
    ['csv', 'text/csv', '"n"\n', '"n"\n'],
    ['arrow', 'application/vnd.apache.arrow.stream', 'bytes', 'bytes'],
    ['parquet', 'application/vnd.apache.parquet', 'PAR1', 'PAR1'],
  ])('%s is asked for as %s', async (format, accept, sent, stdout) => {
    answers['POST /v1/query'] = (response) => void response.end(sent)
    expect(await mogo(['select 1', '--format', format])).toMatchObject({ status: 0, stdout })
    expect(asked[0]?.accept).toBe(accept)
  })

  test('JSON is one array, however the lines are cut', async () => {
    const text = [...Array(50).keys()].map((n) => `${JSON.stringify({ n, s: 'ü\n' })}\n`).join('')
    for (const size of [1, 7, 64, 10_000]) {
      const bytes = Buffer.from(text)
      const parts = async function* () {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
      }
      let out = ''
      for await (const piece of jsonArray(parts())) out += piece
      expect(JSON.parse(out)).toEqual([...Array(50).keys()].map((n) => ({ n, s: 'ü\n' })))
    }
  })

  test('a file is there when it is whole, and for its owner alone', async () => {
    const path = join(dir, 'whole.csv')
    answers['POST /v1/query'] = (response) => void response.end('"n"\n1\n')
    expect(await mogo(['select n', '--format', 'csv', '--output', path])).toMatchObject({
      status: 0,
      stdout: '',
    })
    expect(readFileSync(path, 'utf8')).toBe('"n"\n1\n')
    expect(readdirSync(dir).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  test('an answer that was cut off leaves no file, and ends with 3', async () => {
    const path = join(dir, 'cut.csv')
    answers['POST /v1/query'] = (response) => {
      response.write('"n"\n1\n')
      setTimeout(() => response.destroy(), 20)
    }
    const { status, stderr } = await mogo(['select n', '--format', 'csv', '--output', path])
    expect(status).toBe(3)
    expect(stderr).toContain('MOGO_ANSWER_CUT')
    expect(existsSync(path) || existsSync(`${path}.part`)).toBe(false)
  })

  test('a file that cannot be written is said', async () => {
    answers['POST /v1/query'] = (response) => void response.end('x')
    const { status, stderr } = await mogo(['select n', '--format', 'csv', '--output', join(dir, 'no', 'x')])
    expect(status).toBe(2)
    expect(stderr).toContain('cannot be written (ENOENT)')
  })
})

describe('a table', () => {
  const rows = (truncated: boolean) =>
    document({
      columns: [{ name: 'n' }, { name: 'n' }],
      rows: [
        ['1', null],
        ['22', ['x']],
      ],
      truncated,
    })

  test('has every column, ends at a limit, and says so', async () => {
    answers['POST /v1/query'] = (response, one) => {
      response.setHeader('x-mogo-truncated', 'true')
      rows(true)(response, one)
    }
    const { status, stdout, stderr } = await mogo(['select n'])
    expect(status).toBe(0)
    expect(stdout).toBe('n   n\n\n1\n22  ["x"]\n'.replace('\n\n', '\n'))
    expect(asked[0]?.body).toMatchObject({ limit: { rows: 10_000 } })
    expect(stderr).toContain(`2 row(s), query ${QUERY_ID}`)
    expect(stderr).toContain('cut at 10000 rows')
  })

  test('of a long answer is asked afterwards whether it was cut', async () => {
    answers['POST /v1/query'] = rows(false)
    answers['GET /v1/queries/'] = document({ truncated: false })
    const { stderr } = await mogo(['select n', '--limit', '5'])
    expect(asked.map(({ what }) => what)).toEqual([
      'POST /v1/query',
      `GET /v1/queries/${asked[0]?.body['clientQueryId']}`,
    ])
    expect(stderr).not.toContain('cut at')
  })
})

test('a refusal says what is wrong and what to do', async () => {
  answers['POST /v1/query'] = document({ code: 'MOGO_QUERY_COLUMN', detail: 'No x.', remedy: 'Take y.' }, 403)
  const { status, stdout, stderr } = await mogo(['select x', '--format', 'csv'])
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  expect(stderr).toContain('MOGO_QUERY_COLUMN: No x.')
  expect(stderr).toContain('Take y.')
})

test('purpose, time and dry run are handed on; a plan is said in words', async () => {
  const estimate = { rows: 50, isExact: false, bytes: 900 }
  const dataset = {
    ...{ name: 'orders', version: '1.0.0', columns: ['id', 'mail_token'], rows: 'rows of yours', estimate },
    masked: ['mail_token (hmac(mail))'],
  }
  answers['POST /v1/query'] = document({ role: 'analyst', datasets: [dataset], estimate })
  const { stdout } = await mogo(['select 1', '--dry-run', '--purpose', 'case 7', '--timeout', '2.5'])
  expect(asked[0]?.body).toMatchObject({ dryRun: true, purpose: 'case 7', timeoutSeconds: 2.5 })
  expect(stdout).toBe(
    [
      'As analyst this would read at least 50 rows, about 900 bytes, before any WHERE:',
      'orders 1.0.0: id, mail_token',
      '  rows of yours; at least 50 rows, about 900 bytes',
      '  masked: mail_token (hmac(mail))',
      '',
    ].join('\n'),
  )
})

describe('commands', () => {
  test('\\d lists the datasets, \\d NAME describes one', async () => {
    const orders = { name: 'orders', description: 'Orders.', domain: 'sales', version: '1.0.0' }
    answers['GET /v1/datasets/'] = document({
      ...{ ...orders, rows: 'every row', masked: ['mail → mail_token'] },
      columns: [{ name: 'id', type: 'Int64', description: 'Key.', masking: null }],
      freshness: { lastCommittedAt: null },
    })
    answers['GET /v1/datasets'] = document({ datasets: [orders] })
    expect((await mogo(['\\d'])).stdout).toContain('orders  sales')
    const { stdout } = await mogo(['\\d orders;'])
    expect(stdout).toContain('orders 1.0.0: Orders.\nYou see every row; newest commit: none.\nMasked: mail')
    expect(stdout).toContain('Int64')
    expect(asked.map(({ what }) => what)).toEqual(['GET /v1/datasets', 'GET /v1/datasets/orders'])
  })

  test('another one is wrong usage', async () => {
    const { status, stderr } = await mogo(['\\x'])
    expect(status).toBe(2)
    expect(stderr).toContain('There is no \\x')
  })
})

test('Ctrl-C cancels the query at the API, and ends with 130', async () => {
  let running: ServerResponse | undefined
  answers['POST /v1/query'] = (response) => {
    running = response
    response.write('"n"\n1\n')
    setTimeout(() => process.emit('SIGINT'), 20)
  }
  answers['DELETE /v1/queries/'] = (response, one) => {
    document({ state: 'cancelled' })(response, one)
  }
  const { status, stderr } = await mogo(['select n', '--format', 'csv'])
  expect(status).toBe(130)
  expect(stderr).toBe('cancelled\n')
  expect(asked[1]?.what).toBe(`DELETE /v1/queries/${asked[0]?.body['clientQueryId']}`)
  await expect.poll(() => running?.destroyed).toBe(true)
})

describe('the prompt', () => {
  const start = (run: (text: string) => Promise<void>, cancel = () => false) => {
    const input = new PassThrough()
    const output = new PassThrough()
    let text = ''
    output.on('data', (chunk) => {
      text += String(chunk)
    })
    const left = prompt({ input, output, terminal: false, run, cancel })
    return { input, left, text: () => text }
  }

  test('runs what ends with a semicolon, over lines, and commands at once; \\q leaves', async () => {
    const ran: string[] = []
    const { input, left, text } = start(async (each) => void ran.push(each))
    input.write("select 'a;b'\n\nfrom orders;\n\n\\d orders\n\\d\n\\q\nselect never;\n")
    await left
    expect(ran).toEqual(["select 'a;b'\n\nfrom orders;", '\\d orders', '\\d'])
    expect(text()).toContain('mogo> ')
    expect(text()).toContain('   -> ')
  })

  test('goes on after a fault, and ends with its input', async () => {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const ran: string[] = []
    const { input, left } = start(async (each) => {
      ran.push(each)
      if (ran.length === 1) throw new Error('no')
    })
    input.end('select 1;\nselect 2;\n')
    await left
    said.mockRestore()
    expect(ran).toEqual(['select 1;', 'select 2;'])
  })
})

describe('the pager', () => {
  const screen = (isTTY: boolean, rows: number) => {
    const out = Object.assign(new PassThrough(), { isTTY, rows })
    let text = ''
    out.on('data', (chunk) => {
      text += String(chunk)
    })
    return { out: out as unknown as NodeJS.WriteStream, text: () => text }
  }
  const long = 'line\n'.repeat(50)

  test.each([
    ['no terminal looks', screen(false, 10), 'exit 1'],
    ['the text fits', screen(true, 100), 'exit 1'],
    ['there shall be none', screen(true, 10), ''],
    ['it is not there', screen(true, 10), 'no-such-pager-of-mogo'],
  ])('is left out if %s', async (_why, { out, text }, pager) => {
    await showText(long, { out, pager: pager === 'exit 1' ? 'exit 1' : pager })
    expect(text()).toBe(long)
  })

  test('gets the text, and may leave before its end', async () => {
    const path = join(dir, 'paged')
    const { out, text } = screen(true, 10)
    await showText(long, { out, pager: `cat > '${path}'` })
    expect(readFileSync(path, 'utf8')).toBe(long)
    await showText('x\n'.repeat(1_000_000), { out, pager: 'true' })
    expect(text()).toBe('')
  })
})
