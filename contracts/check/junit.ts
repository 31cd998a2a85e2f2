/**
 * The check as JUnit XML: a suite per contract, with two tests, `lint` and `compatible`. Two and no more, so that every run has the
 * same tests and a CI system can show since when one fails; the errors are the text of the failure.
 */
import { type CheckReport, type Finding, findingsOf } from './check-report.ts'
import { findingLine } from './text.ts'

/** The document. */
export function checkJunit(report: CheckReport): string {
  const findings = findingsOf(report)
  const suites = report.contracts.map((contract) => {
    const own = findings.filter(({ file }) => file === contract.file)
    return suite(contract.file, [
      testCase(
        'lint',
        contract.file,
        own.filter(({ change }) => change === null),
      ),
      testCase(
        `compatible with ${report.against}`,
        contract.file,
        own.filter(({ change }) => change !== null),
      ),
    ])
  })
  if (report.waivers) {
    const { file } = report.waivers
    suites.push(
      suite(file, [
        testCase(
          'waivers',
          file,
          findings.filter((finding) => finding.file === file),
        ),
      ]),
    )
  }
  const tests = suites.reduce((sum, { tests: count }) => sum + count, 0)
  const failures = suites.reduce((sum, { failures: count }) => sum + count, 0)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="mogo contracts check" tests="${tests}" failures="${failures}" errors="0">`,
    ...suites.map(({ xml }) => xml),
    '</testsuites>',
    '',
  ].join('\n')
}

type Case = { readonly xml: string; readonly failed: boolean }

function suite(name: string, cases: readonly Case[]) {
  const failures = cases.filter(({ failed }) => failed).length
  const head = `<testsuite name="${xmlText(name)}" tests="${cases.length}" failures="${failures}" errors="0" skipped="0">`
  return {
    tests: cases.length,
    failures,
    xml: ['  ', head, '\n', ...cases.map(({ xml }) => `${xml}\n`), '  </testsuite>'].join(''),
  }
}

function testCase(name: string, file: string, findings: readonly Finding[]): Case {
  const errors = findings.filter(({ severity, waived }) => severity === 'error' && waived === null)
  const others = findings.filter((finding) => !errors.includes(finding) && finding.severity !== 'info')
  const lines = (list: readonly Finding[]): string =>
    xmlText(list.map((finding) => `${file}:${findingLine(finding, (_kind, text) => text)}`).join('\n'))
  const [first] = errors
  const inner = [
    ...(first
      ? [
          `      <failure type="${xmlText(first.code)}" message="${xmlText(`${errors.length} error(s): ${first.element === '' ? '' : `${first.element}: `}${first.message}`)}">${lines(errors)}</failure>`,
        ]
      : []),
    ...(others.length > 0 ? [`      <system-out>${lines(others)}</system-out>`] : []),
  ]
  const head = `    <testcase classname="${xmlText(file)}" name="${xmlText(name)}" file="${xmlText(file)}" time="0"`
  return {
    failed: errors.length > 0,
    xml: inner.length === 0 ? `${head}/>` : [`${head}>`, ...inner, '    </testcase>'].join('\n'),
  }
}

/**
 * Text inside of XML 1.0, for content and attributes. Characters that XML cannot hold, even escaped (control characters, halves of
 * surrogate pairs), become U+FFFD; line ends and tabs are escaped, because attributes would lose them.
 */
export function xmlText(text: string): string {
  return (
    text
      .toWellFormed()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replaceAll(/[&<>"'\t\n\r\u007f-\u009f]/g, (char) => `&#${char.charCodeAt(0)};`)
  )
}
