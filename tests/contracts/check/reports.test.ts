import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CurrentFile, checkContracts, type FormerFile } from '#contracts/check/check-contracts.ts'
import { type CheckReport, countFindings, findingsOf, hasErrors } from '#contracts/check/check-report.ts'
import { checkGithub, dataText, propertyText } from '#contracts/check/github.ts'
import { checkJson } from '#contracts/check/json.ts'
import { checkJunit, xmlText } from '#contracts/check/junit.ts'
import { printable } from '#contracts/check/printable.ts'
import { checkSarif } from '#contracts/check/sarif.ts'
import { checkText } from '#contracts/check/text.ts'
import { checkContract } from '#contracts/check-contract.ts'
import { parseWaivers } from '#contracts/diff/parse-waivers.ts'
import { amount, type Fragment, textOf } from '../diff/fragments.ts'
import { readXml } from './read-xml.ts'

function current(file: string, fragment: Fragment, id = 'a', unchanged = false): CurrentFile {
  const { parsed, faults } = checkContract(textOf({ head: `id: ${id}`, ...fragment }), {
    purpose: 'document',
  })
  return { file, repositoryFile: `data/${file}`, parsed, faults, unchanged }
}

function former(file: string, fragment: Fragment, id = 'a'): FormerFile {
  return { file, repositoryFile: `data/${file}`, text: textOf({ head: `id: ${id}`, ...fragment }) }
}

function check(
  now: readonly CurrentFile[],
  was: readonly FormerFile[],
  waivers: string | null = null,
): CheckReport {
  return checkContracts({
    against: 'origin/main',
    perspective: 'consumer',
    current: now,
    former: was,
    waivers:
      waivers === null
        ? null
        : { ...parseWaivers(waivers), file: 'waivers.yaml', repositoryFile: 'data/waivers.yaml' },
    whole: true,
    today: '2026-03-14',
  })
}

const WAS = amount('logicalType: integer, required: true')
const NOW = amount('logicalType: integer')
/** The break of the one to the other, and the version that was not raised for it. */
const BROKEN = check([current('a.odcs.yaml', NOW)], [former('a.odcs.yaml', WAS)])
const WAIVER =
  '- {code: DIFF_REQUIRED_REMOVED, path: orders.amount, reason: all readers know, expires: 2026-12-31}\n'

const states = (report: CheckReport): readonly string[] =>
  report.contracts.map(({ file, state, diff }) =>
    `${file} ${state} ${(diff?.changes ?? []).map(({ code }) => code).join(' ')}`.trim(),
  )

// biome-ignore lint/suspicious/noControlCharactersInRegex: what XML cannot hold
const NOT_IN_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal obeys
const MOVES_CURSOR = /[\u0000-\u0009\u000b-\u001f\u202e]/

describe('a check', () => {
  test('tells what is unchanged, changed, new, renamed and deleted', () => {
    const report = check(
      [
        current('same.odcs.yaml', WAS, 'same', true),
        current('changed.odcs.yaml', NOW, 'changed'),
        current('new.odcs.yaml', WAS, 'new'),
        current('renamed.odcs.yaml', WAS, 'renamed'),
      ],
      [
        former('changed.odcs.yaml', WAS, 'changed'),
        former('former.odcs.yaml', WAS, 'renamed'),
        former('gone.odcs.yaml', WAS, 'gone'),
      ],
    )
    expect(states(report)).toEqual([
      'same.odcs.yaml unchanged',
      'changed.odcs.yaml changed DIFF_REQUIRED_REMOVED DIFF_VERSION_TOO_LOW',
      'new.odcs.yaml new DIFF_CONTRACT_ADDED',
      'renamed.odcs.yaml renamed',
      'gone.odcs.yaml deleted DIFF_CONTRACT_REMOVED',
    ])
  })

  test('places what is gone where it would be missed', () => {
    const gone = amount('logicalType: integer, properties: [{name: net}]')
    const report = check([current('a', amount('logicalType: integer'))], [former('a', gone)])
    const found = findingsOf(report).find(({ code }) => code === 'DIFF_COLUMN_REMOVED')
    expect(found).toMatchObject({
      element: 'orders.amount.net',
      line: 7,
      change: { place: { side: 'newer' } },
    })
  })

  test('fails on what breaks and is not waived', () => {
    expect(hasErrors(BROKEN)).toBe(true)
    const waived = check([current('a', NOW)], [former('a', WAS)], WAIVER)
    expect(hasErrors(waived)).toBe(false)
    expect(countFindings(findingsOf(waived)).waived).toBe(1)
  })

  test('fails on an expired waiver, and says it at its line', () => {
    const report = check([current('a', NOW)], [former('a', WAS)], WAIVER.replace('2026-12-31', '2026-01-01'))
    expect(findingsOf(report).at(-1)).toMatchObject({ code: 'WAIVER_EXPIRED', file: 'waivers.yaml', line: 1 })
    expect(hasErrors(report)).toBe(true)
  })

  test('says so if a contract cannot be compared', () => {
    const broken: FormerFile = { file: 'a', repositoryFile: 'data/a', text: '{' }
    const report = check([current('a', NOW)], [broken])
    expect(report.contracts[0]).toMatchObject({ state: 'changed', diff: null })
    expect(findingsOf(report).map(({ code }) => code)).toContain('CHECK_FORMER_UNREADABLE')
  })
})

describe('as text', () => {
  test('it has a line per finding, and a sum', () => {
    const lines = checkText(BROKEN).split('\n')
    expect(lines[0]).toBe('a.odcs.yaml  changed, requires a major version')
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^ {2}\d+:\d+ error orders\.amount: was required, is optional \(DIFF_REQUIRED_REMOVED, consumer\)$/,
      ),
    )
    expect(lines.at(-2)).toMatch(
      /^1 contract\(s\) against origin\/main: 2 error\(s\), \d+ warning\(s\), \d+ for information, 0 waived$/,
    )
  })

  test('it moves no cursor, whatever a contract is called', () => {
    const evil = check(
      [current('a', { head: 'x: 1', datasets: ['{name: "o\\e[2J\\u202e\\n::error::x", properties: []}'] })],
      [],
    )
    expect(checkText(evil, { everything: true })).not.toMatch(MOVES_CURSOR)
    expect(printable('a\u001b[31m\n')).toBe('a\\u{1b}[31m\\u{a}')
  })
})

describe('as JSON', () => {
  test('it is the same for programs', () => {
    expect(JSON.parse(checkJson(BROKEN))).toMatchObject({
      ok: false,
      against: 'origin/main',
      files: [
        {
          file: 'a.odcs.yaml',
          contract: 'a',
          state: 'changed',
          valid: true,
          requiredBump: 'major',
          declaredBump: 'none',
          breaking: true,
          changes: [
            {
              code: 'DIFF_REQUIRED_REMOVED',
              severity: 'error',
              dataset: 'orders',
              column: 'amount',
              waived: false,
            },
            { code: 'DIFF_VERSION_TOO_LOW', severity: 'error', dataset: null, column: null, path: 'version' },
          ],
        },
      ],
      waivers: null,
      summary: { errors: 2, waived: 0 },
    })
  })
})

describe('as JUnit', () => {
  test('it has a suite per contract, with a test of its faults and one of its changes', () => {
    const root = readXml(checkJunit(BROKEN))
    expect(root).toMatchObject({ name: 'testsuites', attributes: { tests: '2', failures: '1' } })
    const [suite] = root.children
    expect(suite).toMatchObject({
      name: 'testsuite',
      attributes: { name: 'a.odcs.yaml', tests: '2', failures: '1' },
    })
    expect(suite?.children.map(({ attributes }) => attributes['name'])).toEqual([
      'lint',
      'compatible with origin/main',
    ])
    const failure = suite?.children[1]?.children[0]
    expect(failure).toMatchObject({ name: 'failure', attributes: { type: 'DIFF_VERSION_TOO_LOW' } })
    expect(failure?.text).toContain('orders.amount: was required, is optional')
    expect(suite?.children[0]?.children.some(({ name }) => name === 'failure')).toBe(false)
  })

  test('it holds any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { attributes, text: content } = readXml(`<a b="${xmlText(text)}">${xmlText(text)}</a>`)
        const held = text.toWellFormed().replaceAll(NOT_IN_XML, '\ufffd')
        expect(attributes['b']).toBe(held)
        expect(content).toBe(held)
      }),
    )
    expect(xmlText('<a b="c">\u0000&\ud800</a>')).toBe(
      '&#60;a b=&#34;c&#34;&#62;\ufffd&#38;\ufffd&#60;/a&#62;',
    )
  })
})

describe('as SARIF', () => {
  type Sarif = {
    readonly version: string
    readonly runs: readonly {
      readonly tool: {
        readonly driver: { readonly name: string; readonly rules: readonly { readonly id: string }[] }
      }
      readonly results: readonly Readonly<Record<string, unknown>>[]
    }[]
  }
  const sarif = (report: CheckReport) => {
    const document = JSON.parse(checkSarif(report, '1.2.3')) as Sarif
    const [run] = document.runs
    if (!run) throw new Error('no run')
    return { document, run }
  }

  test('it has the version, the tool and its rules', () => {
    const { document, run } = sarif(BROKEN)
    expect(document.version).toBe('2.1.0')
    expect(run.tool.driver).toMatchObject({ name: 'mogo contracts', semanticVersion: '1.2.3' })
    for (const rule of run.tool.driver.rules)
      expect(rule).toEqual({
        id: expect.stringMatching(/^[A-Z_]+$/),
        name: expect.stringMatching(/^[A-Za-z]+$/),
        shortDescription: { text: expect.stringMatching(/./) },
        fullDescription: { text: expect.stringMatching(/./) },
        help: { text: expect.stringMatching(/README\.md/) },
        defaultConfiguration: { level: expect.stringMatching(/^(error|warning|note)$/) },
        properties: { tags: expect.any(Array) },
      })
  })

  test('every result leads to its rule, and to a place in the repository', () => {
    const { run } = sarif(BROKEN)
    expect(run.results.length).toBe(findingsOf(BROKEN).length)
    for (const result of run.results) {
      expect(run.tool.driver.rules[Number(result['ruleIndex'])]?.id).toBe(result['ruleId'])
      expect(result).toMatchObject({
        level: expect.stringMatching(/^(error|warning|note)$/),
        message: { text: expect.stringMatching(/./) },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: 'data/a.odcs.yaml', uriBaseId: '%SRCROOT%' },
              region: { startLine: expect.any(Number), startColumn: expect.any(Number) },
            },
          },
        ],
        partialFingerprints: { 'contractFinding/v1': expect.stringMatching(/^[0-9a-f]{32}$/) },
      })
    }
  })

  test('URIs are relative, and escaped', () => {
    const { run } = sarif(check([current('sub dir/ä#1%.odcs.yaml', WAS)], []))
    expect(run.results[0]).toMatchObject({
      locations: [
        { physicalLocation: { artifactLocation: { uri: 'data/sub%20dir/%C3%A4%231%25.odcs.yaml' } } },
      ],
    })
  })

  test('what is waived is suppressed, with the reason', () => {
    const { run } = sarif(check([current('a', NOW)], [former('a', WAS)], WAIVER))
    expect(run.results.find(({ ruleId }) => ruleId === 'DIFF_REQUIRED_REMOVED')).toMatchObject({
      suppressions: [{ kind: 'external', status: 'accepted', justification: 'all readers know' }],
    })
  })

  test('a fingerprint stays when lines move', () => {
    const prints = (head: string) =>
      sarif(check([current('a', { head, ...NOW })], [former('a', { head, ...WAS })]))
        .run.results.filter(({ ruleId }) => ruleId === 'DIFF_REQUIRED_REMOVED')
        .map(({ partialFingerprints, locations }) => [partialFingerprints, locations] as const)
    const [[one, here] = [], [other, there] = []] = [prints('id: a')[0], prints('id: a\n# a\n# b')[0]]
    expect(one).toEqual(other)
    expect(here).not.toEqual(there)
  })
})

describe('as annotations of GitHub', () => {
  test('it has a command per error and warning, errors first', () => {
    const lines = checkGithub(BROKEN).split('\n')
    expect(lines[0]).toMatch(
      /^::error file=data\/a\.odcs\.yaml,line=\d+,col=\d+,title=DIFF_\w+::.+ \(breaks consumers\)$/,
    )
    const commands = lines.filter((line) => line.startsWith('::')).map((line) => line.split(' ')[0])
    expect(commands.filter((command) => command === '::error')).toHaveLength(2)
    expect([...commands].sort()).toEqual(commands)
  })

  test('what is waived is a notice', () =>
    expect(checkGithub(check([current('a', NOW)], [former('a', WAS)], WAIVER))).toMatch(
      /^::notice file=data\/a,line=\d+,col=\d+,title=DIFF_REQUIRED_REMOVED::.*waived: all readers know/m,
    ))

  test('nothing of a contract becomes a command', () => {
    expect(dataText('50%\r\n::error::x')).toBe('50%25%0D%0A::error::x')
    expect(propertyText('a,b:c\nd%')).toBe('a%2Cb%3Ac%0Ad%25')
    const evil = check([current('a,b:\n::error::x', WAS)], [former('a,b:\n::error::x', NOW)])
    for (const line of checkGithub(evil).trimEnd().split('\n').slice(0, -1))
      expect(line).toMatch(/^::(error|warning|notice) file=data\/a%2Cb%3A%0A%3A%3Aerror%3A%3Ax,/)
  })
})
