/**
 * Runs the tests and closes with the line `N passed, N failed` (and skipped, if there are). Progress is a line per file;
 * before the closing line stand the files that took longest, and once more what failed, since a log is often read from its end.
 *
 *   node tests/support/run-tests.ts [--fast] [filters...]
 */
import { type Reporter, startVitest, type TestModule } from 'vitest/node'

const args = process.argv.slice(2)
const fast = args.includes('--fast')
const filters = args.filter((arg) => !arg.startsWith('--'))

const counts = { passed: 0, failed: 0, skipped: 0 }
let broken = 0
let done = 0
/** Files of what has begun. */
let total = 0

const files: { name: string; seconds: number }[] = []
const failures: string[] = []

const say = (text: string): void => void process.stdout.write(`${text}\n`)

function fail(text: string): void {
  say(text)
  failures.push(text)
}

/** One line per file, the errors of what failed, and the counts. */
const reporter: Reporter = {
  onTestRunStart(specifications) {
    total += specifications.length
  },
  onTestModuleEnd(module: TestModule) {
    done++
    const tests = [...module.children.allTests()]
    const of = (state: string) => tests.filter((test) => test.result().state === state)
    counts.passed += of('passed').length
    counts.failed += of('failed').length
    counts.skipped += of('skipped').length
    const failed = of('failed').length > 0 || module.state() === 'failed'
    const name = module.relativeModuleId
    const seconds = module.diagnostic().duration / 1000
    files.push({ name, seconds })
    const skipped = of('skipped').length > 0 ? `, ${of('skipped').length} skipped` : ''
    say(
      `[${done}/${total}] ${failed ? 'FAILED' : 'ok    '} ${name}  (${of('passed').length} passed${skipped}, ${seconds.toFixed(1)} s)`,
    )
    for (const test of of('failed')) {
      const errors = (test.result().errors ?? []).map((error) =>
        indent(`${error.message}\n${error.diff ?? ''}\n${firstFrames(error.stack)}`),
      )
      fail([`    x ${name} > ${test.fullName}`, ...errors].join('\n'))
    }
    // A hook of a describe that fails leaves its tests skipped, which must not pass for well.
    const suites = [...module.children.allSuites()]
    for (const error of [...module.errors(), ...suites.flatMap((suite) => suite.errors())]) {
      broken++
      fail(`    x ${name}\n${indent(`${error.message}\n${firstFrames(error.stack)}`)}`)
    }
  },
  onTestRunEnd(_modules, errors) {
    for (const error of errors) {
      broken++
      fail(indent(`outside of any test: ${error.message}\n${firstFrames(error.stack)}`))
    }
  },
}

function indent(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => `      ${line}`)
    .join('\n')
}

function firstFrames(stack: string | undefined): string {
  return (stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line) && !line.includes('node_modules'))
    .slice(0, 4)
    .join('\n')
}

/** One after the other, so that the servers of one do not take time from the next. */
const PROJECTS = ['fast', 'servers', 'e2e']

for (const project of fast ? PROJECTS.slice(0, 1) : PROJECTS) {
  const before = done
  const began = performance.now()
  const vitest = await startVitest('test', filters, {
    watch: false,
    reporters: [reporter],
    passWithNoTests: true,
    project: [project],
  })
  await vitest.close()
  if (done > before) say(`== ${project}: ${Math.round((performance.now() - began) / 1000)} s`)
}
const failed = counts.failed + broken
say('\nLongest:')
for (const file of files.sort((a, b) => b.seconds - a.seconds).slice(0, 12))
  say(`${file.seconds.toFixed(1).padStart(8)} s  ${file.name}`)
if (failures.length > 0) say(`\nFailed:\n${failures.join('\n')}`)
say('')
say(`${counts.passed} passed, ${failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`)
process.exit(failed > 0 || counts.passed === 0 ? 1 : 0)
