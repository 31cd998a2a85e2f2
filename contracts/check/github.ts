/**
 * The check as workflow commands of GitHub Actions, which become annotations at the lines of a pull request.
 *
 * Errors and warnings only; what a waiver covers is a notice. GitHub shows ten annotations of a kind for each step, so errors come first.
 * Escaping is that of the runner: `%`, CR and LF in messages, `:` and `,` too in properties.
 */
import { type CheckReport, countFindings, type Finding, findingsOf } from './check-report.ts'

const ORDER = ['error', 'warning', 'notice'] as const

/** The commands, a line each, and a line with the sum, which the log shows. */
export function checkGithub(report: CheckReport): string {
  const findings = findingsOf(report).filter(({ severity }) => severity !== 'info')
  const lines = findings
    .map((finding) => ({ finding, command: commandOf(finding) }))
    .sort((a, b) => ORDER.indexOf(a.command) - ORDER.indexOf(b.command))
    .map(({ finding, command }) => annotation(command, finding))
  const counts = countFindings(findings)
  // Nothing of a contract stands in this line: it could be a command itself.
  lines.push(
    `${report.contracts.length} contract(s): ${counts.error} error(s), ${counts.warning} warning(s), ${counts.waived} waived`,
  )
  return `${lines.join('\n')}\n`
}

function commandOf({ severity, waived }: Finding): (typeof ORDER)[number] {
  if (waived !== null) return 'notice'
  return severity === 'error' ? 'error' : 'warning'
}

function annotation(command: string, finding: Finding): string {
  const about = finding.element === '' ? '' : `${finding.element}: `
  const more = finding.waived === null ? finding.hint : `waived: ${finding.waived}`
  const properties = [
    `file=${propertyText(finding.repositoryFile)}`,
    `line=${finding.line}`,
    `col=${finding.column}`,
    `title=${propertyText(finding.code)}`,
  ]
  return `::${command} ${properties.join(',')}::${dataText(`${about}${finding.message}${more === '' ? '' : ` (${more})`}`)}`
}

/** Escapes the message of a command. */
export function dataText(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

/** Escapes a property of a command. */
export function propertyText(text: string): string {
  return dataText(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
