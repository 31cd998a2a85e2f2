/** JSON files in the run folder, written so that a reader, or a crash, never meets half of one. */

import { mkdirSync, readFileSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { writePrivateFile } from './credentials.ts'
import type { ProcessIdentity } from './process-identity.ts'
import type { ServerStatus } from './server.ts'

/** One process as state.json shows it. */
export type ProcessRecord = {
  readonly name: string
  readonly status: ServerStatus
  readonly since: string
  readonly restarts: number
  readonly ports: Readonly<Record<string, number>>
  /** Milliseconds that its last start took. */
  readonly startedInMs?: number
  /** Why it crashed last. */
  readonly detail?: string
  readonly process?: ProcessIdentity
}

/** What `.mogo/run/state.json` holds. */
export type RunState = {
  readonly stateDir: string
  readonly supervisor: ProcessIdentity
  readonly startedAt: string
  readonly processes: readonly ProcessRecord[]
}

/** Replaces a JSON file (mode 0600) in one step. */
export function writeJson(file: string, value: unknown, durable = true): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const temporary = `${file}.${process.pid}.new`
  writePrivateFile(temporary, `${JSON.stringify(value, undefined, 2)}\n`, durable)
  renameSync(temporary, file)
}

/** Reads a JSON file; undefined if it is missing or not JSON (then it is as good as missing). */
export function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T
  } catch {
    return undefined
  }
}
