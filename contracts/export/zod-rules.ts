/** Rules of a contract -> calls on a zod schema, as text: `.refine(…)`. Names, patterns and values enter it through JSON.stringify only. */
import type { Rule } from '../compile/compiled-dataset.ts'
import type { ValueShape } from './value-shape.ts'
import type { ZodHelper } from './zod-helpers.ts'

type BoundRule = Extract<Rule, { rule: 'minimum' | 'maximum' | 'exclusiveMinimum' | 'exclusiveMaximum' }>

/** Shapes that are texts to zod. */
const TEXTS: ReadonlySet<ValueShape['type']> = new Set(['text', 'uuid', 'date', 'timestamp', 'time'])
const NUMBERS: ReadonlySet<ValueShape['type']> = new Set(['integer', 'bigint', 'decimal', 'float'])

/** The calls. `use` is told of each helper that they need. Empty for JSON as text, which zod takes as it is. */
export function zodRules(
  shape: ValueShape,
  rules: readonly Rule[],
  use: (helper: ZodHelper) => void,
): string {
  if (shape.type === 'jsonText') return ''
  return rules.map((rule) => ruleCall(shape, rule, use)).join('')
}

/** Empty for a rule that values of the shape do not have, and for those of items, which stand there. */
function ruleCall(shape: ValueShape, rule: Rule, use: (helper: ZodHelper) => void): string {
  const isText = TEXTS.has(shape.type)
  const call = (test: string): string => `.refine((value) => ${test}, ${JSON.stringify(rule.rule)})`
  switch (rule.rule) {
    case 'required':
    case 'items':
      return ''
    // zod counts code units, the contract characters.
    case 'minLength':
      return isText ? call(`[...value].length >= ${rule.bound}`) : ''
    case 'maxLength':
      return isText ? call(`[...value].length <= ${rule.bound}`) : ''
    case 'pattern':
      return isText ? `.regex(new RegExp(${JSON.stringify(rule.pattern)}, 'u'))` : ''
    case 'minItems':
      return shape.type === 'any'
        ? call(`${ITEMS}.length >= ${rule.bound}`)
        : ofArray(shape, 'min', rule.bound)
    case 'maxItems':
      return shape.type === 'any'
        ? call(`${ITEMS}.length <= ${rule.bound}`)
        : ofArray(shape, 'max', rule.bound)
    case 'dimensions':
      return ofArray(shape, 'length', rule.bound)
    case 'uniqueItems': {
      const items = shape.type === 'any' ? ITEMS : 'value'
      if (shape.type !== 'any' && shape.type !== 'array') return ''
      return call(`new Set(${items}.map((item) => JSON.stringify(item))).size === ${items}.length`)
    }
    case 'minProperties':
      return hasProperties(shape) ? call(`${propertiesOf(shape)}.length >= ${rule.bound}`) : ''
    case 'maxProperties':
      return hasProperties(shape) ? call(`${propertiesOf(shape)}.length <= ${rule.bound}`) : ''
    case 'multipleOf':
      if (!NUMBERS.has(shape.type)) return ''
      if (shape.type === 'integer' && isWhole(rule.bound)) return `.multipleOf(${Number(rule.bound)})`
      use('isMultiple')
      return call(`isMultiple(value, ${JSON.stringify(rule.bound)})`)
    case 'validValues': {
      const test = knownTest(shape, rule.values, use)
      return test === undefined ? '' : call(test)
    }
    default: {
      if (shape.type === 'integer' && isWhole(rule.bound))
        return `.${METHODS[rule.rule]}(${Number(rule.bound)})`
      const test = boundTest(shape, rule, use)
      return test === undefined ? '' : call(test)
    }
  }
}

const METHODS = {
  minimum: 'gte',
  maximum: 'lte',
  exclusiveMinimum: 'gt',
  exclusiveMaximum: 'lt',
} as const

function isWhole(bound: string): boolean {
  return /^-?\d{1,15}$/.test(bound)
}

/** The items of a value of which nothing is known. */
const ITEMS = '(Array.isArray(value) ? value : [])'

function ofArray(shape: ValueShape, method: 'min' | 'max' | 'length', bound: number): string {
  return shape.type === 'array' ? `.${method}(${bound}, ${JSON.stringify(RULES[method])})` : ''
}

const RULES = { min: 'minItems', max: 'maxItems', length: 'dimensions' } as const

function hasProperties({ type }: ValueShape): boolean {
  return type === 'object' || type === 'map' || type === 'any'
}

function propertiesOf({ type }: ValueShape): string {
  if (type !== 'any') return 'Object.keys(value)'
  return "(typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [])"
}

/** Numbers are equal by value, moments in any of their spellings, everything else by its text. */
function knownTest(
  shape: ValueShape,
  values: readonly string[],
  use: (helper: ZodHelper) => void,
): string | undefined {
  const list = JSON.stringify(values)
  if (shape.type === 'date' || shape.type === 'timestamp') {
    use('isoText')
    return `${list}.map(isoText).includes(isoText(value))`
  }
  if (NUMBERS.has(shape.type)) {
    use('orderOf')
    return `${list}.some((known) => orderOf(value, known) === 0)`
  }
  if (shape.type === 'boolean') return `${list}.includes(String(value))`
  if (shape.type === 'array')
    return `value.every((item) => ${list}.includes(typeof item === 'string' ? item : JSON.stringify(item)))`
  return TEXTS.has(shape.type) ? `${list}.includes(value)` : undefined
}

/** What has no place in the order (NaN, infinities) passes. */
function boundTest(
  shape: ValueShape,
  { rule, bound }: BoundRule,
  use: (helper: ZodHelper) => void,
): string | undefined {
  const operator = { minimum: '>=', maximum: '<=', exclusiveMinimum: '>', exclusiveMaximum: '<' }[rule]
  const limit = JSON.stringify(bound)
  if (shape.type === 'date' || shape.type === 'timestamp') {
    use('momentOrder')
    return `momentOrder(value, ${limit}) ${operator} 0`
  }
  if (!NUMBERS.has(shape.type) && shape.type !== 'text') return undefined
  use('orderOf')
  return `(orderOf(value, ${limit}) ?? ${operator.startsWith('>') ? 1 : -1}) ${operator} 0`
}
