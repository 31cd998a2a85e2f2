/**
 * One child process: started in a session of its own, its output in a log file, ended on wish.
 *
 * Its own session, so that Ctrl-C in a terminal (a signal to the whole foreground group) reaches the supervisor only, which then stops the
 * servers in their order. Output goes straight to the file, not through the supervisor: nothing is lost or delayed when that is busy.
 */

import { type ChildProcess as NodeChild, spawn } from 'node:child_process'
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  truncateSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { type Isolation, wrapCommand } from './isolation.ts'
import { identityOf, type ProcessIdentity } from './process-identity.ts'
import type { CommandLine } from './server.ts'

const ROTATE_BYTES = 10 * 1024 * 1024
const MOST_BYTES = 100 * 1024 * 1024
const TAIL_BYTES = 16 * 1024

/** How a process ended. */
export type ExitInfo = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

/** What a child is started with. */
export type LaunchOptions = {
  readonly isolation: Isolation
  /** The environment that every child gets. */
  readonly baseEnvironment: Readonly<Record<string, string>>
  readonly logFile: string
}

/** A running child. */
export type Child = {
  readonly pid: number
  readonly identity: ProcessIdentity | undefined
  /** Resolves when it has ended; never rejects. */
  readonly exited: Promise<ExitInfo>
  readonly hasExited: () => boolean
  readonly signal: (signal: NodeJS.Signals) => void
  /** Ends it: the polite signal first, SIGKILL for the whole group when the time is over. */
  readonly stop: (signal: NodeJS.Signals, timeoutMs: number) => Promise<void>
  /** What it has logged since it was started, at most the last 16 kB. */
  readonly logTail: () => string
}

/** Describes an exit for people: `exit code 1`, `signal SIGSEGV`. */
export function describeExit(info: ExitInfo): string {
  return info.signal === null ? `exit code ${info.code ?? 'unknown'}` : `signal ${info.signal}`
}

/** Starts a child. A program that cannot be started at all counts as one that ended with code 127. */
export function launch(line: CommandLine, options: LaunchOptions): Child {
  const [command, ...args] = wrapCommand(line, options.isolation)
  mkdirSync(dirname(options.logFile), { recursive: true, mode: 0o700 })
  rotate(options.logFile)
  const log = openSync(options.logFile, 'a', 0o600)
  const logStart = statSync(options.logFile).size
  let node: NodeChild
  try {
    node = spawn(command, args, {
      detached: true,
      stdio: [line.holdStdin === true ? 'pipe' : 'ignore', log, log],
      env: { ...options.baseEnvironment, ...line.env },
      ...(line.cwd === undefined ? {} : { cwd: line.cwd }),
    })
  } finally {
    closeSync(log)
  }
  let over = false
  const exited = new Promise<ExitInfo>((resolve) => {
    node.once('exit', (code, signal) => {
      over = true
      resolve({ code, signal })
    })
    node.once('error', () => {
      over = true
      resolve({ code: 127, signal: null })
    })
  })
  node.stdin?.on('error', () => {}) // it may end before we do
  const pid = node.pid ?? -1
  const send = (target: number, signal: NodeJS.Signals): void => {
    if (pid <= 0) return
    try {
      process.kill(target, signal)
    } catch {
      // it has ended already
    }
  }
  const stop = async (signal: NodeJS.Signals, timeoutMs: number): Promise<void> => {
    if (!over) {
      send(pid, signal)
      const timer = setTimeout(() => send(-pid, 'SIGKILL'), timeoutMs)
      await exited
      clearTimeout(timer)
    }
    send(-pid, 'SIGKILL') // whatever it may have left in its group
    node.stdin?.destroy()
  }
  return {
    pid,
    identity: pid > 0 ? identityOf(pid) : undefined,
    exited,
    hasExited: () => over,
    signal: (signal) => send(pid, signal),
    stop,
    logTail: () => readFrom(options.logFile, logStart),
  }
}

/**
 * Cuts a log that has grown large while its process runs: the text goes to the older file, and the process, which appends, goes on at the
 * beginning. Lines written in between are lost.
 */
export function capLog(file: string): void {
  try {
    if (statSync(file).size <= MOST_BYTES) return
    copyFileSync(file, `${file}.1`)
    truncateSync(file, 0)
  } catch {
    // no log, or no space for the copy: the next time
  }
}

/** Keeps one older file once the log has grown large. */
function rotate(file: string): void {
  try {
    if (statSync(file).size > ROTATE_BYTES) renameSync(file, `${file}.1`)
  } catch {
    // no log yet
  }
}

function readFrom(file: string, start: number): string {
  try {
    const size = statSync(file).size
    const from = Math.max(start, size - TAIL_BYTES)
    const buffer = Buffer.alloc(Math.max(0, size - from))
    const fd = openSync(file, 'r')
    try {
      const read = readSync(fd, buffer, 0, buffer.length, from)
      return buffer.toString('utf8', 0, read)
    } finally {
      closeSync(fd)
    }
  } catch {
    return ''
  }
}
