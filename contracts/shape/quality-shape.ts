/** Data quality rules. Their keys depend on the type: library (a metric), sql (a query), custom (another tool's), text (words). */
import { z } from 'zod'
import type { StandardVersion } from './api-version.ts'
import { authoritativeDefinitions, customProperties, idSince31, tags } from './common-shapes.ts'
import { anything, chosen, closedSince31, forwarded, mapping, newIn31, number, text } from './zod-parts.ts'

const DIMENSIONS = [
  'accuracy',
  'completeness',
  'conformity',
  'consistency',
  'coverage',
  'timeliness',
  'uniqueness',
] as const
const TYPES = ['text', 'library', 'sql', 'custom'] as const
const METRICS = ['nullValues', 'missingValues', 'invalidValues', 'duplicateValues', 'rowCount'] as const

const pair = z
  .array(number)
  .refine((items) => items.length === 2 && items[0] !== items[1], 'a list of two different numbers')

/** What a result is compared with, by operator. */
const OPERATORS: Readonly<Record<string, z.ZodType>> = {
  mustBe: anything,
  mustNotBe: anything,
  mustBeGreaterThan: number,
  mustBeGreaterOrEqualTo: number,
  mustBeLessThan: number,
  mustBeLessOrEqualTo: number,
  mustBeBetween: pair,
  mustNotBeBetween: pair,
}
const OPERATOR_NAMES = Object.keys(OPERATORS)

/** The shape of a list of quality rules. */
export function qualityShape(version: StandardVersion): z.ZodType {
  const common = {
    ...idSince31(version),
    type: z.enum(TYPES).optional(),
    name: text.optional(),
    description: text.optional(),
    dimension: z.enum(DIMENSIONS).optional(),
    method: text.optional(),
    severity: text.optional(),
    businessImpact: text.optional(),
    unit: text.optional(),
    schedule: text.optional(),
    scheduler: text.optional(),
    tags: tags.optional(),
    authoritativeDefinitions: authoritativeDefinitions(version).optional(),
    customProperties: customProperties(version).optional(),
  }
  const operators = Object.fromEntries(
    Object.entries(OPERATORS).map(([name, shape]) => [name, shape.optional()]),
  )
  const isOld = version === '3.0'
  const measured = { ...operators, rule: text.optional(), ...(!isOld && { arguments: mapping.optional() }) }
  const metric = isOld ? newIn31('metric', z.enum(METRICS), 'rule') : z.enum(METRICS)
  const query = { query: text }
  const keys = [...OPERATOR_NAMES, 'rule', 'arguments', 'metric', 'query', 'engine', 'implementation']
  const anyKeys = Object.fromEntries(keys.map((key) => [key, z.unknown().optional()]))
  const of = (what: string, shape: z.ZodRawShape): z.ZodType => closedSince31(version, what, shape)
  // The schema of 3.0 does not ask for an operator.
  const compared = (shape: z.ZodType): z.ZodType => (isOld ? shape : withOneOperator(shape))
  const shapes = {
    library: compared(of('a quality rule of type library', { ...common, ...measured, metric })),
    // 3.0 wrote the metric as `rule`.
    oldLibrary: of('a quality rule of type library', { ...common, ...measured, rule: text }),
    sql: compared(of('a quality rule of type sql', { ...common, ...operators, ...query })),
    measuredSql: compared(
      of('a quality rule with a metric and a query', { ...common, ...measured, ...query, metric }),
    ),
    custom: of('a quality rule of type custom', { ...common, engine: text, implementation }),
    measuredCustom: compared(
      of('a quality rule with a metric of another tool', {
        ...common,
        ...measured,
        metric,
        engine: text,
        implementation,
      }),
    ),
    text: of('a quality rule of type text', common),
    typeless: of('a quality rule without type and metric', common),
    untyped: of('a quality rule', { ...anyKeys, ...common }),
  }
  return z.array(
    chosen((rule) => {
      const measures = typeof rule['metric'] === 'string'
      switch (rule['type']) {
        case 'sql':
          return measures ? shapes.measuredSql : shapes.sql
        case 'custom':
          return measures ? shapes.measuredCustom : shapes.custom
        case 'library':
          return isOld && !measures ? shapes.oldLibrary : shapes.library
        case 'text':
          return measures ? shapes.library : shapes.text
        case undefined:
          if (measures) return shapes.library
          return isOld ? shapes.oldLibrary : shapes.typeless
        default:
          return shapes.untyped
      }
    }),
  )
}

const implementation = z
  .custom<unknown>((value) => value !== undefined, { error: 'missing', abort: true })
  .refine(
    (value) =>
      typeof value === 'string' || (typeof value === 'object' && value !== null && !Array.isArray(value)),
    'a text or a mapping',
  )

/** With exactly one operator. */
function withOneOperator(shape: z.ZodType): z.ZodType {
  return forwarded(() => shape).check((context) => {
    const rule = context.value as Readonly<Record<string, unknown>>
    const given = OPERATOR_NAMES.filter((name) => rule[name] !== undefined)
    if (given.length === 1) return
    const message =
      given.length === 0
        ? `a rule with one operator to compare with: ${OPERATOR_NAMES.join(', ')}`
        : `a rule with one operator only, not ${given.join(' and ')}`
    context.issues.push({ code: 'custom', message, input: undefined, path: [] })
  })
}
