/**
 * Who a process is. A pid alone is not enough, since the system gives it again: pid and start time together name one process.
 * Read from /proc, so Linux only; elsewhere every answer is "not known", and nothing is ever stopped on a guess.
 */

import { readdirSync, readFileSync } from 'node:fs'

/** Pid and start time (clock ticks since boot, as in /proc/PID/stat). */
export type ProcessIdentity = { readonly pid: number; readonly startTicks: string }

/**
 * Reads the start time out of the text of /proc/PID/stat. The second field is the name in brackets and may itself hold
 * blanks and brackets, so counting starts after the last bracket; the start time is field 22, the state is field 3.
 *
 * @returns undefined for a zombie (it has ended; only its parent has not looked yet) and for a text of another form
 */
export function startTicksOf(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined
  return fields[19]
}

/** The identity of a living process, or undefined. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  try {
    const startTicks = startTicksOf(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    return startTicks === undefined ? undefined : { pid, startTicks }
  } catch {
    return undefined
  }
}

/** True if that very process still lives. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identityOf(identity.pid)?.startTicks === identity.startTicks
}

/** Pids of all processes that this user may see. */
export function allPids(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
  } catch {
    return []
  }
}

/** True if the environment that a process was started with has `name=value`. */
export function hasEnvironment(pid: number, name: string, value: string): boolean {
  return readNulList(`/proc/${pid}/environ`).includes(`${name}=${value}`)
}

/** The command line of a process. */
export function commandLineOf(pid: number): string[] {
  return readNulList(`/proc/${pid}/cmdline`)
}

function readNulList(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\0')
  } catch {
    return []
  }
}
