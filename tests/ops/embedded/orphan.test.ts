import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { isMogoError } from '#contracts/errors.ts'
import { findOrphans, STATE_DIR_MARK, stopOrphans } from '#ops/embedded/orphan.ts'
import { identityOf } from '#ops/embedded/process-identity.ts'
import { lockProject } from '#ops/embedded/project-lock.ts'
import { type RunState, writeJson } from '#ops/embedded/state-file.ts'
import { temporaryFolder } from './temporary-folder.ts'

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

const folder = (): string => temporaryFolder('orphan')

async function sleeper(env: Record<string, string> = {}, ignoresTerm = false): Promise<number> {
  const text = ignoresTerm ? "trap '' TERM; echo up; sleep 600 & wait; wait" : 'echo up; exec sleep 600'
  const child = spawn('sh', ['-c', text], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  children.push(child)
  await once(child.stdout!, 'data')
  return child.pid!
}

function writeState(stateDir: string, process: { pid: number; startTicks: string }): void {
  const state: RunState = {
    stateDir,
    supervisor: { pid: 1, startTicks: '0' },
    startedAt: '2026-01-01T00:00:00.000Z',
    processes: [{ name: 'postgres', status: 'ready', since: '', restarts: 0, ports: {}, process }],
  }
  writeJson(join(stateDir, 'run', 'state.json'), state)
}

describe('what an earlier supervisor left', () => {
  it('is found by pid and start time and ended', async () => {
    const stateDir = folder()
    const pid = await sleeper()
    writeState(stateDir, identityOf(pid)!)
    expect(await stopOrphans(stateDir)).toBe(1)
    expect(identityOf(pid)).toBeUndefined()
  })

  it('is not mistaken for another process that has its pid now', async () => {
    const stateDir = folder()
    const pid = await sleeper()
    writeState(stateDir, { pid, startTicks: '1' })
    expect(await stopOrphans(stateDir)).toBe(0)
    expect(identityOf(pid)).toBeDefined()
  })

  it('is found by its environment where state.json does not name it', async () => {
    const [stateDir, other] = [folder(), folder()]
    const pid = await sleeper({ [STATE_DIR_MARK]: stateDir })
    const foreign = await sleeper({ [STATE_DIR_MARK]: other })
    expect(findOrphans(stateDir).map((identity) => identity.pid)).toEqual([pid])
    expect(await stopOrphans(stateDir)).toBe(1)
    expect(identityOf(foreign)).toBeDefined()
  })

  it('is killed if it does not end when asked', async () => {
    const stateDir = folder()
    const pid = await sleeper({ [STATE_DIR_MARK]: stateDir }, true)
    expect(await stopOrphans(stateDir)).toBeGreaterThanOrEqual(1)
    expect(identityOf(pid)).toBeUndefined()
  })

  it('is nothing in a new folder', async () => {
    expect(await stopOrphans(folder())).toBe(0)
  })
})

describe('the lock of a project', () => {
  it('is held by one supervisor, whose pid the other is told', async () => {
    const stateDir = folder()
    const release = await lockProject(stateDir)
    writeJson(join(stateDir, 'run', 'state.json'), { supervisor: { pid: 4711, startTicks: '1' } })
    const error = await lockProject(stateDir).catch((e: unknown) => e)
    expect(isMogoError(error, 'MOGO_ALREADY_RUNNING')).toBe(true)
    expect((error as Error).message).toContain('4711')
    await release()
    await (await lockProject(stateDir))()
  })

  it('is one per folder', async () => {
    const [a, b] = [await lockProject(folder()), await lockProject(folder())]
    await a()
    await b()
  })
})
