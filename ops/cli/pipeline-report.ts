/** The health of the pipeline in words and rows: what is wrong with it, in one line or in all. Pure. */
import {
  type CaptureStatus,
  captures,
  type DatasetHealth,
  type PipelineHealth,
} from '#contracts/events/pipeline-health.ts'

/** Columns of the table, in order. */
export const STATUS_COLUMNS = [
  'dataset',
  'state',
  'lag events',
  'lag seconds',
  'lag bytes',
  'p50 ms',
  'p95 ms',
  'rows/s',
  'quarantined 1h',
  'last loaded',
] as const

/** Something that is wrong, and what to do. `code` is that of a fault, or the name of an alert. */
export type Trouble = { readonly code: string; readonly message: string; readonly remedy: string }

/** States in which a dataset is not well. `behind` alone is for the alerts to judge. */
const WELL: ReadonlySet<string> = new Set(['flowing', 'behind'])

/** One row a dataset. */
export function statusRows(
  health: PipelineHealth,
): readonly Readonly<Record<string, string | number | null>>[] {
  return health.datasets.map((each) => ({
    dataset: each.dataset,
    state: each.state,
    'lag events': each.lagEvents,
    'lag seconds': each.lagSeconds,
    'lag bytes': each.lagBytes,
    'p50 ms': each.freshnessP50Ms,
    'p95 ms': each.freshnessP95Ms,
    'rows/s': each.rowsPerSecond,
    'quarantined 1h': each.quarantined,
    'last loaded': each.lastLoadedAt === null ? null : ago(each.lastLoadedAt, health.at),
  }))
}

/** Lines under the table: connector, slot, workers, and the last comparison with the source. */
export function captureLines({ capture, workers, datasets, at }: PipelineHealth): readonly string[] {
  const lines: string[] = []
  if (capture) {
    const { connector, state, detail, tasks, slot, pending } = capture
    const causes = [detail, ...tasks.map((task) => task.detail)].filter((text) => text !== '')
    lines.push(`connector  ${connector}  ${state}${causes.length > 0 ? `  ${causes.join('; ')}` : ''}`)
    for (const task of tasks) lines.push(`task ${task.id}     ${task.state}`)
    lines.push(
      slot
        ? `slot       ${slot.name}  ${reading(slot)}, ${slot.walStatus}, ${bytes(slot.lagBytes)} behind, keeps ${bytes(slot.retainedBytes ?? 0)}, ${slot.safeBytes === null ? 'no limit' : `${bytes(slot.safeBytes)} until in danger`}`
        : `slot       ${capture.slotName}  none`,
    )
    if (pending.length > 0) lines.push(`contracts  ${pending.length} change(s) to make: mogo capture plan`)
  }
  if (workers !== null) lines.push(`workers    ${workers}`)
  const verified = datasets.flatMap((each) => (each.verified ? [each.verified] : []))
  const latest = verified
    .map((each) => each.at)
    .sort()
    .at(-1)
  if (latest !== undefined) {
    const different = verified.reduce((sum, each) => sum + each.different, 0)
    lines.push(
      `verified   ${verified.length} dataset(s), ${ago(latest, at)}: ${different === 0 ? 'equal to the source' : `${different} row(s) differ`}`,
    )
  }
  return lines
}

/** All that is wrong. */
export function troubles(health: PipelineHealth): readonly Trouble[] {
  const { capture, alerts } = health
  const found: Trouble[] = [...health.faults, ...(capture?.faults ?? [])]
  if (capture && capture.faults.length === 0 && !(capture.state === 'RUNNING' && captures(capture)))
    found.push({
      code: 'MOGO_CONNECTOR_FAILED',
      message: `The connector ${capture.connector} is ${capture.state}${captures(capture) ? '' : ', and nobody reads the slot'}.`,
      remedy: '`mogo capture apply` starts it again, and says what is wrong if it cannot.',
    })
  for (const dataset of health.datasets)
    if (!WELL.has(dataset.state)) found.push({ code: dataset.dataset, ...troubleOf(dataset) })
  for (const { alert, subject, message, remedy } of alerts ?? [])
    found.push({ code: `alert ${alert}${subject === '' ? '' : ` (${subject})`}`, message, remedy })
  return [...new Map(found.map((each) => [`${each.code} ${each.message}`, each])).values()]
}

/** In one line whether the pipeline is well. */
export function verdict(health: PipelineHealth): string {
  const { datasets } = health
  const wrong = troubles(health)
  const [first] = wrong
  if (first)
    return `not well: ${first.message}${wrong.length > 1 ? ` (and ${wrong.length - 1} more)` : ''} See \`mogo pipeline status\`.`
  const most = (values: readonly (number | null)[]) => Math.max(0, ...values.map((value) => value ?? 0))
  const p95 = most(datasets.map((each) => each.freshnessP95Ms))
  const events = most(datasets.map((each) => each.lagEvents))
  return `well: ${datasets.length} dataset(s), ${events === 0 ? 'nothing waits' : `at most ${events} record(s) wait`}${p95 > 0 ? `, visible within ${p95} ms (p95)` : ''}`
}

const REMEDIES: Readonly<Record<string, string>> = {
  'cut off': 'Take a new snapshot: `mogo capture apply --resnapshot`.',
  stopped: 'Read `mogo logs worker`, mend what is named there, then restart the worker.',
  held: 'Move the contract (the worker reads it again by itself), or change the source back.',
  paused:
    'See `mogo quarantine ls`, mend the contract or the source, then run `mogo quarantine resume DATASET`.',
  expired: 'Raise kafka.retentionHours, then take a new snapshot: `mogo capture apply --resnapshot`.',
  unread: 'See `mogo status` and `mogo logs worker`.',
  unknown: 'See `mogo status` and `mogo logs kafka`.',
}

function troubleOf({ dataset, state, detail }: DatasetHealth): Omit<Trouble, 'code'> {
  return {
    message: `${dataset} is ${state}${detail === '' ? '' : `: ${detail}`}.`,
    remedy: REMEDIES[state] ?? 'See `mogo doctor`.',
  }
}

function reading(slot: NonNullable<CaptureStatus['slot']>): string {
  const { active, snapshotting, inactiveSeconds } = slot
  if (active) return 'active'
  if (snapshotting) return 'not needed yet: the tables are read for the first time'
  return inactiveSeconds === null ? 'not active' : `not active for ${Math.round(inactiveSeconds)} s`
}

function ago(at: string, now: string): string {
  const seconds = Math.max(0, (Date.parse(now) - Date.parse(at)) / 1000)
  if (seconds < 120) return `${Math.round(seconds)} s ago`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min ago`
  return `${Math.round(seconds / 3600)} h ago`
}

function bytes(count: number): string {
  if (count < 1024) return `${count} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  let value = count / 1024
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${Math.round(value * 10) / 10} ${units[unit]}`
}
