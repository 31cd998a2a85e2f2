/**
 * The check as SARIF 2.1.0 (OASIS standard, 2020), which code scanning systems read.
 *
 * URIs are relative to the root of the repository (`%SRCROOT%`). What a waiver covers is there with a suppression, so that it can be seen
 * that it was found. A fingerprint is made of code and element, not of lines, so that a finding stays the same one when lines move.
 */
import { createHash } from 'node:crypto'
import { DIFF_CODES, type DiffCode, gradeOf } from '../diff/grades.ts'
import type { Severity } from '../fault.ts'
import { type CheckReport, type Finding, findingsOf } from './check-report.ts'

const LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' }

/** The document. `version` is that of the tool. */
export function checkSarif(report: CheckReport, version: string): string {
  const findings = findingsOf(report)
  const codes = [...new Set(findings.map(({ code }) => code))].sort()
  return `${JSON.stringify(
    {
      $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: 'mogo contracts', semanticVersion: version, rules: codes.map(ruleOf) } },
          columnKind: 'utf16CodeUnits',
          originalUriBaseIds: { '%SRCROOT%': { description: { text: 'The root of the repository.' } } },
          results: findings.map((finding) => resultOf(finding, codes.indexOf(finding.code))),
        },
      ],
    },
    undefined,
    2,
  )}\n`
}

function ruleOf(code: string) {
  const known = DIFF_CODES.find((candidate) => candidate === code)
  const text = known === undefined ? wordsOf(code) : gradeOf(known).what
  const help = known === undefined ? `${text}. See contracts/README.md, "Faults".` : helpOf(known)
  return {
    id: code,
    name: code
      .toLowerCase()
      .split('_')
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
      .join(''),
    shortDescription: { text },
    fullDescription: { text: help },
    help: { text: help },
    defaultConfiguration: { level: known === undefined ? 'error' : LEVELS[gradeOf(known).consumer] },
    properties: { tags: [code.startsWith('DIFF_') ? 'compatibility' : 'lint'] },
  }
}

function helpOf(code: DiffCode): string {
  const { what, consumer, producer, direction } = gradeOf(code)
  const grades = `Consumers: ${consumer}. Producers: ${producer}. Direction: ${direction}.`
  return `A change of the contract: ${what}. ${grades} Undo it, release it under the version that it requires, or waive it with a reason and a date. See contracts/diff/README.md.`
}

/** `CONTRACT_NO_KEY` -> `no key`. */
function wordsOf(code: string): string {
  return code
    .replace(/^CONTRACT_/, '')
    .replaceAll('_', ' ')
    .toLowerCase()
}

function resultOf(finding: Finding, ruleIndex: number) {
  const { repositoryFile, code, element, path, severity, waived } = finding
  const perspective = finding.change?.perspective ?? ''
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([repositoryFile, code, element === '' ? path : element, perspective]))
    .digest('hex')
    .slice(0, 32)
  return {
    ruleId: code,
    ruleIndex,
    level: LEVELS[severity],
    message: { text: `${element === '' ? '' : `${element}: `}${finding.message}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(repositoryFile), uriBaseId: '%SRCROOT%' },
          region: { startLine: finding.line, startColumn: finding.column },
        },
        ...(element === '' ? {} : { logicalLocations: [{ fullyQualifiedName: element, kind: 'member' }] }),
      },
    ],
    partialFingerprints: { 'contractFinding/v1': fingerprint },
    ...(waived === null
      ? {}
      : { suppressions: [{ kind: 'external', status: 'accepted', justification: waived }] }),
    ...(perspective === '' ? {} : { properties: { perspective, direction: finding.change?.direction } }),
  }
}

/** A relative URI of a path with slashes. */
function uriOf(path: string): string {
  return path.toWellFormed().split('/').map(encodeURIComponent).join('/')
}
