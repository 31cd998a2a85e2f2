/** The result of `mogo bench pipeline` for people. */
import type { BenchFigures } from './bench-figures.ts'
import { GOALS, isReached } from './bench-goals.ts'
import type { FreshnessFigures } from './measure-freshness.ts'
import type { ByProcess } from './server-usage.ts'
import type { MoverFigures, W1Figures } from './w1-figures.ts'

const STEP_WORDS: readonly (readonly [keyof W1Figures['steps'], string])[] = [
  ['fetch', 'fetch'],
  ['transcode', 'envelope to row'],
  ['validation', 'validation of 12 columns'],
  ['tokens', 'three HMACs'],
  ['batch', 'collecting in batches'],
]
const BAR = 30
const NAME = 34

/** The tables. */
export function benchReport(figures: BenchFigures): string {
  const { machine, w1, w2_500, w2_2500, w2_silence, w3 } = figures
  return [
    `${machine.cores} x ${machine.cpu}, ${machine.memory_gb} GB, load before ${number(machine.load_before, 1)}, Node ${machine.node}`,
    ...(w1 ? w1Lines(w1) : []),
    ...(w2_500 && w2_2500 && w2_silence
      ? [
          '',
          'W2  commit in Postgres -> visible by SELECT, milliseconds',
          ...table(
            ['', 'p50', 'p95', 'p99', 'most', 'probes', 'changes/s'],
            [
              freshnessRow('500 changes/s', w2_500),
              freshnessRow('2,500 changes/s', w2_2500),
              silenceRow(w2_silence),
            ],
          ),
          `    cores used at 500/s: ${cores(w2_500)}`,
          `    cores used at 2,500/s: ${cores(w2_2500)}`,
        ]
      : []),
    ...(w3
      ? [
          '',
          `W3  snapshot of ${number(w3.rows)} rows, from the start of capture to equal: ${number(w3.seconds, 1)} s (${number(w3.rows_per_s)} rows/s)`,
          `    memory: ${byProcess(w3.rss_mb, (mb) => `${number(mb)} MB`)}`,
        ]
      : []),
    '',
    ...goalLines(figures),
    '',
  ].join('\n')
}

function w1Lines(w1: W1Figures): readonly string[] {
  const perMillion = (run: MoverFigures) => ((run.cpu_s + run.clickhouse_cpu_s) * 1_000_000) / w1.rows
  const row = (name: string, run: MoverFigures) => [
    name,
    number(run.rows_per_s),
    number(run.seconds, 2),
    number(run.cpu_s, 2),
    number(run.clickhouse_cpu_s, 2),
    number(perMillion(run), 1),
    `${number(run.rss_mb)} MB`,
  ]
  const { steps } = w1
  const widest = Math.max(...STEP_WORDS.map(([step]) => steps[step]))
  const known = STEP_WORDS.reduce((sum, [step]) => sum + steps[step], 0)
  const step = (words: string, micros: number) => {
    const bar = '#'.repeat(Math.min(BAR, Math.max(0, Math.round((micros / widest) * BAR))))
    return `    ${words.padEnd(NAME)}${number(micros, 2).padStart(7)}  ${bar}`.trimEnd()
  }
  return [
    '',
    `W1  ${number(w1.rows)} records of ${number(w1.record_bytes)} bytes in 4 partitions, median of ${w1.runs} run(s), taking turns`,
    ...table(
      ['', 'rows/s', 'seconds', 'CPU s', 'ClickHouse', 'CPU s/million', 'memory'],
      [
        row('worker', w1),
        row('two workers', w1.workers2),
        row("peer: ClickHouse's Kafka engine", w1.peer),
        row('floor: naive Node', w1.naive),
      ],
    ),
    `    the worker does ${number(w1.peer_ratio * 100)} % of the peer's and ${number(w1.naive_ratio * 100)} % of the floor's rows a second; neither of them validates, or stores exactly once`,
    '',
    '    where the CPU time of the worker goes (microseconds a row, each step alone)',
    ...STEP_WORDS.map(([key, words]) => step(words, steps[key])),
    step('the rest: sending, start, memory', w1.worker_us - known),
    `    ${'together'.padEnd(NAME)}${number(w1.worker_us, 2).padStart(7)}`,
    `    beside it, waiting: insert of a block ${number(steps.insert, 2)} microseconds a row`,
  ]
}

function freshnessRow(name: string, run: FreshnessFigures): readonly string[] {
  return [
    name,
    number(run.p50_ms),
    number(run.p95_ms),
    number(run.p99_ms),
    number(run.max_ms),
    `${run.probes}${run.lost > 0 ? ` (${run.lost} lost)` : ''}`,
    number(run.changes_per_s),
  ]
}

function silenceRow(run: NonNullable<BenchFigures['w2_silence']>): readonly string[] {
  return ['after 10 s of silence', number(run.p50_ms), '', '', number(run.max_ms), String(run.probes), '']
}

function cores({ cpu_s, seconds }: FreshnessFigures): string {
  return byProcess(cpu_s, (used) => number(used / seconds, 2))
}

function byProcess(values: ByProcess, text: (value: number) => string): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${text(value)}`)
    .join(', ')
}

function goalLines(figures: BenchFigures): readonly string[] {
  const rows = GOALS.flatMap((goal) => {
    const value = goal.value(figures)
    if (value === undefined) return []
    const bound = goal.least === undefined ? `<= ${number(goal.most ?? 0)}` : `>= ${number(goal.least)}`
    return [
      [
        goal.key,
        `${number(value, value < 100 ? 2 : 0)}`,
        `${bound} ${goal.unit}`,
        isReached(goal, value) ? 'reached' : 'not reached',
      ],
    ]
  })
  return table(['figure', 'measured', 'goal', ''], rows)
}

/** The first column is aligned left, the others right. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = head.map((_, index) =>
    Math.max(index === 0 ? NAME : 0, ...[head, ...rows].map((row) => (row[index] ?? '').length)),
  )
  return [head, ...rows].map((row) => {
    const cells = row.map((cell, index) =>
      index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0),
    )
    return `    ${cells.join('  ')}`.trimEnd()
  })
}

function number(value: number, digits = 0): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}
