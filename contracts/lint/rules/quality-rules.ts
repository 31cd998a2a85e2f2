/** Quality rules that cannot be kept, are never checked, or would change what they check. */
import type { DocumentPath } from '../../fault.ts'
import type { ContractObject, QualityRule } from '../../model/contract.ts'
import { cronFault } from '../cron-fault.ts'
import { eachProperty, type LintContext } from '../lint-rule.ts'
import { sqlFault } from '../sql-fault.ts'

const UNITS = ['rows', 'percent']

/** See the header. */
export function qualityRules(context: LintContext): void {
  const { contract } = context
  for (const [index, object] of contract.schema.entries())
    for (const [place, rule] of object.quality.entries())
      checkRule(context, rule, ['schema', index, 'quality', place], object.name, object)
  eachProperty(contract, (property, path, object) => {
    for (const [place, rule] of property.quality.entries())
      checkRule(context, rule, [...path, 'quality', place], property.name || 'an element', object)
  })
}

function checkRule(
  context: LintContext,
  rule: QualityRule,
  path: DocumentPath,
  whose: string,
  object: ContractObject,
): void {
  const { contract, say } = context
  const words = `quality rule of ${whose}`
  if (rule.query !== undefined) {
    const fault = sqlFault(rule.query)
    if (fault) say([...path, 'query'], 'CONTRACT_SQL', `${words}: ${fault}`)
  }
  for (const name of ['mustBeBetween', 'mustNotBeBetween']) {
    const [low, high] = Array.isArray(rule.operators[name]) ? (rule.operators[name] as unknown[]) : []
    if (typeof low === 'number' && typeof high === 'number' && low > high)
      say([...path, name], 'CONTRACT_QUALITY', `${words}: the first number of ${name} must be the lesser one`)
  }
  if (rule.unit === 'percent') percentages(context, rule, path, words)
  if (rule.unit !== undefined && rule.metric !== undefined && !UNITS.includes(rule.unit))
    say([...path, 'unit'], 'CONTRACT_QUALITY', `${words}: the unit of a metric is rows or percent`, {
      severity: 'warning',
      expected: `one of: ${UNITS.join(', ')}`,
    })
  if (rule.type === 'text' && rule.description === undefined)
    say(path, 'CONTRACT_QUALITY', `${words}: a rule in words needs a description`, { severity: 'warning' })
  if (rule.metric === 'invalidValues' && !hasAny(rule.arguments, ['validValues', 'pattern']))
    say(path, 'CONTRACT_QUALITY', `${words}: invalidValues needs arguments: validValues or pattern`, {
      severity: 'warning',
    })
  const cron =
    rule.scheduler?.toLowerCase() === 'cron' && rule.schedule ? cronFault(rule.schedule) : undefined
  if (cron !== undefined)
    say([...path, 'schedule'], 'CONTRACT_QUALITY', `${words}: ${cron}`, { severity: 'warning' })
  if (
    Object.keys(rule.operators).length === 0 &&
    rule.metric !== undefined &&
    contract.apiVersion.startsWith('v3.0')
  )
    say(path, 'CONTRACT_QUALITY', `${words}: nothing says what the metric is compared with, such as mustBe`, {
      severity: 'warning',
    })
  columnsOfRule(context, rule, path, words, object)
}

function hasAny(given: QualityRule['arguments'], names: readonly string[]): boolean {
  return names.some((name) => given?.[name] !== undefined)
}

/** A share is between 0 and 100. */
function percentages({ say }: LintContext, rule: QualityRule, path: DocumentPath, words: string): void {
  for (const [name, bound] of Object.entries(rule.operators)) {
    const bounds: readonly unknown[] = Array.isArray(bound) ? bound : [bound]
    if (bounds.some((one) => typeof one === 'number' && (one < 0 || one > 100)))
      say([...path, name], 'CONTRACT_QUALITY', `${words}: ${name} is in percent and not within 0 and 100`)
  }
}

/** `arguments.properties` of a metric over several columns names columns of the dataset. */
function columnsOfRule(
  { say, suggest }: LintContext,
  rule: QualityRule,
  path: DocumentPath,
  words: string,
  object: ContractObject,
): void {
  const names = rule.arguments?.['properties']
  if (!Array.isArray(names) || object.properties.length === 0 || rule.metric === undefined) return
  const known = new Set(object.properties.flatMap(({ name, physicalName = name }) => [name, physicalName]))
  for (const [index, name] of names.entries()) {
    if (typeof name !== 'string' || known.has(name)) continue
    const near = suggest(name, known)
    say(
      [...path, 'arguments', 'properties', index],
      'CONTRACT_QUALITY',
      `${words}: ${object.name} has no column ${name}${near === undefined ? '' : `; did you mean ${near}?`}`,
      near === undefined ? {} : { suggestion: near },
    )
  }
}
