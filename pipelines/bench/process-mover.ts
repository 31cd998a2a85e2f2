/** A mover in processes of its own, so that its CPU and memory are its own. Options go over a channel: they hold passwords. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { MogoError } from '#contracts/errors.ts'
import { YOUNG_SPACE_FLAGS } from '#ops/runtime/node-flags.ts'
import type { Mover } from './mover.ts'
import type { RunOptions } from './run-options.ts'

const SCRIPT = join(import.meta.dirname, '..', 'bench-run-main.ts')

/** Makes a mover of that many processes, which share the partitions. */
export function processMover(options: RunOptions, processes: number, signal: AbortSignal): Mover {
  const children: ChildProcess[] = []
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => {})
  let ending = false

  function start(): Promise<unknown> {
    const child = fork(SCRIPT, {
      execArgv: ['--disable-warning=TimeoutNegativeWarning', ...YOUNG_SPACE_FLAGS, ...process.execArgv],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      signal,
    })
    child.on('error', failure.reject)
    child.once('exit', () => {
      if (!ending)
        failure.reject(new MogoError('MOGO_INTERNAL', { where: `the ${options.kind} run of the benchmark` }))
    })
    child.send(options)
    children.push(child)
    return once(child, 'message')
  }

  return {
    failed: failure.promise,
    async begin() {
      await Promise.race(Array.from({ length: processes }, start))
    },
    pids: () => children.flatMap(({ pid }) => (pid === undefined ? [] : [pid])),
    async end() {
      ending = true
      const ended = children
        .filter((child) => child.exitCode === null && child.signalCode === null)
        .map((child) => {
          // It lets go of its partitions and ends when the channel closes.
          if (child.connected) child.disconnect()
          return once(child, 'exit')
        })
      await Promise.all(ended)
    },
  }
}
