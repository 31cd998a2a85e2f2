/** Rules of alerts as data: the built-in ones in `rules.yaml`, and those of a project, which change or add to them by name. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { z } from 'zod'
import { MogoError } from '#contracts/errors.ts'
import type { Project } from '#ops/runtime/load-config.ts'
import { HEALTH_METRICS, type HealthMetric } from './health-metrics.ts'

const BUILT_IN = fileURLToPath(new URL('./rules.yaml', import.meta.url))

const metrics = Object.keys(HEALTH_METRICS) as [HealthMetric, ...HealthMetric[]]
/** A day: what takes longer is no alert any more. */
const seconds = z.number().min(0).max(86_400)

const fields = {
  metric: z.enum(metrics),
  above: z.number().optional(),
  below: z.number().optional(),
  for: seconds.default(0),
  clear: seconds.default(60),
  severity: z.enum(['critical', 'warning']),
  message: z.string().min(1),
  remedy: z.string().min(1),
  enabled: z.boolean().default(true),
}
const name = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'lower case letters, digits and _')

const ruleSchema = z
  .strictObject({ alert: name, ...fields })
  .refine(({ above, below }) => (above === undefined) !== (below === undefined), 'one of above and below')
/** Any part of a rule, and its name. */
const changeSchema = z.looseObject({ alert: name })

/** A rule. The condition is `above` or `below`, exactly one; times are seconds. */
export type AlertRule = z.output<typeof ruleSchema>

/** The file with a project's own rules, if it has one. */
export function alertRulesFile({ config, dir }: Project): string | undefined {
  const { alertRules } = config.operations
  return alertRules === undefined ? undefined : resolve(dir, alertRules)
}

/** The rules of a project: the built-in ones with those of `file`, if there is one. @throws MogoError MOGO_CONFIG_INVALID */
export function loadAlertRules(file?: string): readonly AlertRule[] {
  const own = file === undefined ? '[]' : readRules(file)
  return mergeRules(readFileSync(BUILT_IN, 'utf8'), own, file ?? BUILT_IN)
}

/** Puts rules of one's own over others; `file` is named in faults. Without those that are not enabled. @throws MogoError MOGO_CONFIG_INVALID */
export function mergeRules(builtIn: string, own: string, file: string): readonly AlertRule[] {
  const merged = new Map<string, Readonly<Record<string, unknown>>>()
  for (const change of [...changesIn(builtIn, file), ...changesIn(own, file)]) {
    const before = merged.get(change.alert) ?? {}
    // A condition replaces the other one, too.
    const { above, below, ...rest } = before
    const isAnother = 'above' in change || 'below' in change
    merged.set(change.alert, { ...(isAnother ? rest : before), ...change })
  }
  const faults: string[] = []
  const rules = [...merged.values()].flatMap((rule): readonly AlertRule[] => {
    const result = ruleSchema.safeParse(rule)
    if (result.success) return [result.data]
    for (const { path, message } of result.error.issues)
      faults.push(`  ${[rule['alert'], ...path].join('.')}: ${message}`)
    return []
  })
  refuse(file, faults)
  return rules.filter(({ enabled }) => enabled)
}

function readRules(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new MogoError('MOGO_CONFIG_INVALID', {
      file: 'mogo.yaml',
      count: 1,
      faults: `  operations.alertRules: ${file} cannot be read`,
    })
  }
}

function changesIn(text: string, file: string): readonly z.output<typeof changeSchema>[] {
  let document: unknown
  try {
    document = parse(text) ?? []
  } catch {
    refuse(file, ['  not valid YAML'])
  }
  const result = z.array(changeSchema).safeParse(document)
  if (result.success) return result.data
  refuse(
    file,
    result.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`),
  )
  return []
}

/** @throws MogoError MOGO_CONFIG_INVALID if there are faults */
function refuse(file: string, faults: readonly string[]): void {
  if (faults.length > 0)
    throw new MogoError('MOGO_CONFIG_INVALID', { file, count: faults.length, faults: faults.join('\n') })
}
