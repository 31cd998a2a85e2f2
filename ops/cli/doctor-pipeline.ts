/** What `mogo doctor` says of a look at the pipeline: capture, REPLICA IDENTITY, views behind the tables, datasets, alerts. Pure. */
import type { CaptureStatus, PipelineHealth } from '#contracts/events/pipeline-health.ts'
import type { CheckResult } from './check-result.ts'
import { captureLines, troubles } from './pipeline-report.ts'

const ok = (detail: string): CheckResult => ({ state: 'ok', detail })

/** Connector, tasks and slot. */
export function checkCapture(health: PipelineHealth): CheckResult {
  const { capture } = health
  const fault = capture ? capture.faults[0] : health.faults.find(({ part }) => part === 'capture')
  if (fault) return { state: 'fault', detail: `${fault.code}: ${fault.message}`, remedy: fault.remedy }
  const detail = captureLines({ ...health, datasets: [], workers: null })
    .map((text) => text.replaceAll(/ {2,}/g, ' '))
    .join('; ')
  if (capture?.healthy) return ok(detail)
  return {
    state: 'fault',
    detail,
    remedy: '`mogo capture apply` mends what can be mended, and says what cannot.',
  }
}

/** Tables whose deletes would not say whose row is gone. */
export function checkIdentities({ capture }: PipelineHealth): CheckResult {
  if (!isCompared(capture)) return NOT_COMPARED
  const { identities } = capture
  if (identities.length === 0) return ok('every table tells what its contract needs to know of deletes')
  return {
    state: 'fault',
    detail: identities.map(({ table, reason }) => `${table}: ${reason}`).join('; '),
    remedy: `Run \`mogo capture apply\`, or as the owner: ${identities.map(({ statement }) => statement).join(' ')}`,
  }
}

/** Columns of which Debezium brings rare values as others. */
export function checkCarried({ capture }: PipelineHealth): CheckResult {
  if (!isCompared(capture)) return NOT_COMPARED
  const { unguarded } = capture
  if (unguarded.length === 0) return ok('no value of the tables would come as another one')
  return {
    state: 'warning',
    detail: unguarded
      .map(({ table, column, reason }) => `${table}: a change may bring in ${column} ${reason}`)
      .join('. '),
    remedy: `Keep them out in Postgres, if they have no meaning there: ${unguarded.map(({ statement }) => statement).join(' ')}`,
  }
}

/** Materialized views that would keep a batch twice, if it is sent again. */
export function checkViews(health: PipelineHealth): CheckResult {
  if (health.alerts === null) return notSeen('ClickHouse does not answer')
  const doubling = health.datasets.flatMap(({ dataset, doubling: tables }) =>
    tables.map((each) => ({ dataset, ...each })),
  )
  if (doubling.length === 0) return ok('nothing behind the tables keeps a repeated batch twice')
  const statements = [...new Set(doubling.flatMap(({ statement }) => statement ?? []))]
  const unseen = doubling.filter(({ statement }) => statement === null).map(({ table }) => table)
  return {
    state: 'warning',
    detail: doubling
      .map(({ dataset, table }) => `${table}, behind ${dataset}, may get a batch twice`)
      .join('; '),
    remedy: [
      ...(statements.length > 0 ? [`Run in ClickHouse: ${statements.join(' ')}`] : []),
      ...(unseen.length > 0
        ? [
            `The worker may not see ${unseen.join(', ')}: grant it SHOW TABLES there, or set the window yourself.`,
          ]
        : []),
    ].join(' '),
  }
}

/** Datasets that do not flow, and alerts that fire. */
export function checkPipeline(health: PipelineHealth): CheckResult {
  // What capture says is a check of its own.
  const wrong = troubles({
    ...health,
    capture: null,
    faults: health.faults.filter(({ part }) => part !== 'capture'),
  })
  if (wrong.length === 0) return ok(`${health.datasets.length} dataset(s) flow, no alert fires`)
  return {
    state: 'fault',
    detail: wrong.map(({ message }) => message).join(' '),
    remedy: [...new Set(wrong.map(({ remedy }) => remedy))].join(' '),
  }
}

/** Has the source been compared with the contracts? */
function isCompared(capture: CaptureStatus | null): capture is CaptureStatus {
  return capture !== null && capture.faults.every(({ code }) => code === 'MOGO_SLOT_LOST')
}

function notSeen(detail: string): CheckResult {
  return { state: 'warning', detail, remedy: 'Mend what the other checks name, then look again.' }
}

const NOT_COMPARED = notSeen('the source could not be compared with the contracts')
