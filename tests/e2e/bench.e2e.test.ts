/** `mogo bench pipeline` as a developer starts it, small: all its keys, rows that are right, and nothing left behind. */
import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { allPids, hasEnvironment } from '#ops/embedded/process-identity.ts'
import { startMogo } from './mogo-process.ts'

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'mogo-b-')))
const processes = () => allPids().filter((pid) => hasEnvironment(pid, 'TMPDIR', dir))

afterAll(async () => {
  for (const pid of processes()) process.kill(pid, 'SIGKILL')
  while (processes().length > 0) await new Promise((resolve) => setTimeout(resolve, 50))
  rmSync(dir, { recursive: true, force: true })
})

const SMALL = ['--rows', '2000', '--runs', '1', '--w3-rows', '2000', '--w2-seconds', '1']

describe('the benchmark', () => {
  it('measures three workloads in a project of its own, and removes it', async () => {
    const bench = startMogo(['bench', 'pipeline', ...SMALL, '--json'], { TMPDIR: dir })
    expect(await bench.exited).toBe(0)
    // Progress comes before, on standard error.
    const text = bench.output()
    const figures = JSON.parse(text.slice(text.indexOf('\n{\n'), text.lastIndexOf('\n}\n') + 2))
    expect(figures).toMatchObject({
      machine: { cores: expect.any(Number) },
      w1: {
        rows: 2000,
        ...positive('rows_per_s', 'rows_per_cpu_s', 'rss_mb', 'peer_ratio', 'cpu_s_total'),
        validation_pct: expect.any(Number),
        steps: positive('fetch', 'transcode', 'tokens', 'insert'),
        workers2: positive('rows_per_s'),
      },
      w2_500: { ...positive('p50_ms', 'p95_ms', 'p99_ms', 'probes'), lost: 0 },
      w2_2500: { ...positive('p50_ms', 'p95_ms', 'p99_ms', 'probes'), lost: 0 },
      w2_silence: positive('p50_ms'),
      w3: { rows: 2000, ...positive('seconds') },
    })
    expect(readdirSync(dir).filter((name) => name.startsWith('mogo-bench'))).toEqual([])
    expect(processes()).toEqual([])
  })

  it('leaves nothing when it is interrupted in the middle of a run', async () => {
    const bench = startMogo(['bench', 'pipeline', '--only', 'w1', '--rows', '200000'], { TMPDIR: dir })
    await bench.says(/W1: run 1/)
    bench.child.kill('SIGINT')
    expect(await bench.exited).toBe(130)
    expect(readdirSync(dir).filter((name) => name.startsWith('mogo-bench'))).toEqual([])
    expect(processes()).toEqual([])
  })
})

/** These keys, each with a number above 0. */
function positive(...keys: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(keys.map((key) => [key, expect.toSatisfy((value) => Number(value) > 0)]))
}
