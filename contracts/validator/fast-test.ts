/**
 * The fast test of one column, as source text: an expression that is true only for values that keep every rule. What it refuses
 * (a broken value, or an unusual one) goes to the plain column check, so that it may stay simple; it must never accept too much.
 *
 * What a contract says enters the text in three ways only: texts through JSON.stringify, numbers that were checked to be finite, and
 * tests of patterns and sets as names of constants (`K0`, `K1`) whose values are handed over as arguments.
 */
import type { CompiledColumn, Rule } from '../compile/compiled-dataset.ts'
import { elementType, mapPostgresType } from '../compile/type-mapping.ts'
import { createMatcher, LONGEST_FOR_ENGINE, type PatternMatcher } from '../pattern/create-matcher.ts'
import { countedTail } from './counted-tail.ts'

/** What stands beside the text: tests of patterns, and sets. */
export type Constant = RegExp | PatternMatcher | ReadonlySet<unknown>

/** Keeps a value beside the text and returns the name under which the text finds it. */
export type Embed = (value: Constant) => string

/** More values than this are looked up in a set. */
const MAX_COMPARED = 16

/** `v` is the value; `n` is free for its number. Undefined if nothing is known to be valid without the plain check. */
export function fastTest(column: CompiledColumn, embed: Embed): string | undefined {
  const rules = column.rules.filter((rule) => rule.rule !== 'required')
  const type = typeTest(column, rules)
  if (type === undefined) return undefined
  const tests: string[] = []
  for (const rule of rules) {
    const test = ruleTest(column, rule, embed)
    if (test === undefined) return undefined
    tests.push(test)
  }
  return [...(type === '' ? [] : [type]), ...tests].join(' && ')
}

/** Sets `n` where the kind has an order. Text without rules may be anything. */
function typeTest(column: CompiledColumn, rules: readonly Rule[]): string | undefined {
  switch (column.kind) {
    case 'text':
    case 'json':
      // A vector comes as an array, and its test asks for one.
      return rules.every(({ rule }) => rule === 'dimensions') ? '' : 'typeof v === "string"'
    case 'boolean':
      return 'typeof v === "boolean"'
    case 'integer':
      return 'Number.isInteger(n = v)'
    case 'bigint':
      return 'Number.isSafeInteger(n = typeof v === "number" ? v : smallInteger(v))'
    case 'decimal':
      return '(n = typeof v === "number" ? v : smallDecimal(v)) === n'
    case 'float':
      return 'typeof v === "number" && (n = v) === v'
    case 'uuid':
      return 'plainUuid(v)'
    case 'date':
      return 'typeof v === "string" && (!NO_USUAL_DATE.test(v) || isDate(v))'
    case 'timestamp':
      return 'typeof v === "string" && (!NO_USUAL_TIMESTAMP.test(v) || isTimestamp(v))'
    case 'array': {
      const element = mapPostgresType(elementType(column.sourceType)).kind
      const isOpen = element === 'text' || element === 'json' || element === 'array'
      // The test of a vector, or of the items, asks for their type.
      const isAsked = rules.some(
        (rule) =>
          (rule.rule === 'items' && rule.kind === element) ||
          (rule.rule === 'dimensions' && element === 'float'),
      )
      return isOpen || isAsked ? 'Array.isArray(v)' : undefined
    }
  }
}

function ruleTest(column: CompiledColumn, rule: Rule, embed: Embed): string | undefined {
  const isText = column.kind === 'text' || column.kind === 'json'
  switch (rule.rule) {
    case 'required':
      return 'true'
    case 'maxLength':
      return isText ? `(v.length <= ${rule.bound} || characters(v) <= ${rule.bound})` : undefined
    case 'minLength': {
      if (!isText) return undefined
      // One character has at most two code units.
      if (rule.bound <= 1) return `v.length >= ${rule.bound}`
      return `(v.length >= ${rule.bound * 2} || characters(v) >= ${rule.bound})`
    }
    case 'pattern':
      return isText ? patternTest(rule.pattern, embed) : undefined
    case 'validValues':
      return validValuesTest(column, rule.values, embed)
    case 'multipleOf':
      return multipleOfTest(column, rule.bound)
    case 'minItems':
      return column.kind === 'array' ? `v.length >= ${rule.bound}` : undefined
    case 'maxItems':
      return column.kind === 'array' ? `v.length <= ${rule.bound}` : undefined
    case 'uniqueItems':
      return column.kind === 'array' ? 'fewUnique(v)' : undefined
    case 'items':
      return itemsTest(column, rule, embed)
    case 'dimensions':
      return column.kind === 'array' || isText ? `isVector(v, ${rule.bound})` : undefined
    // Objects come as JSON text, which the plain check reads.
    case 'minProperties':
    case 'maxProperties':
      return undefined
    default:
      return boundTest(column, rule.rule, rule.bound)
  }
}

/** The test of a column of the items' kind, for each of them. Its `v`, `n` and `n2` are its own. */
function itemsTest(
  column: CompiledColumn,
  { kind, rules }: Extract<Rule, { rule: 'items' }>,
  embed: Embed,
): string | undefined {
  if (column.kind !== 'array') return undefined
  const test = fastTest({ ...column, kind, rules }, embed)
  if (test === undefined) return undefined
  const present = rules.some(({ rule }) => rule === 'required') ? 'v !== null &&' : 'v === null ||'
  return `v.every((v) => { let n, n2; return ${present} (${test || 'true'}) })`
}

/**
 * An expression of the engine is turned around where it can be (V8 takes half the time for one that does not match), and without its
 * count.
 */
function patternTest(pattern: string, embed: Embed): string {
  const matcher = createMatcher(pattern)
  const text = matcher.enginePattern
  if (text === undefined) return `${embed(matcher)}.test(v)`
  const longest = `v.length <= ${LONGEST_FOR_ENGINE}`
  if (!isAnchored(text)) return `${longest} && ${embed(new RegExp(text, 'u'))}.test(v)`
  const counted = countedTail(text)
  const expression = new RegExp(`^(?!${(counted?.pattern ?? text).slice(1)})`, 'u')
  const length = counted ? `v.length >= ${counted.minimum} && v.length <= ${counted.maximum}` : longest
  return `${length} && !${embed(expression)}.test(v)`
}

/** Does the pattern begin with `^`, and is that said of all of it? An alternative outside of brackets would not be bound by it. */
function isAnchored(pattern: string): boolean {
  if (!pattern.startsWith('^')) return false
  let depth = 0
  let inClass = false
  for (let at = 1; at < pattern.length; at++) {
    const char = pattern[at]
    if (char === '\\') at++
    else if (inClass) inClass = char !== ']'
    else if (char === '[') inClass = true
    else if (char === '(') depth++
    else if (char === ')') depth--
    else if (char === '|' && depth === 0) return false
  }
  return true
}

function validValuesTest(
  column: CompiledColumn,
  values: readonly string[],
  embed: Embed,
): string | undefined {
  if (column.kind === 'array') return `allKnown(v, ${embed(new Set(values))})`
  const isNumber = column.kind === 'integer' || column.kind === 'bigint' || column.kind === 'decimal'
  if (column.kind !== 'text' && !isNumber) return undefined
  // A number is allowed by its text: `1.0` in the contract is not the text of any number that is sent.
  const literals = isNumber
    ? values.filter((value) => isFiniteText(value) && String(Number(value)) === value)
    : values.map((value) => JSON.stringify(value))
  if (literals.length === 0) return undefined
  const name = isNumber ? 'n' : 'v'
  if (literals.length <= MAX_COMPARED)
    return `(${literals.map((literal) => `${name} === ${literal}`).join(' || ')})`
  return `${embed(new Set<unknown>(isNumber ? literals.map(Number) : values))}.has(${name})`
}

function multipleOfTest(column: CompiledColumn, bound: string): string | undefined {
  if (column.kind !== 'integer' && column.kind !== 'bigint' && column.kind !== 'decimal') return undefined
  if (Number.isSafeInteger(Number(bound)) && Number(bound) > 0 && /^\d{1,15}$/.test(bound))
    return `(Number.isSafeInteger(n) && n % ${Number(bound)} === 0)`
  // 0.01: every number with at most two decimals is one.
  const decimals = /^0?\.(0{0,14}1)$/.exec(bound)?.[1]?.length
  return decimals === undefined ? undefined : `((n2 = fractionDigits(v)) >= 0 && n2 <= ${decimals})`
}

const STRICT = { minimum: '>', exclusiveMinimum: '>', maximum: '<', exclusiveMaximum: '<' } as const
const INCLUSIVE = { minimum: '>=', exclusiveMinimum: '>', maximum: '<=', exclusiveMaximum: '<' } as const

/**
 * Rounding to doubles keeps the order of two numbers, but may make them equal: so only "strictly more" and "strictly less" are
 * sure, except where both are exact.
 */
function boundTest(column: CompiledColumn, name: keyof typeof STRICT, bound: string): string | undefined {
  if (column.kind === 'date' || column.kind === 'timestamp') return momentTest(column.kind, name, bound)
  const isNumber =
    column.kind === 'integer' ||
    column.kind === 'bigint' ||
    column.kind === 'decimal' ||
    column.kind === 'float'
  if (!isNumber || !isFiniteText(bound)) return undefined
  const isExact = /^[+-]?\d+(?:\.\d+)?$/.test(bound) && bound.replace(/\D/g, '').length <= 15
  return `n ${(isExact ? INCLUSIVE : STRICT)[name]} ${numberLiteral(Number(bound))}`
}

/**
 * Compares texts, which have been found to be in ISO form: sure is what differs before the bound ends. (No character of such
 * a text is greater than `~`.)
 */
function momentTest(
  kind: 'date' | 'timestamp',
  name: keyof typeof STRICT,
  bound: string,
): string | undefined {
  const iso = bound.replace(' ', 'T').replace(/\.\d+/, '').replace(/Z$/, '')
  if (!/^[\d:T-]{10,19}$/.test(iso)) return undefined
  // A date ends before the time of the bound begins, and is compared as far as it goes.
  const limit = kind === 'date' ? iso.slice(0, 10) : iso
  const isFloor = name === 'minimum' || name === 'exclusiveMinimum'
  return isFloor ? `v > ${JSON.stringify(`${limit}~`)}` : `v < ${JSON.stringify(limit)}`
}

function isFiniteText(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text))
}

/** In brackets, because `a --1` would be read as a decrement. */
function numberLiteral(value: number): string {
  return `(${Object.is(value, -0) ? 0 : value})`
}
