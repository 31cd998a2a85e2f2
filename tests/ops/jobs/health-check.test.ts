/** The health check: one look moves figures, alerts, and the check of capture. */
import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { PipelineHealth } from '#contracts/events/pipeline-health.ts'
import { createAlertBook } from '#ops/alerts/alert-book.ts'
import { loadAlertRules } from '#ops/alerts/alert-rules.ts'
import type { AlertRow } from '#ops/alerts/alert-statements.ts'
import type { Sample } from '#ops/alerts/health-metrics.ts'
import { createWriteAlerts } from '#ops/alerts/write-alerts.ts'
import type { CaptureLook } from '#ops/jobs/capture-check.ts'
import { healthCheck } from '#ops/jobs/health-check.ts'
import type { NodeResult } from '#ops/jobs/run-node.ts'
import { createLogger } from '#ops/runtime/logger.ts'
import { wellCapture, wellHealth } from '#tests/support/pipeline-health.ts'

const lost = { code: 'MOGO_SLOT_LOST', message: 'm', remedy: 'r', passing: false }
const lostHealth = wellHealth({ capture: wellCapture({ slot: null, faults: [lost], healthy: false }) })
const answer = (health: PipelineHealth): NodeResult => ({
  code: 0,
  stdout: JSON.stringify(health),
  stderr: '',
})

function setUp(others: readonly Sample[] = []) {
  const lines: { level: number; msg: string; code?: string; alert?: string }[] = []
  const written: AlertRow[] = []
  const looks: CaptureLook[] = []
  const seen: (PipelineHealth | null)[] = []
  const firing: number[] = []
  let result: NodeResult = answer(wellHealth())
  let clock = 0
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)))
      done()
    },
  })
  const job = healthCheck({
    cron: '* * * * * *',
    run: async () => result,
    capture: async (look) => {
      looks.push(look)
      return 'ok'
    },
    book: createAlertBook(loadAlertRules()),
    write: async (rows) => void written.push(...rows),
    others: () => others,
    onHealth(health, _samples, alerts) {
      seen.push(health)
      firing.push(alerts)
    },
    logger: createLogger('test', 'info', sink),
    now: () => clock,
  })
  return {
    ...{ lines, written, looks, seen, firing },
    look: async (next: NodeResult, atSeconds = 0) => {
      result = next
      clock = atSeconds * 1000
      return job.run(new AbortController().signal)
    },
  }
}

describe('the health check', () => {
  it('says nothing of a pipeline that is well', async () => {
    const { look, lines, written, looks, seen } = setUp()
    expect(await look(answer(wellHealth()))).toBe('ok')
    expect([lines, written]).toEqual([[], []])
    expect(looks).toEqual([{ status: wellCapture() }])
    expect(seen).toEqual([wellHealth()])
  })

  it('says a lost slot at once, loudly, with the way out, once', async () => {
    const { look, lines, written, firing } = setUp()
    expect(await look(answer(lostHealth))).toBe('attention')
    await look(answer(lostHealth), 15)
    expect(lines).toMatchObject([{ level: 50, code: 'MOGO_ALERT', alert: 'slot_lost' }])
    expect(lines[0]?.msg).toContain('mogo capture apply --resnapshot')
    expect(written.map(({ alert, subject, state, at }) => [alert, subject, state, at])).toEqual([
      ['slot_lost', 'mogo', 'firing', 0],
    ])
    expect(firing).toEqual([1, 1])
  })

  it('says when it is over', async () => {
    const { look, lines, written } = setUp()
    await look(answer(lostHealth))
    await look(answer(wellHealth()), 15)
    expect(await look(answer(wellHealth()), 75)).toBe('ok')
    expect(written.map(({ state }) => state)).toEqual(['firing', 'resolved'])
    expect(lines.at(-1)).toMatchObject({ level: 30, alert: 'slot_lost' })
  })

  it('goes on with what fired before it was started', async () => {
    const { look, written, firing } = setUp()
    const alert = { ...{ alert: 'slot_lost', subject: 'mogo', severity: 'critical' as const }, since: '' }
    const alerts = [{ ...alert, message: 'm', remedy: 'r' }]
    await look(answer({ ...lostHealth, alerts }))
    expect([written, firing]).toEqual([[], [1]])
    await look(answer({ ...wellHealth(), alerts }), 15)
    await look(answer({ ...wellHealth(), alerts }), 75)
    expect(written.map(({ state }) => state)).toEqual(['resolved'])
  })

  it('tells the capture check why capture could not be seen', async () => {
    const { look, looks, seen } = setUp()
    const faults: PipelineHealth['faults'] = [
      { part: 'kafka', code: 'MOGO_KAFKA_UNREACHABLE', message: 'k', remedy: 'r', passing: true },
      { part: 'capture', code: 'MOGO_POSTGRES_UNREACHABLE', message: 'p', remedy: 'r', passing: true },
    ]
    await look(answer(wellHealth({ capture: null, faults })))
    await look({ code: 3, stdout: '', stderr: '{"code":"MOGO_NOT_RUNNING","message":"n","remedy":"r"}' })
    await look({ code: null, stdout: '', stderr: 'Killed' })
    expect(looks).toEqual([
      { code: 'MOGO_POSTGRES_UNREACHABLE', message: 'p', isAway: true },
      { code: 'MOGO_NOT_RUNNING', message: 'n', isAway: true },
      { code: 'MOGO_INTERNAL', message: 'no status', isAway: false },
    ])
    expect(seen.slice(1)).toEqual([null, null])
  })

  it('knows the disk, also while nothing else is known', async () => {
    const { look, written } = setUp([{ metric: 'disk.free', subject: '', value: 1000 }])
    await look({ code: null, stdout: '', stderr: '' })
    expect(written).toMatchObject([{ alert: 'disk_low', value: 1000, severity: 'warning' }])
  })
})

describe('what is written', () => {
  const row = (at: number): AlertRow => ({
    ...{
      at,
      alert: 'lag',
      subject: "o'k",
      state: 'firing',
      severity: 'warning',
      value: at,
      message: 'm',
      remedy: 'r',
    },
  })

  it('waits while ClickHouse is away, and goes with the next', async () => {
    const sent: string[] = []
    let isAway = true
    const query = async (sql: string) => {
      if (isAway) throw new Error('away')
      sent.push(sql)
      return { columns: [], rows: [] }
    }
    const lines: string[] = []
    const sink = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk))
        done()
      },
    })
    const write = createWriteAlerts({ query }, 'governance', createLogger('test', 'info', sink))
    await write([row(1)])
    isAway = false
    await write([row(2)])
    await write([])
    expect(lines).toHaveLength(1)
    expect(sent.map((sql) => sql.split(' ')[0])).toEqual(['CREATE', 'INSERT'])
    expect(sent[1]).toContain("fromUnixTimestamp64Milli(1, 'UTC')")
    expect(sent[1]).toContain("'o\\'k'")
    expect(sent[1]).toContain("fromUnixTimestamp64Milli(2, 'UTC')")
  })
})
