/** The result of the benchmark, as data and as a table for people. */
import type { StepTimes } from './measure-steps.ts'

/** Figures of one kind of run: medians. */
export type RunFigures = {
  readonly rowsPerSecond: number
  readonly seconds: number
  readonly cpuSeconds: number
  /** Null if ClickHouse does not run here. */
  readonly clickhouseCpuSeconds: number | null
  readonly peakMb: number
}

/** Everything measured. */
export type BenchReport = {
  readonly rows: number
  readonly bytesPerRecord: number
  readonly partitions: number
  readonly runs: number
  readonly machine: { readonly cpu: string; readonly cores: number; readonly loadBefore: number }
  readonly worker: RunFigures
  readonly naive: RunFigures
  /** Rows a second of the worker, as a share of the floor's. */
  readonly ratio: number
  /** Microseconds a row; `fetch` is kafkajs alone. */
  readonly steps: StepTimes & { readonly fetch: number }
}

/** The median. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}

const STEP_WORDS: readonly (readonly [keyof BenchReport['steps'], string])[] = [
  ['fetch', 'fetch (kafkajs alone)'],
  ['decode', 'decode (JSON to change)'],
  ['enforce', 'enforce (contract rules)'],
  ['convert', 'convert (values to cells)'],
  ['tokenize', 'tokenize (three HMACs)'],
  ['encode', 'encode (cells to bytes)'],
  ['insert', 'insert (ClickHouse, waiting)'],
]

/** The table. */
export function reportText(report: BenchReport): string {
  const { worker, naive, steps, machine } = report
  const number = (value: number | null, digits = 0) =>
    value === null
      ? '-'
      : value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
  const row = (name: string, run: RunFigures) =>
    [
      name.padEnd(24),
      number(run.rowsPerSecond).padStart(10),
      number(run.seconds, 2).padStart(9),
      number(run.cpuSeconds, 2).padStart(9),
      number(run.clickhouseCpuSeconds, 2).padStart(15),
      `${number(run.peakMb)} MB`.padStart(10),
    ].join('')
  const transform = steps.decode + steps.enforce + steps.convert + steps.tokenize + steps.encode
  const widest = Math.max(...Object.values(steps))
  return [
    `${number(report.rows)} records of ${number(report.bytesPerRecord)} bytes in ${report.partitions} partitions, median of ${report.runs} run(s)`,
    `${machine.cores} x ${machine.cpu}, load before ${number(machine.loadBefore, 1)}`,
    '',
    `${''.padEnd(24)}${'rows/s'.padStart(10)}${'seconds'.padStart(9)}${'CPU s'.padStart(9)}${'ClickHouse'.padStart(15)}${'memory'.padStart(10)}`,
    row('worker', worker),
    row('naive floor', naive),
    '',
    `the worker does ${number(report.ratio * 100)} % of the floor's rows a second, with validation, quarantine and exactly-once`,
    '',
    'where the time goes (microseconds a row, each step alone)',
    ...STEP_WORDS.map(([step, words]) => {
      const bar = '#'.repeat(Math.round((steps[step] / widest) * 30))
      return `  ${words.padEnd(30)}${number(steps[step], 2).padStart(7)}  ${bar}`
    }),
    `  ${'fetch and transform together'.padEnd(30)}${number(transform + steps.fetch, 2).padStart(7)}`,
    '',
  ].join('\n')
}
