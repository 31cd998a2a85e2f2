/**
 * The demo as its users start it: one start, many looks. It leaves with 0 only if what it prints holds, so the report itself
 * is not read again here; what is looked at is what a report cannot show.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openClickHouse } from '#ops/cli/clickhouse-session.ts'
import { stackStatus } from '#ops/cli/control-client.ts'
import { personalValues } from '#ops/demo/personal-values.ts'
import { loadProject } from '#ops/runtime/load-config.ts'
import { resolveSettings } from '#ops/runtime/settings.ts'
import { leaksInFiles, leaksInTables } from './leaks.ts'
import { leftovers, type MogoProcess, processesOf, runMogo, startMogo } from './mogo-process.ts'
import { walkOf } from './query-walk.ts'

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'mogo-demo-')))
const stateDir = join(dir, '.mogo')
const DEMO = ['demo', '--in', dir, '--tenants', '6', '--customers', '300', '--seconds', '5']
let demo: MogoProcess

beforeAll(async () => {
  demo = startMogo([...DEMO, '--keep'])
  await demo.says(/Live traffic goes on/)
})

afterAll(async () => {
  demo.child.kill('SIGKILL')
  for (const pid of processesOf(stateDir)) process.kill(pid, 'SIGKILL')
  await leftovers(stateDir)
  rmSync(dir, { recursive: true, force: true })
})

describe('mogo demo', () => {
  it('holds everything that it reports', () => {
    expect(demo.output()).toContain('✓ source = destination')
    expect(demo.output()).not.toContain('✗')
  })

  it('leaves no e-mail address, phone number, name, street or account number in ClickHouse, the quarantine or any log', async () => {
    const settings = resolveSettings(loadProject(dir))
    const values = await personalValues(settings.postgres('superuser'), 200)
    const all = [
      ...values.emails,
      ...values.phones,
      ...values.fullNames,
      ...values.streets,
      ...values.accountNumbers,
      // As they are before they become tokens: normalized.
      ...values.emails.map((email) => email.toLowerCase().trim()),
      ...values.fullNames.map((name) => name.toLowerCase()),
      ...values.phones.map((phone) => `+${phone.replaceAll(/\D/g, '')}`).filter((phone) => phone.length > 8),
    ]
    expect(all.length).toBeGreaterThan(500)
    const clickhouse = openClickHouse(settings.clickhouse('admin'), 'default')
    try {
      expect(await leaksInTables(clickhouse, all)).toEqual([])
    } finally {
      await clickhouse.close()
    }
    expect(await leaksInFiles(join(stateDir, 'data', 'clickhouse'), all)).toEqual([])
    expect(await leaksInFiles(join(stateDir, 'logs'), all)).toEqual([])
    // Kafka keeps personal data in raw topics alone; what bad records and accesses leave there is sealed, or has none.
    const kafka = join(stateDir, 'data', 'kafka')
    const kept = (await readdir(kafka, { recursive: true })).filter((path) =>
      /(^|\/)mogo\.(quarantine|governance)-\d+$/.test(path),
    )
    expect(kept).toHaveLength(2)
    for (const folder of kept) expect(await leaksInFiles(join(kafka, folder), all)).toEqual([])
    // The search itself can find: the source has them all.
    expect((await leaksInFiles(join(stateDir, 'data', 'postgres'), all)).length).toBeGreaterThan(0)
  })

  it('answers status, doctor, datasets, query and lineage from the command line', async () => {
    const project = ['--project', dir]
    const status = await runMogo([...project, 'status', '--format', 'json'])
    expect(status.code).toBe(0)
    const names = (JSON.parse(status.output) as { name: string; status: string }[])
      .filter(({ status: state }) => state === 'ready')
      .map(({ name }) => name)
    expect(names.sort()).toEqual([
      'clickhouse',
      'connect',
      'identity',
      'kafka',
      'lineage',
      'ops',
      'postgres',
      'query-api',
      'worker',
    ])
    const doctor = await runMogo([...project, 'doctor'])
    expect(doctor.output).toMatch(/0 fault\(s\)/)
    const datasets = await runMogo([...project, 'datasets', '--format', 'json'])
    expect((JSON.parse(datasets.output) as { name: string }[]).map(({ name }) => name)).toEqual([
      'customers',
      'order_items',
      'orders',
      'payments',
      'products',
      'support_tickets',
      'tenants',
    ])
    const query = await runMogo([
      ...project,
      'query',
      'select distinct tenant_id from orders',
      '--as',
      'ben',
      '--format',
      'csv',
    ])
    expect(query.output).toContain('globex')
    expect(query.output).not.toContain('acme')
    const refused = await runMogo([...project, 'query', 'select email from customers'])
    expect(refused.code).toBe(1)
    expect(refused.output).toContain('email_token')
    const lineage = await runMogo([...project, 'lineage', 'show', 'customers.email_token', '--as', 'dora'])
    expect(lineage.output).toContain('hmac(email)')
    expect(lineage.output).toContain('public.customers')
  })

  it.skipIf(spawnSync('curl', ['--version']).error)(
    'lets an analyst walk as query-api/README.md is typed',
    async () => {
      const walk = await walkOf(dir, join(stateDir, 'secrets', 'identity.ana'))
      expect(walk.code, walk.output.slice(-3000)).toBe(0)
      const said = (text: string) => expect(walk.output).toContain(text)
      said('Logged in as ana (tenant acme')
      said('support_tickets')
      said('customer_id')
      said('revenue')
      const pages = ['first.json', 'second.json'].map((file) =>
        JSON.parse(readFileSync(join(dir, file), 'utf8')),
      )
      const totals = pages.flatMap(({ rows }) => rows.map(([, total]: [string, string]) => Number(total)))
      expect(totals).toHaveLength(6)
      expect(totals).toEqual(totals.toSorted((a, b) => b - a))
      expect(tableFromIPC(readFileSync(join(dir, 'orders.arrow'))).numRows).toBeGreaterThan(100)
      expect(readFileSync(join(dir, 'orders.parquet')).subarray(-4).toString()).toBe('PAR1')
      // Each refusal says what is wrong, and what to do.
      expect(walk.output.match(/refused with 1/g)).toHaveLength(4)
      expect(walk.output.match(/what to do:/g)).toHaveLength(4)
      said('email_token')
      expect(walk.output).not.toContain('identity.ana')
      said('Logged out.')
    },
  )

  it('starts a worker anew that was killed with -9, while live traffic goes on', async () => {
    const worker = stackStatus(stateDir)?.processes.find(({ name }) => name === 'worker')
    process.kill(worker?.process?.pid ?? 0, 'SIGKILL')
    await restarted('worker', worker?.process?.pid ?? 0)
  })

  it('leaves no process behind after Ctrl-C', async () => {
    demo.child.kill('SIGINT')
    await demo.exited
    expect(await leftovers(stateDir)).toEqual([])
  })

  it('has lost and doubled nothing, neither by the kill nor by the stop, nor by a kill -9 of all its processes in live traffic', async () => {
    const second = startMogo([...DEMO, '--keep'])
    await second.says(/live traffic/)
    for (const pid of processesOf(stateDir)) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // ended by itself meanwhile
      }
    }
    second.child.kill('SIGKILL')
    await second.exited
    const up = await runMogo(['--project', dir, 'up', '--detach'])
    expect(up.code, up.output).toBe(0)
    const verify = await runMogo(['--project', dir, 'verify', '--wait', '60', '--format', 'json'])
    const rows = JSON.parse(verify.output) as { dataset: string; different: number }[]
    expect(rows.filter(({ different }) => different > 0)).toEqual([])
    expect(rows.length).toBe(7)
    expect((await runMogo(['--project', dir, 'down'])).code).toBe(0)
    expect(await leftovers(stateDir)).toEqual([])
  })
})

/** Resolves when the supervisor has started a process anew. */
async function restarted(name: string, oldPid: number): Promise<void> {
  for (;;) {
    const found = stackStatus(stateDir)?.processes.find((candidate) => candidate.name === name)
    if (found?.status === 'ready' && found.process?.pid !== oldPid) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
