import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { isMogoError } from '#contracts/errors.ts'
import { identityOf } from '#ops/embedded/process-identity.ts'
import type { ServerDefinition, SupervisorEvent } from '#ops/embedded/server.ts'
import type { RunState } from '#ops/embedded/state-file.ts'
import { backoffMs } from '#ops/embedded/supervised-process.ts'
import { Supervisor } from '#ops/embedded/supervisor.ts'
import { temporaryFolder } from './temporary-folder.ts'

const running: Supervisor[] = []
afterEach(() => Promise.all(running.splice(0).map((supervisor) => supervisor.stop())))

/** A supervisor of shell scripts, and what it tells. */
function supervise() {
  const stateDir = temporaryFolder('supervisor')
  const events: SupervisorEvent[] = []
  const waiting: {
    matches: (event: SupervisorEvent) => boolean
    resolve: (event: SupervisorEvent) => void
  }[] = []
  const supervisor = new Supervisor({
    stateDir,
    isolation: { root: false, deathSignal: false, userNamespace: false },
    baseEnvironment: { PATH: process.env['PATH'] ?? '' },
    onEvent: (event) => {
      events.push(event)
      for (const waiter of waiting.filter(({ matches }) => matches(event))) waiter.resolve(event)
    },
  })
  running.push(supervisor)
  return {
    supervisor,
    stateDir,
    events,
    /** States in their order, each once however often it was told. */
    seen: () =>
      events.map((event) => `${event.server} ${event.status}`).filter((text, i, all) => text !== all[i - 1]),
    state: (): RunState => JSON.parse(readFileSync(join(stateDir, 'run', 'state.json'), 'utf8')) as RunState,
    next: (matches: (event: SupervisorEvent) => boolean): Promise<SupervisorEvent> =>
      new Promise((resolve) => waiting.push({ matches, resolve })),
  }
}

function script(name: string, text: string, more: Partial<ServerDefinition> = {}): ServerDefinition {
  return {
    name,
    dependsOn: [],
    ports: {},
    command: () => ({ command: 'sh', args: ['-c', text] }),
    probe: async () => true,
    stopSignal: 'SIGTERM',
    startTimeoutSeconds: 5,
    stopTimeoutSeconds: 5,
    ...more,
  }
}

const forever = 'exec sleep 600'
const pidOf = (state: RunState, name: string): number =>
  state.processes.find((process) => process.name === name)?.process?.pid ?? -1

describe('the supervisor', () => {
  it('starts what others depend on first, and stops it last', async () => {
    const { supervisor, seen } = supervise()
    await supervisor.start([script('connect', forever, { dependsOn: ['kafka'] }), script('kafka', forever)])
    await supervisor.stop()
    expect(seen()).toEqual([
      'kafka starting',
      'kafka ready',
      'connect starting',
      'connect ready',
      'connect stopping',
      'connect stopped',
      'kafka stopping',
      'kafka stopped',
    ])
  })

  it('calls a process ready only after its probe and what follows it', async () => {
    const { supervisor, events } = supervise()
    let probes = 0
    let prepared = 0
    await supervisor.start([
      script('postgres', forever, {
        probe: async () => ++probes === 3,
        afterReady: async () => {
          prepared = probes
        },
      }),
    ])
    expect(prepared).toBe(3)
    expect(events.at(-1)).toMatchObject({ server: 'postgres', status: 'ready', restarts: 0 })
  })

  it('writes down every process with its pid, so that the next run can find what is left', async () => {
    const { supervisor, state } = supervise()
    await supervisor.start([script('postgres', forever)])
    const record = state().processes[0]
    expect(record).toMatchObject({ name: 'postgres', status: 'ready', restarts: 0 })
    expect(record?.process).toEqual(identityOf(pidOf(state(), 'postgres')))
    expect(state().supervisor.pid).toBe(process.pid)
    await supervisor.stop()
    expect(state().processes[0]).not.toHaveProperty('process')
  })

  it('stops everything when one start fails, and says why', async () => {
    const { supervisor, state } = supervise()
    const error = await supervisor
      .start([
        script('clickhouse', forever),
        script('kafka', 'echo "No space left on device"; exit 7', {
          probe: async () => false,
          explainFailure: (tail) => (tail.includes('No space left') ? 'the disk is full' : undefined),
        }),
        script('connect', forever, { dependsOn: ['kafka'] }),
      ])
      .catch((e: unknown) => e)
    expect(isMogoError(error, 'MOGO_SERVER_START_FAILED')).toBe(true)
    expect((error as Error).message).toBe('kafka could not be started: the disk is full (exit code 7).')
    expect(state().processes).toEqual([])
  })

  it('gives up a start that takes too long', async () => {
    const { supervisor } = supervise()
    const slow = script('kafka', forever, { probe: async () => false, startTimeoutSeconds: 0.2 })
    const error = await supervisor.start([slow]).catch((e: unknown) => e)
    expect((error as Error).message).toBe('kafka could not be started: no answer within 0.2 s.')
  })

  it('says that a program does not exist', async () => {
    const { supervisor } = supervise()
    const missing = script('kafka', '', {
      command: () => ({ command: '/no/such/program', args: [] }),
      probe: async () => false,
    })
    const error = await supervisor.start([missing]).catch((e: unknown) => e)
    expect((error as Error).message).toBe('kafka could not be started: exit code 127.')
  })

  it('refuses to start where a port is taken', async () => {
    const { supervisor } = supervise()
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const error = await supervisor
      .start([script('postgres', forever, { ports: { port } })])
      .catch((e: unknown) => e)
    await new Promise((resolve) => other.close(resolve))
    expect(isMogoError(error, 'MOGO_PORT_TAKEN')).toBe(true)
    expect((error as Error).message).toContain(`Port ${port} for postgres`)
  })

  it('notices a crash, says it, and starts the process again', async () => {
    const { supervisor, state, next, seen } = supervise()
    await supervisor.start([script('postgres', forever)])
    const first = pidOf(state(), 'postgres')
    const crashed = next((event) => event.status === 'crashed')
    const again = next((event) => event.status === 'ready')
    process.kill(first, 'SIGKILL')
    expect(await crashed).toMatchObject({ server: 'postgres', detail: 'signal SIGKILL' })
    expect(await again).toMatchObject({ restarts: 1 })
    expect(pidOf(state(), 'postgres')).not.toBe(first)
    expect(seen().slice(-3)).toEqual(['postgres crashed', 'postgres restarting', 'postgres ready'])
  })

  it('ends what a crashed process leaves in its group', async () => {
    const { supervisor, stateDir, state, next } = supervise()
    await supervisor.start([
      script('postgres', `sleep 600 & echo $! > ${stateDir}/child; wait`, {
        probe: async () => readFileSync(join(stateDir, 'child'), 'utf8').trim() !== '',
      }),
    ])
    const child = identityOf(Number(readFileSync(join(stateDir, 'child'), 'utf8')))
    const crashed = next((event) => event.status === 'restarting')
    process.kill(pidOf(state(), 'postgres'), 'SIGKILL')
    await crashed
    expect(child).toBeDefined()
    expect(identityOf(child!.pid)?.startTicks).not.toBe(child!.startTicks)
  })

  it('kills a process that does not stop when asked', async () => {
    const { supervisor, state } = supervise()
    await supervisor.start([
      script('kafka', "trap '' TERM; sleep 600 & wait; wait", { stopTimeoutSeconds: 0.2 }),
    ])
    const pid = pidOf(state(), 'kafka')
    await supervisor.stop()
    expect(identityOf(pid)).toBeUndefined()
  })

  it('can be stopped in the middle of a start, and leaves nothing', async () => {
    const { supervisor, state, next } = supervise()
    const launched = next((event) => event.pid !== undefined)
    const starting = supervisor
      .start([script('kafka', forever, { probe: async () => false })])
      .catch((e: unknown) => e)
    const { pid } = await launched
    await supervisor.stop()
    expect(await starting).toBeInstanceOf(Error)
    expect(identityOf(pid!)).toBeUndefined()
    expect(state().processes).toEqual([])
  })

  it('can be stopped in the middle of a preparation, and ends its helper', async () => {
    const { supervisor, state } = supervise()
    const preparing = Promise.withResolvers<void>()
    const definition = script('postgres', forever, {
      prepare: (run) => {
        const done = run('postgres', { command: 'sleep', args: ['600'] }, 600)
        preparing.resolve()
        return done
      },
    })
    const starting = supervisor.start([definition]).catch((e: unknown) => e)
    await preparing.promise
    const helper = state().processes.find((process) => process.name === 'postgres-prepare')?.process
    expect(helper).toBeDefined()
    await supervisor.stop()
    expect(await starting).toBeInstanceOf(Error)
    expect(identityOf(helper!.pid)).toBeUndefined()
  })

  it('restarts one process on wish and leaves the others alone', async () => {
    const { supervisor, state } = supervise()
    await supervisor.start([script('a', forever), script('b', forever)])
    const before = state()
    await supervisor.restart('a')
    expect(pidOf(state(), 'a')).not.toBe(pidOf(before, 'a'))
    expect(pidOf(state(), 'b')).toBe(pidOf(before, 'b'))
    const error = await supervisor.restart('c').catch((e: unknown) => e)
    expect((error as Error).message).toBe('There is no process c.')
  })

  it('goes on trying when a restart on wish fails', async () => {
    const { supervisor, next } = supervise()
    let healthy = true
    await supervisor.start([script('a', forever, { probe: async () => healthy, startTimeoutSeconds: 0.2 })])
    healthy = false
    const again = next((event) => event.status === 'ready')
    await expect(supervisor.restart('a')).rejects.toThrow('no answer within')
    healthy = true
    expect((await again).restarts).toBeGreaterThan(1)
  })

  it('adds processes to running ones; a failed addition stops nothing else', async () => {
    const { supervisor, state } = supervise()
    await supervisor.start([script('kafka', forever)])
    await expect(
      supervisor.start([script('worker', 'exit 1', { dependsOn: ['kafka'], probe: async () => false })]),
    ).rejects.toThrow('worker could not be started: exit code 1.')
    expect(state().processes.map(({ name, status }) => `${name} ${status}`)).toEqual(['kafka ready'])
  })

  it('waits longer after each crash in a row, up to half a minute', () => {
    expect([0, 1, 2, 3, 6, 100].map(backoffMs)).toEqual([500, 1000, 2000, 4000, 30_000, 30_000])
  })
})
