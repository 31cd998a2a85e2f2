/** What a process uses, from /proc: CPU seconds and memory. Zero where there is none (it has ended, or this is another system). */
import { readFileSync } from 'node:fs'

/** Clock ticks a second: 100 on every Linux that matters. */
const TICKS = 100

/** CPU seconds that a process has used in all its threads, its own and the system's for it. */
export function cpuSeconds(pid: number): number {
  const stat = read(pid, 'stat')
  // The name of the program stands in parentheses and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [user, system] = [Number(fields[11]), Number(fields[12])]
  return Number.isFinite(user + system) ? (user + system) / TICKS : 0
}

/** MiB of memory that are resident now. */
export function residentMb(pid: number): number {
  return statusMb(pid, 'VmRSS')
}

/** The most MiB of memory that were ever resident. */
export function peakMb(pid: number): number {
  return statusMb(pid, 'VmHWM')
}

/** MiB of memory that are resident now, shared ones divided among those that share them (PSS). */
export function proportionalMb(pid: number): number {
  return fieldMb(read(pid, 'smaps_rollup'), 'Pss')
}

function statusMb(pid: number, field: string): number {
  return fieldMb(read(pid, 'status'), field)
}

function fieldMb(text: string, field: string): number {
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]
  return kilobytes === undefined ? 0 : Math.round(Number(kilobytes) / 1024)
}

function read(pid: number, file: 'stat' | 'status' | 'smaps_rollup'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
