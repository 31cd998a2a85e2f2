/** Ctrl-C at any moment leaves no process and no port behind: at every stage of a start, and while live traffic runs. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { listeningSockets } from './listening-sockets.ts'
import { leftovers, processesOf, startMogo } from './mogo-process.ts'

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'mogo-interrupt-')))
const stateDir = join(dir, '.mogo')

/** What has been said when the interrupt comes. */
const MOMENTS: readonly (readonly [string, RegExp])[] = [
  ['at the very start', /Mogothrow77/],
  ['while the data folders are made', /clickhouse +ready|postgres +ready/],
  ['while Connect starts', /kafka +ready/],
  ['while the source is seeded', /seed: customers/],
  ['while capture is set up', /capture: publication, slot/],
  ['while live traffic runs', /live traffic/],
]

afterAll(async () => {
  for (const pid of processesOf(stateDir)) process.kill(pid, 'SIGKILL')
  await leftovers(stateDir)
  rmSync(dir, { recursive: true, force: true })
})

describe('an interrupt', () => {
  it.each(MOMENTS)('%s stops everything', async (_moment, marker) => {
    const demo = startMogo(['demo', '--in', dir, '--tenants', '2', '--customers', '20', '--seconds', '5'])
    await demo.says(marker)
    const pids = processesOf(stateDir)
    const sockets = listeningSockets(pids)
    demo.child.kill('SIGINT')
    expect(await demo.exited).toBe(130)
    expect(await leftovers(stateDir)).toEqual([])
    expect(listeningSockets().filter((socket) => sockets.includes(socket))).toEqual([])
  })
})
