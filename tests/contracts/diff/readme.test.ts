/** contracts/diff/README.md has the grades as they are, and commands that there are. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { DIFF_CODES, gradeOf } from '#contracts/diff/grades.ts'
import { parseWaivers } from '#contracts/diff/parse-waivers.ts'
import { addContractCommands } from '#ops/cli/commands/contracts/index.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const README = readFileSync(join(ROOT, 'contracts/diff/README.md'), 'utf8')
const cells = (line: string): readonly string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())

describe('contracts/diff/README.md', () => {
  test('has the grade of every code, in the order of the table, and no other', () => {
    const rows = README.split('\n').filter((line) => /^\| DIFF_/.test(line))
    expect(rows.map(cells)).toEqual(
      DIFF_CODES.map((code) => {
        const { what, direction, consumer, producer } = gradeOf(code)
        return [code, what, direction, consumer, producer]
      }),
    )
  })

  test('names every code of a fault of waivers and of checks', () => {
    const sources = ['diff', 'check'].flatMap((folder) =>
      readdirSync(join(ROOT, 'contracts', folder))
        .filter((name) => name.endsWith('.ts'))
        .map((name) => readFileSync(join(ROOT, 'contracts', folder, name), 'utf8')),
    )
    const raised = new Set(
      sources
        .join('\n')
        .match(/'(?:WAIVER|CHECK)_[A-Z_]+'/g)
        ?.map((code) => code.slice(1, -1)),
    )
    expect(new Set(README.match(/\b(?:WAIVER|CHECK)_[A-Z_]+\b/g))).toEqual(raised)
  })

  test('has a waiver that can be used as it stands', () => {
    const [, example = ''] = /```yaml\n(.*?)```/s.exec(README) ?? []
    expect(parseWaivers(example)).toMatchObject({
      faults: [],
      waivers: [{ waiver: { path: 'orders.status' } }],
    })
  })
})

/** The commands of `mogo contracts`, as they are on the command line. */
function contractCommands(): ReadonlyMap<string, Command> {
  const program = new Command('mogo')
  addContractCommands(program)
  return new Map(program.commands[0]?.commands.map((command) => [command.name(), command]))
}

/** Whether a command line has only commands, options and choices that there are. */
function expectKnown(line: string): void {
  const words = line.replace(/ \|\| true$/, '').split(' ')
  const command = contractCommands().get(words[words.indexOf('contracts') + 1] ?? '')
  expect(command, line).toBeDefined()
  for (const [index, word] of words.entries()) {
    if (!word.startsWith('--')) continue
    const option = command?.options.find(({ long }) => long === word)
    expect(option, `${word} of ${line}`).toBeDefined()
    if (option?.argChoices) expect(option.argChoices).toContain(words[index + 1])
  }
}

describe('commands that are shown', () => {
  const shown = README.match(/(?<=^ {4})mogo contracts .*$/gm) ?? []
  test.each(shown)('%s', (line) => expectKnown(line))
  test('are not few', () => expect(shown.length).toBeGreaterThanOrEqual(7))
})

describe('the workflow for GitHub Actions', () => {
  type Workflow = {
    readonly on: Readonly<Record<string, unknown>>
    readonly permissions: Readonly<Record<string, string>>
    readonly jobs: Readonly<
      Record<string, { readonly steps: readonly { readonly run?: string; readonly uses?: string }[] }>
    >
  }
  const text = readFileSync(join(ROOT, 'contracts/examples/github-actions.yml'), 'utf8')
  const workflow = parse(text) as Workflow
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps)
  const runs = steps.flatMap(({ run }) => (run?.includes('contracts check') ? [run] : []))

  test('runs on pull requests, with no more permissions than it needs', () => {
    expect(Object.keys(workflow.on)).toEqual(['pull_request'])
    expect(workflow.permissions).toEqual({ contents: 'read', 'security-events': 'write' })
  })

  test('puts nothing that others name into a script', () => {
    for (const { run } of steps) expect(run ?? '').not.toContain('${{')
  })

  test('writes annotations, SARIF and JUnit', () =>
    expect(runs.map((run) => /--format (\w+)/.exec(run)?.[1])).toEqual(['github', 'sarif', 'junit']))

  test.each(runs)('calls what there is: %s', (run) => expectKnown(run))
})
