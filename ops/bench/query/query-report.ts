/** The result of `mogo bench query` for people. */
import { isReached } from '../bench-goals.ts'
import { QUERY_GOALS, type QueryFigures, type QuestionFigures } from './query-figures.ts'

const number = (value: number, digits = 2): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })

/** The tables. */
export function queryReport(figures: QueryFigures): string {
  const { machine, q0, q1, q2, q3, cold, cache, filter } = figures
  const columns = ['ClickHouse', 'API', 'added', 'ratio', 'ClickHouse/s', 'API/s', 'ratio']
  const row = (name: string, question: QuestionFigures) =>
    line(name, [
      number(question.direct_p50_ms),
      number(question.api_p50_ms),
      number(question.p50_added_ms),
      number(question.p50_ratio),
      number(question.direct_rps_c16, 0),
      number(question.api_rps_c16, 0),
      number(question.rps_ratio_c16),
    ])
  return [
    `${machine.cores} x ${machine.cpu}, ${machine.memory_gb} GB, load before ${number(machine.load_before, 1)}, Node ${machine.node}`,
    `${number(figures.rows, 0)} orders of ${figures.tenants} tenants; ClickHouse as the same user, and the API, in turn`,
    '',
    line('', ['p50 in ms', '', '', '', '16 connections', '', '']),
    line('', columns),
    row('Q0 trivial', q0),
    row('Q1 short', q1),
    row('Q2 longer', q2),
    '',
    `Q3  ${number(q3.rows, 0)} rows out, times of ClickHouse: NDJSON ${number(q3.ndjson_ratio)} x (${number(q3.ndjson_direct_ms, 0)} ms), Arrow ${number(q3.arrow_ratio)} x (${number(q3.arrow_direct_ms, 0)} ms), Parquet ${number(q3.parquet_ratio)} x (${number(q3.parquet_direct_ms, 0)} ms)`,
    `    first byte ${number(q3.first_byte_added_ms)} ms later; the API had at most ${q3.rss_mb} MiB`,
    `a text that is new: ${number(cold.added_ms)} ms more than ClickHouse's ${number(cold.direct_p50_ms)} ms`,
    `Q1 from the cache: ${number(cache.p50_ms)} ms, ${number(cache.p50_ratio)} of ClickHouse's time`,
    `row filter: ${number(filter.by_filter_ms)} ms, by hand ${number(filter.by_hand_ms)} ms`,
    '',
    ...QUERY_GOALS.map((goal) => {
      const value = goal.value(figures)
      const bound = goal.most === undefined ? `at least ${goal.least}` : `at most ${goal.most}`
      const mark = isReached({ ...goal, unit: '', value: () => value }, value) ? '✓' : '✗'
      return `${mark} ${goal.key.padEnd(26)}${number(value).padStart(9)}   ${bound}`
    }),
    '',
  ].join('\n')
}

function line(name: string, cells: readonly string[]): string {
  return `${name.padEnd(12)}${cells.map((cell) => cell.padStart(15)).join('')}`.trimEnd()
}
