/** The demo's report as text: what happened, and what of it was checked. */
import colors from 'picocolors'
import { renderTable } from '#ops/cli/output.ts'
import type { DatasetComparison } from '#ops/compare/compare-dataset.ts'
import type { Asked, BeforeAfter, PipelineCounts, QuarantineReason } from './demo-facts.ts'
import { type FreshnessSamples, percentile } from './freshness-probe.ts'
import type { TrafficStats } from './traffic-stats.ts'

/** Everything that is reported. */
export type DemoFacts = {
  readonly serversReadySeconds: number
  readonly seeded: number
  readonly traffic: TrafficStats
  readonly comparison: readonly DatasetComparison[]
  readonly quarantine: readonly QuarantineReason[]
  readonly counts: PipelineCounts
  readonly beforeAfter: BeforeAfter
  readonly freshness: FreshnessSamples
  readonly sql: string
  readonly answers: readonly { readonly who: string; readonly tenant: string; readonly asked: Asked }[]
  readonly refusedSql: string
  readonly refused: { readonly who: string; readonly asked: Asked }
  readonly lineageSql: string
  readonly lineage: string | undefined
}

/** One thing that must hold. */
export type DemoCheck = { readonly name: string; readonly holds: boolean; readonly detail: string }

/** What the report claims, checked. */
export function demoChecks(facts: DemoFacts): readonly DemoCheck[] {
  const different = facts.comparison.reduce((sum, dataset) => sum + dataset.unexplained, 0)
  const stored = facts.comparison.reduce((sum, dataset) => sum + dataset.storedRows, 0)
  const explained = facts.comparison.reduce((sum, dataset) => sum + dataset.explained, 0)
  const { read, outcomes, quarantinedRecords } = facts.counts
  const [first, second] = facts.answers
  const clear = facts.beforeAfter.filter(
    ({ how, before, after }) => how !== '' && before !== '' && after.includes(before),
  )
  return [
    {
      name: 'source = destination',
      holds: different === 0 && stored > 0,
      detail: `${stored} rows in ${facts.comparison.length} tables, ${different} different, per table and tenant`,
    },
    {
      name: 'nothing vanished',
      holds: quarantinedRecords >= explained && explained > 0 && read === outcomes && read > 0,
      detail: `${read} records read = stored + quarantined + filtered; ${explained} source rows break their contract, ${quarantinedRecords} records in quarantine`,
    },
    {
      name: 'personal data protected',
      holds: facts.beforeAfter.length > 0 && clear.length === 0,
      detail: `${facts.beforeAfter.filter(({ how }) => how !== '').length} protected columns looked at`,
    },
    {
      name: 'tenants apart',
      holds:
        first?.asked.ok === true &&
        second?.asked.ok === true &&
        JSON.stringify(first.asked.rows) !== JSON.stringify(second.asked.rows) &&
        facts.answers.every(
          ({ tenant, asked }) =>
            asked.rows.length > 0 && asked.rows.every((row) => row['tenant_id'] === tenant),
        ),
      detail: 'the same SQL, each sees the own tenant alone',
    },
    {
      name: 'column refused',
      holds: !facts.refused.asked.ok && facts.refused.asked.code === 'MOGO_QUERY_COLUMN_DENIED',
      detail: facts.refused.asked.code || 'was answered',
    },
    {
      name: 'lineage recorded',
      holds: facts.lineage?.includes('public.orders') === true,
      detail: 'from the result back to Postgres',
    },
    {
      name: 'freshness measured',
      holds: facts.freshness.millis.length > 0 && facts.freshness.lost === 0,
      detail: `${facts.freshness.millis.length} probes, ${facts.freshness.lost} lost`,
    },
  ]
}

/** The report, line by line. */
export function demoReport(facts: DemoFacts): string {
  const { traffic } = facts
  const kinds = Object.values(traffic.byTable).reduce(
    (sum, counts) => ({
      insert: sum.insert + (counts?.insert ?? 0),
      update: sum.update + (counts?.update ?? 0),
      delete: sum.delete + (counts?.delete ?? 0),
    }),
    { insert: 0, update: 0, delete: 0 },
  )
  const rate = Math.round(traffic.changes / (traffic.elapsedMs / 1000))
  return [
    heading('What happened'),
    `  ${facts.seeded.toLocaleString('en')} seeded rows and ${traffic.changes.toLocaleString('en')} live changes (${kinds.insert} inserts, ${kinds.update} updates, ${kinds.delete} deletes; ${rate} a second)`,
    '  went Postgres -> Debezium -> Kafka -> contract and tokens -> ClickHouse.',
    '',
    renderTable(
      ['table', 'tenants', 'in Postgres', 'in ClickHouse', 'break contract', 'different'],
      facts.comparison.map((dataset) => [
        dataset.dataset,
        String(dataset.tenants),
        dataset.sourceRows.toLocaleString('en'),
        dataset.storedRows.toLocaleString('en'),
        String(dataset.explained),
        dataset.unexplained === 0 ? colors.green('0') : colors.red(String(dataset.unexplained)),
      ]),
      '  ',
    ),
    heading('In quarantine, and why'),
    renderTable(
      ['table', 'column', 'rule broken', 'records'],
      facts.quarantine
        .slice(0, 14)
        .map((reason) => [reason.dataset, reason.column, reason.code, String(reason.records)]),
      '  ',
    ),
    heading('One customer, before and after'),
    renderTable(
      ['column', 'in Postgres', 'in ClickHouse', 'how'],
      facts.beforeAfter.map((row) => [row.column, row.before, row.after, row.how]),
      '  ',
    ),
    heading('Freshness: committed in Postgres until visible in ClickHouse'),
    `  p50 ${millis(percentile(facts.freshness.millis, 0.5))}, p95 ${millis(percentile(facts.freshness.millis, 0.95))} (${facts.freshness.millis.length} probes while ${rate} changes a second ran, after a warm-up of some seconds)`,
    '',
    heading('The same SQL, two analysts'),
    `  ${colors.cyan(facts.sql)}`,
    ...facts.answers.map(({ who, tenant, asked }) => {
      const columns = Object.keys(asked.rows[0] ?? {})
      return `\n  ${colors.bold(who)} of ${tenant}\n${renderTable(
        columns,
        asked.rows.map((row) => columns.map((column) => String(row[column] ?? ''))),
        '    ',
      )}`
    }),
    heading('A column that is not theirs'),
    `  ${colors.cyan(facts.refusedSql)}`,
    `  ${colors.bold(facts.refused.who)}: ${facts.refused.asked.code}: ${facts.refused.asked.detail}`,
    `  ${colors.dim(facts.refused.asked.remedy)}`,
    '',
    heading('Where a number comes from'),
    `  ${colors.cyan(facts.lineageSql)}`,
    ...(facts.lineage ?? 'not recorded')
      .trimEnd()
      .split('\n')
      .map((text) => `  ${text}`),
    '',
    heading('Checked'),
    ...demoChecks(facts).map(
      (check) =>
        `  ${check.holds ? colors.green('✓') : colors.red('✗')} ${check.name.padEnd(24)} ${colors.dim(check.detail)}`,
    ),
    '',
  ].join('\n')
}

function heading(text: string): string {
  return colors.bold(colors.underline(text))
}

function millis(value: number): string {
  return Number.isNaN(value) ? 'not measured' : `${Math.round(value)} ms`
}
