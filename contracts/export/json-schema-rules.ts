/**
 * Rules of a contract in the words of JSON Schema. Lengths are characters (code points) in both.
 *
 * JSON Schema compares numbers only, as doubles: it knows no range of a text, such as a date, or a long number that must keep its digits.
 * Those rules stand in `x-rules`, as they are compiled, with exact bounds, so that no reader takes the schema for all that the contract asks;
 * a `$comment` says so. Where values may be numbers and texts, a bound stands in both places.
 */
import type { Rule } from '../compile/compiled-dataset.ts'
import type { ValueShape } from './value-shape.ts'

/** A schema, or a part of one. */
export type Json = Readonly<Record<string, unknown>>

type Shape = Exclude<ValueShape['type'], 'jsonText'>

const COMMENT =
  'x-rules: what the contract asks and JSON Schema cannot, as of numbers and dates that are text.'

/** Rules that are words of JSON Schema for a shape, by the same name. */
const TEXT = ['minLength', 'maxLength', 'pattern'] as const
const ITEMS = ['minItems', 'maxItems', 'uniqueItems', 'dimensions', 'items'] as const
const PROPERTIES = ['minProperties', 'maxProperties'] as const
const NUMBERS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'] as const
const WORDS: Readonly<Partial<Record<Shape, readonly string[]>>> = {
  text: TEXT,
  uuid: TEXT,
  integer: NUMBERS,
  float: NUMBERS,
  bigint: NUMBERS,
  decimal: NUMBERS,
  array: ITEMS,
  object: PROPERTIES,
  map: PROPERTIES,
  any: [...PROPERTIES, 'minItems', 'maxItems', 'uniqueItems'],
}
/** Shapes of which some values are numbers and others texts. */
const MIXED: ReadonlySet<Shape> = new Set(['bigint', 'decimal'])

/** The schema of a shape, `of`, with the rules in words, and with those that it has no words for. */
export function withRules(of: Json, type: Shape, rules: readonly Rule[]): Json {
  let schema = of
  const unsaid: Rule[] = []
  for (const rule of rules) {
    if (rule.rule === 'required') continue
    const said = wordsOf(type, rule)
    if (said) schema = both(schema, said)
    if (!said || MIXED.has(type)) unsaid.push(rule)
  }
  return unsaid.length === 0 ? schema : { ...schema, $comment: COMMENT, 'x-rules': unsaid }
}

/** What both schemas ask: of two bounds the narrower one. */
function both(schema: Json, more: Json): Json {
  const merged: Record<string, unknown> = { ...schema }
  const apart: Record<string, unknown> = {}
  for (const [word, value] of Object.entries(more)) {
    const before = merged[word]
    if (before === undefined || before === value) merged[word] = value
    else if (typeof before === 'number' && typeof value === 'number' && /^(?:min|exclusiveMin)/.test(word))
      merged[word] = Math.max(before, value)
    else if (typeof before === 'number' && typeof value === 'number' && /^(?:max|exclusiveMax)/.test(word))
      merged[word] = Math.min(before, value)
    else apart[word] = value
  }
  if (Object.keys(apart).length === 0) return merged
  return { ...merged, allOf: [...(Array.isArray(merged['allOf']) ? merged['allOf'] : []), apart] }
}

/** A rule in words; undefined if there are none for it. */
function wordsOf(type: Shape, rule: Rule): Json | undefined {
  if (rule.rule === 'validValues') return enumOf(type, rule.values)
  if (!WORDS[type]?.includes(rule.rule)) return undefined
  switch (rule.rule) {
    // Said of the items.
    case 'items':
      return {}
    case 'dimensions':
      return { minItems: rule.bound, maxItems: rule.bound }
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
    case 'multipleOf':
      // A bound that a double cannot hold would be another one here.
      return isExact(rule.bound) ? { [rule.rule]: Number(rule.bound) } : undefined
    case 'pattern':
      return { pattern: rule.pattern }
    case 'uniqueItems':
      return { uniqueItems: true }
    case 'required':
      return undefined
    default:
      return { [rule.rule]: rule.bound }
  }
}

/** Numbers and moments are equal in several spellings, which a list of values does not know. */
function enumOf(type: Shape, values: readonly string[]): { readonly enum: readonly unknown[] } | undefined {
  if (type === 'text' || type === 'uuid') return { enum: values }
  return type === 'integer' && values.every(isExact) ? { enum: values.map(Number) } : undefined
}

function isExact(bound: string): boolean {
  return bound.trim() !== '' && Number.isFinite(Number(bound)) && bound.replace(/\D/g, '').length <= 15
}
