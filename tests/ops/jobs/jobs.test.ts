import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { diskLevel, diskWatch } from '#ops/jobs/disk-watch.ts'
import type { Job } from '#ops/jobs/job.ts'
import { logRotation } from '#ops/jobs/log-rotation.ts'
import { createRunNode } from '#ops/jobs/run-node.ts'
import { createScheduler } from '#ops/jobs/scheduler.ts'
import { createLogger } from '#ops/runtime/logger.ts'

const silent = pino({ level: 'silent' })
const folders: string[] = []
const folder = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'mogo-jobs-'))
  folders.push(dir)
  return dir
}
afterEach(() => {
  for (const dir of folders.splice(0)) rmSync(dir, { recursive: true, force: true })
})

describe('the disk watch', () => {
  const MB = 1024 * 1024
  it.each([
    [3000, 'plenty', 'plenty'],
    [2047, 'plenty', 'low'],
    [499, 'low', 'full'],
    [510, 'full', 'full'],
    [600, 'full', 'low'],
    [2100, 'low', 'low'],
    [2300, 'low', 'plenty'],
    [100, 'plenty', 'full'],
  ] as const)('calls %i MB after %s %s', (free, before, level) => {
    expect(diskLevel(free * MB, before)).toBe(level)
  })

  it('says a level when it changes, with code and remedy', async () => {
    const lines: { level: number; msg: string }[] = []
    const sink = new Writable({
      write(chunk, _encoding, done) {
        lines.push(JSON.parse(String(chunk)))
        done()
      },
    })
    const free = [3000, 1000, 1000, 400, 3000].map((mb) => mb * MB)
    const job = diskWatch({
      cron: '* * * * * *',
      dir: '/data',
      logger: createLogger('test', 'info', sink),
      freeBytes: async () => free.shift() ?? 0,
    })
    const outcomes = []
    for (let run = 0; run < 5; run++) outcomes.push(await job.run(new AbortController().signal))
    expect(outcomes).toEqual(['ok', 'attention', 'attention', 'attention', 'ok'])
    expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
      [
        40,
        'Only 1000 MB are free on the disk of /data; 2048 MB are needed. Free some space, or move stateDir in mogo.yaml to another disk.',
      ],
      [
        50,
        'Only 400 MB are free on the disk of /data; 500 MB are needed. Free some space, or move stateDir in mogo.yaml to another disk.',
      ],
      [30, 'there is room on the disk again'],
    ])
  })

  it('reads the real disk', async () => {
    let free = 0
    const job = diskWatch({
      cron: '* * * * * *',
      dir: tmpdir(),
      logger: silent,
      onFree: (bytes) => (free = bytes),
    })
    await job.run(new AbortController().signal)
    expect(free).toBeGreaterThan(0)
  })
})

describe('the log rotation', () => {
  it('puts a log aside that has grown too large, and leaves the others', async () => {
    const dir = folder()
    writeFileSync(join(dir, 'kafka.log'), 'x'.repeat(101), { mode: 0o600 })
    writeFileSync(join(dir, 'kafka.log.1'), 'older')
    writeFileSync(join(dir, 'worker.log'), 'y'.repeat(100))
    writeFileSync(join(dir, 'notes.txt'), 'z'.repeat(500))
    let total = 0
    const job = logRotation({
      cron: '* * * * * *',
      dir,
      maxBytes: 100,
      logger: silent,
      onSize: (bytes) => (total = bytes),
    })
    expect(await job.run(new AbortController().signal)).toBe('ok')
    expect(readFileSync(join(dir, 'kafka.log'), 'utf8')).toBe('')
    expect(readFileSync(join(dir, 'kafka.log.1'), 'utf8')).toBe('x'.repeat(101))
    expect(statSync(join(dir, 'kafka.log.1')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(dir, 'worker.log'), 'utf8')).toHaveLength(100)
    expect(total).toBe(201)
  })

  it('is content without a folder', async () => {
    const job = logRotation({ cron: '* * * * * *', dir: join(folder(), 'none'), maxBytes: 1, logger: silent })
    expect(await job.run(new AbortController().signal)).toBe('ok')
  })
})

describe('running an entry file', () => {
  const script = (text: string): string => {
    const file = join(folder(), 'entry.mjs')
    writeFileSync(file, text)
    return file
  }
  const runner = (timeoutMillis = 20_000) =>
    createRunNode({ environment: { PATH: process.env['PATH'], MARK: 'm' }, cwd: tmpdir(), timeoutMillis })

  it('gives exit code and output', async () => {
    const file = script(
      "process.stdout.write(process.argv[2] + process.env.MARK); process.stderr.write('e'); process.exit(3)",
    )
    expect(await runner()([file, 'status'], new AbortController().signal)).toEqual({
      code: 3,
      stdout: 'statusm',
      stderr: 'e',
    })
  })

  it('ends it when aborted', async () => {
    const abort = new AbortController()
    const file = script('setInterval(() => {}, 1000)')
    const running = runner()([file], abort.signal)
    abort.abort()
    expect((await running).code).toBeNull()
  })

  it('ends it when it takes too long', async () => {
    const file = script('setInterval(() => {}, 1000)')
    expect((await runner(200)([file], new AbortController().signal)).code).toBeNull()
  })
})

describe('the scheduler', () => {
  const never = '0 0 0 1 1 *'
  const job = (run: Job['run'], name = 'a'): Job => ({ name, cron: never, run })

  it('refuses an expression that is none, naming the job', () => {
    expect(() => createScheduler([{ ...job(async () => 'ok'), cron: 'often' }], silent)).toThrow(/ {2}a: /)
  })

  it('survives a job that throws', async () => {
    const runs: string[] = []
    const scheduler = createScheduler(
      [
        job(async () => {
          runs.push('a')
          throw new Error('x')
        }),
      ],
      silent,
    )
    await scheduler.runNow('a')
    await scheduler.runNow('a')
    expect(runs).toEqual(['a', 'a'])
    await scheduler.stop()
  })

  it('never runs a job beside itself', async () => {
    let atOnce = 0
    let most = 0
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    const scheduler = createScheduler(
      [
        job(async () => {
          most = Math.max(most, ++atOnce)
          await gate
          atOnce--
          return 'ok'
        }),
      ],
      silent,
    )
    const both = [scheduler.runNow('a'), scheduler.runNow('a')]
    open()
    await Promise.all(both)
    expect(most).toBe(1)
    await scheduler.stop()
  })

  it('runs by the clock', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const scheduler = createScheduler(
      [
        {
          name: 'a',
          cron: '* * * * * *',
          run: async () => {
            resolve()
            return 'ok'
          },
        },
      ],
      silent,
    )
    await scheduler.start()
    await promise
    await scheduler.stop()
  })

  it('aborts what runs when it stops, and waits for it', async () => {
    let ended = false
    const scheduler = createScheduler(
      [
        job(
          (signal) =>
            new Promise((resolve) =>
              signal.addEventListener('abort', () => {
                ended = true
                resolve('ok')
              }),
            ),
        ),
      ],
      silent,
    )
    void scheduler.runNow('a')
    await scheduler.stop()
    expect(ended).toBe(true)
  })
})
