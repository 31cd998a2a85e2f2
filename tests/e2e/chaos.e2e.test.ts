/** A short `mogo chaos`: some rounds of faults, nothing lost or doubled, and nothing left behind, also when it is broken off. */
import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { leftovers, processesOf, startMogo } from './mogo-process.ts'

/** Kills, stops and pauses of workers, a third one, a hidden table, a capture cut off, a killed engine. */
const SEED = 9
const ROUNDS = 6

let dir: string
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'mogo-e2e-')))
})
afterEach(() => {
  for (const stateDir of stateDirs()) for (const pid of processesOf(stateDir)) process.kill(pid, 'SIGKILL')
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
})

/** State folders of runs in this test's folder for temporary files. */
const stateDirs = () => readdirSync(dir).map((name) => join(dir, name, '.mogo'))

it('loses and doubles nothing', async () => {
  const args = ['chaos', '--seed', String(SEED), '--rounds', String(ROUNDS), '--every', '3']
  const chaos = startMogo(args, { TMPDIR: dir })
  const code = await chaos.exited
  expect(chaos.output()).toContain(`${ROUNDS} rounds, 0 lost, 0 doubled, invariant true`)
  expect(code).toBe(0)
  expect(readdirSync(dir)).toEqual([])
})

it('puts everything away when it is broken off', async () => {
  const chaos = startMogo(['chaos', '--seed', '9', '--rounds', '9'], { TMPDIR: dir })
  await chaos.says(/worker-2 +ready/)
  await chaos.says(/capture: \d+ changes/)
  const [stateDir = ''] = stateDirs()
  expect(processesOf(stateDir).length).toBeGreaterThan(5)
  chaos.child.kill('SIGTERM')
  expect(await chaos.exited).toBe(130)
  expect(await leftovers(stateDir)).toEqual([])
  expect(readdirSync(dir)).toEqual([])
})
