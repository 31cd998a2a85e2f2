/** Plans and states of capture as text for people. */
import type { CaptureStatus } from '#contracts/events/pipeline-health.ts'
import type { CaptureChange } from './plan-source.ts'

/** The changes of a plan, one a line. */
export function changesText(changes: readonly CaptureChange[], applied: boolean): string {
  if (changes.length === 0) return 'Capture is as the contracts want it; nothing to change.\n'
  const width = Math.max(...changes.map(({ kind }) => kind.length))
  const lines = changes.map(({ kind, object, change }) => `  ${kind.padEnd(width)}  ${object}: ${change}`)
  const head = `${changes.length} change${changes.length === 1 ? '' : 's'} ${applied ? 'made' : 'to make'}:`
  return `${[head, ...lines].join('\n')}\n`
}

/** State of connector and slot, and what is wrong. */
export function statusText(status: CaptureStatus): string {
  const { connector, state, detail, tasks, slot, pending, faults } = status
  const lines = [
    `connector  ${connector}  ${state}${detail === '' ? '' : `  ${detail}`}`,
    ...tasks.map(
      (task) => `task ${task.id}     ${task.state}${task.detail === '' ? '' : `  ${task.detail}`}`,
    ),
    slot
      ? `slot       ${slot.name}  ${slot.active ? 'active' : slot.snapshotting ? 'the tables are read for the first time' : 'not active'}, ${slot.walStatus}, ${slot.lagBytes} bytes behind`
      : 'slot       none',
    ...(pending.length > 0 ? [`contracts  ${pending.length} change(s) to make: mogo capture plan`] : []),
    ...(pending.length === 0 && faults.length === 0 ? ['contracts  in step'] : []),
    ...faults.map(({ code, message, remedy }) => `${code}: ${message}\n  ${remedy}`),
  ]
  return `${lines.join('\n')}\n`
}
