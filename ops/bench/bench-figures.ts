/** The result of `mogo bench pipeline --json`: workloads that were not asked for are missing. */
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import type { W2Figures } from './measure-freshness.ts'
import type { W3Figures } from './measure-snapshot.ts'
import type { W1Figures } from './w1-figures.ts'

/** Where it was measured. */
export type Machine = {
  readonly cpu: string
  readonly cores: number
  readonly memory_gb: number
  /** Of the last minute before: on a busy machine times mean less, CPU seconds and ratios mean more. */
  readonly load_before: number
  readonly node: string
}

/** See above. */
export type BenchFigures = {
  readonly machine: Machine
  readonly w1?: W1Figures
  readonly w3?: W3Figures
} & Partial<W2Figures>

/** Facts of this machine. */
export function machineFacts(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memory_gb: Math.round(totalmem() / 2 ** 30),
    load_before: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    node: process.version,
  }
}
