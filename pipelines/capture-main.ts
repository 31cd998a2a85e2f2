/**
 * Capture from the command line: `node pipelines/capture-main.ts plan|apply|partitions|status|snapshot [DATASET…] [--resnapshot] [--format text|json]`.
 * `MOGO_PROJECT` is the project's folder. Exit codes: 0 done and well, 1 not well, 2 wrong usage, 3 something is unavailable.
 */
import { parseArgs } from 'node:util'
import { MogoError } from '#contracts/errors.ts'
import { loadContracts } from '#contracts/load-contracts.ts'
import { endWithParent } from '#ops/runtime/end-with-parent.ts'
import { sayEntryFault } from '#ops/runtime/entry-fault.ts'
import { loadProject } from '#ops/runtime/load-config.ts'
import { resolveSettings } from '#ops/runtime/settings.ts'
import { changesText, statusText } from './capture/capture-text.ts'
import { createReconciler } from './capture/reconcile.ts'

const ACTIONS = ['plan', 'apply', 'partitions', 'status', 'snapshot'] as const
type Action = (typeof ACTIONS)[number]

function usage(): MogoError {
  return new MogoError('MOGO_USAGE', {
    detail:
      'Expected: plan | apply | partitions | status | snapshot DATASET…, with --format text|json, --resnapshot (apply).',
  })
}

type Asked = {
  readonly action: Action
  readonly names: readonly string[]
  readonly json: boolean
  readonly resnapshot: boolean
}

function readArguments(args: readonly string[]): Asked {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        format: { type: 'string', default: 'text' },
        resnapshot: { type: 'boolean', default: false },
      },
    })
    const [wanted, ...names] = positionals
    const action = ACTIONS.find((candidate) => candidate === wanted)
    if (!action || (action === 'snapshot') !== names.length > 0 || !['text', 'json'].includes(values.format))
      throw usage()
    return { action, names, json: values.format === 'json', resnapshot: values.resnapshot }
  } catch {
    throw usage()
  }
}

async function main(): Promise<number> {
  let json = false
  const print = (value: unknown, text: string) =>
    process.stdout.write(json ? `${JSON.stringify(value)}\n` : text)
  try {
    const asked = readArguments(process.argv.slice(2))
    json = asked.json
    const project = loadProject(process.env['MOGO_PROJECT'] ?? process.cwd())
    const datasets = loadContracts(project.contractsDir)
    const reconciler = createReconciler({ settings: resolveSettings(project), datasets })
    if (asked.action === 'status') {
      const status = await reconciler.status()
      print(status, statusText(status))
      if (status.healthy) return 0
      // What is only away comes back; anything else is for a person.
      return status.faults.length > 0 && status.faults.every(({ passing }) => passing) ? 3 : 1
    }
    const work = {
      plan: () => reconciler.plan(),
      apply: () => reconciler.apply({ resnapshot: asked.resnapshot }),
      partitions: () => reconciler.followPartitions(),
      snapshot: () => reconciler.snapshot(asked.names),
    }
    const changes = await work[asked.action]()
    print({ changes }, changesText(changes, asked.action !== 'plan'))
    return 0
  } catch (error) {
    return sayEntryFault(error, 'capture', json ? 'json' : 'text')
  }
}

endWithParent()
process.exitCode = await main()
