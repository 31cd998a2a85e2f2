/**
 * Schemathesis (a tool of PyPI, for Python) on the OpenAPI document of a running application: all its checks, valid and invalid requests of
 * every operation. It is skipped where the tool is not installed. In short, or as long as one likes:
 *
 *     python3 -m venv /tmp/schemathesis && /tmp/schemathesis/bin/pip install schemathesis
 *     MOGO_SCHEMATHESIS=/tmp/schemathesis/bin/schemathesis MOGO_SCHEMATHESIS_EXAMPLES=400 ./mogo test tests/query-api/schemathesis
 *
 * Lineage is answered by the real service on records in memory. The quarantine routes need a worker: against a project that runs, with
 * `mogo up`, the same is `schemathesis --config-file tests/query-api/schemathesis/schemathesis.toml run URL/openapi.json`.
 */
import { spawn } from 'node:child_process'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SHOP_PEOPLE, shopContracts, withEnum } from './support/shop.ts'
import { fillShop } from './support/shop-rows.ts'
import { SOUTH_MARKER, startTenants, type Tenants } from './support/tenants.ts'

/** The tool, if it is there. */
function findTool(): string | undefined {
  const named = process.env['MOGO_SCHEMATHESIS']
  const candidates = [
    ...(named === undefined ? [] : [named]),
    ...(process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'schemathesis')),
  ]
  return candidates.find((file) => {
    try {
      accessSync(file, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

const TOOL = findTool()
const EXAMPLES = process.env['MOGO_SCHEMATHESIS_EXAMPLES'] ?? '20'
const SEED = process.env['MOGO_SCHEMATHESIS_SEED'] ?? '1'
const CONFIG = fileURLToPath(new URL('schemathesis/schemathesis.toml', import.meta.url))

describe.skipIf(TOOL === undefined)('schemathesis', () => {
  let tenants: Tenants
  const folder = mkdtempSync(join(tmpdir(), 'mogo-schemathesis-'))

  beforeAll(async () => {
    tenants = await startTenants({
      ...{ contracts: shopContracts, adapt: withEnum, people: SHOP_PEOPLE, fill: fillShop(1_000) },
    })
  })
  afterAll(async () => {
    await tenants?.dispose()
    rmSync(folder, { recursive: true, force: true })
  })

  test('finds no fault of ours, and no answer that the document does not describe', async () => {
    const args = [
      ...['--config-file', CONFIG, '--no-color', 'run', `${tenants.url}/openapi.json`],
      ...['--header', `Authorization: Bearer ${await tenants.token('nora')}`],
      // One worker: Python 3.11 cannot parse in two threads at once.
      ...['--checks', 'all', '--mode', 'all', '--max-examples', EXAMPLES, '--seed', SEED],
      // The worker is not part of this; see the header. OpenAPI 3.1 has a stream of events as one text, which the tool does not take.
      ...[
        '--exclude-path-regex',
        '^/v1/(quarantine|lineage)|/events$',
        '--request-timeout',
        '30',
        '--no-shrink',
      ],
      ...['--suppress-health-check', 'all', '--warnings', 'off'],
    ]
    const before = tenants.logLines.length
    const { code, output } = await run(TOOL ?? '', args)
    const requests = tenants.logLines.slice(before).filter((line) => line.includes('"msg":"request"'))
    const statuses = requests.map((line) => (JSON.parse(line) as { status: number }).status)
    expect(code, output.slice(-6_000)).toBe(0)
    expect(statuses.filter((status) => status >= 500)).toEqual([])
    expect(requests.length).toBeGreaterThan(Number(EXAMPLES) * 5)
    expect(tenants.logLines.join()).not.toContain(SOUTH_MARKER)
    process.stdout.write(`schemathesis: ${requests.length} requests\n`)
  }, 900_000)

  function run(tool: string, args: readonly string[]): Promise<{ code: number | null; output: string }> {
    const child = spawn(tool, args, {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, COLUMNS: '200' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (part) => {
        output += String(part)
      })
    return new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code) => resolve({ code, output }))
    })
  }
})
