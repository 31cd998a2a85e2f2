/** The check for people: a line per finding that matters, a line per contract, and a sum. */
import type { Severity } from '../fault.ts'
import {
  type CheckedContract,
  type CheckReport,
  countFindings,
  type Finding,
  findingsOf,
} from './check-report.ts'
import { printable } from './printable.ts'

/** Puts a colour on a word; the plain word where no terminal looks. */
export type Paint = (kind: Severity | 'waived' | 'dim', text: string) => string

/** The text. Information is counted only, unless `everything` is asked for. */
export function checkText(
  report: CheckReport,
  { everything = false, paint = (_kind, text) => text }: { everything?: boolean; paint?: Paint } = {},
): string {
  const findings = findingsOf(report)
  const lines = report.contracts.flatMap((contract) => {
    const own = findings.filter(({ file }) => file === contract.file)
    const shown = own.filter(({ severity }) => everything || severity !== 'info')
    if (shown.length === 0 && contract.state === 'unchanged') return []
    return [headLine(contract, paint), ...shown.map((finding) => `  ${findingLine(finding, paint)}`)]
  })
  const waivers = findings.filter(({ file }) => file === report.waivers?.file)
  if (report.waivers && waivers.length > 0)
    lines.push(report.waivers.file, ...waivers.map((finding) => `  ${findingLine(finding, paint)}`))
  const counts = countFindings(findings)
  lines.push(
    `${report.contracts.length} contract(s) against ${printable(report.against)}: ${counts.error} error(s), ${counts.warning} warning(s), ${counts.info} for information, ${counts.waived} waived`,
  )
  return `${lines.join('\n')}\n`
}

function headLine({ file, state, diff }: CheckedContract, paint: Paint): string {
  const version =
    diff?.versions.older && diff.versions.newer && diff.versions.older !== diff.versions.newer
      ? `, version ${diff.versions.older} -> ${diff.versions.newer}`
      : ''
  const bump = diff && diff.requiredBump !== 'none' ? `, requires a ${diff.requiredBump} version` : ''
  return `${printable(file)}  ${paint('dim', printable(`${state}${version}${bump}`))}`
}

/** `12:5 error orders.status: 1 value more allowed (DIFF_ENUM_VALUE_ADDED, consumer)`. */
export function findingLine(finding: Finding, paint: Paint): string {
  const { line, column, severity, element, message, code, waived, change, hint } = finding
  const kind = waived === null ? severity : 'waived'
  const about = element === '' ? '' : `${element}: `
  const by = change ? `, ${change.perspective}` : ''
  const more = waived === null ? (change === null && hint !== '' ? `; ${hint}` : '') : `; waived: ${waived}`
  return `${paint('dim', `${line}:${column}`)} ${paint(kind, kind)} ${printable(`${about}${message}${more}`)} ${paint('dim', `(${code}${by})`)}`
}
