/** CPU and memory of the processes between Postgres and ClickHouse, from one moment to another. */
import type { EmbeddedHandle } from '#ops/embedded/start-embedded.ts'
import { cpuSeconds, peakMb } from '#ops/runtime/process-usage.ts'

/** Values by process. */
export type ByProcess = Readonly<Record<'worker' | 'clickhouse' | 'kafka' | 'connect', number>>

type Handle = Pick<EmbeddedHandle, 'status'>

/** CPU seconds from now on, each time the returned function is called. */
export function startUsage(handle: Handle): () => ByProcess {
  const before = byProcess(handle, cpuSeconds)
  return () => {
    const after = byProcess(handle, cpuSeconds)
    return mapProcesses((name) => Math.round((after[name] - before[name]) * 100) / 100)
  }
}

/** The most MiB of memory that each has had since it started. */
export function peakMemory(handle: Handle): ByProcess {
  return byProcess(handle, peakMb)
}

function byProcess(handle: Handle, measure: (pid: number) => number): ByProcess {
  const pids = new Map(handle.status().map(({ name, process }) => [name, process?.pid ?? 0]))
  return mapProcesses((name) => measure(pids.get(name) ?? 0))
}

function mapProcesses(value: (name: keyof ByProcess) => number): ByProcess {
  return {
    worker: value('worker'),
    clickhouse: value('clickhouse'),
    kafka: value('kafka'),
    connect: value('connect'),
  }
}
