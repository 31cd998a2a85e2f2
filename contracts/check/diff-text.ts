/** A comparison for people: a line per change, and what it means for the version. */
import { elementOf } from '../diff/apply-waivers.ts'
import type { Change } from '../diff/change.ts'
import { type DiffReport, type FileComparison, verdictOf } from '../diff/compare-files.ts'
import { faultLine } from '../fault.ts'
import { printable } from './printable.ts'
import type { Paint } from './text.ts'

/** The text. */
export function diffText(report: DiffReport, paint: Paint = (_kind, text) => text): string {
  const lines = report.contracts.flatMap((contract) =>
    contractLines(contract, report.contracts.length > 1, paint),
  )
  for (const fault of report.waiverFaults) lines.push(printable(faultLine('waivers', fault).trim()))
  const changes = report.contracts.flatMap((contract) => contract.changes.map(({ change }) => change))
  const count = (kind: Change['severity']): number =>
    changes.filter(({ severity, waived }) => severity === kind && !waived).length
  const { requiredBump, declaredBump, breaking } = verdictOf(report)
  const declared = declaredBump === null ? '' : `, declared: ${declaredBump}`
  lines.push(
    `${count('error')} breaking, ${count('warning')} warning(s), ${count('info')} for information, ${changes.filter(({ waived }) => waived).length} waived`,
    `version: required: ${requiredBump}${declared}${breaking ? '' : '; nothing breaks'}`,
  )
  return `${lines.join('\n')}\n`
}

function contractLines(contract: FileComparison, several: boolean, paint: Paint): readonly string[] {
  const { older, newer } = contract.versions
  const lines = contract.changes.map((item) => {
    const { change } = item
    const kind = change.waived ? 'waived' : change.severity
    const file = change.place?.side === 'older' ? item.older : item.newer
    const at = change.place ? `${file}:${change.place.line}:${change.place.column}` : file
    const element = elementOf(change)
    const words = `${element === '' ? '' : `${element}: `}${change.message}${change.waived ? `; waived: ${change.waived.reason}` : ''}`
    return `${paint('dim', printable(at))} ${paint(kind, kind)} ${printable(words)} ${paint('dim', `(${change.code}, ${change.direction}, ${change.perspective})`)}`
  })
  if (!several || lines.length === 0) return lines
  const versions = older === newer ? older : `${older || 'none'} -> ${newer || 'none'}`
  return [
    `${printable(contract.id)}  ${paint('dim', printable(versions))}`,
    ...lines.map((line) => `  ${line}`),
  ]
}
