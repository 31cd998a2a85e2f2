/**
 * CHECK constraints -> rules of columns, where they mean exactly the same; the rest is returned as text.
 *
 * Understood: comparisons of one column with a constant, BETWEEN, lists of values, lengths, patterns that JavaScript reads the same way, and
 * `IS NOT NULL`. A check is kept by NULL, and so is a rule of an optional column. Never weaker and never stronger than the check: what would
 * be only nearly the same (text without regard to case, blanks at the end of `char(n)`, numbers that a double cannot hold) stays in words.
 */
import { type CheckNode, conjuncts, parseCheck } from './check-expression.ts'
import { contradiction } from './contradiction.ts'
import type { ImportedValue } from './imported-table.ts'
import { patternFromPostgres } from './postgres-pattern.ts'

/** How values of a column are compared. */
export type Comparison =
  | 'text'
  | 'character'
  | 'enum'
  | 'integer'
  | 'decimal'
  | 'float'
  | 'date'
  | 'timestamp'
  | 'other'

/** A column that checks may speak of. */
export type CheckedColumn = {
  readonly comparison: Comparison
  /** Of `character(n)`. */
  readonly length?: number
}

/** What checks say of one column. */
export type ColumnRules = {
  readonly options: Record<string, ImportedValue>
  values?: readonly ImportedValue[]
  required?: boolean
}

/** What checks say. */
export type CheckRules = {
  readonly columns: ReadonlyMap<string, ColumnRules>
  /** What was not understood, as Postgres prints it, and the position of the expression that it was in. */
  readonly rest: readonly { readonly text: string; readonly of: number }[]
}

type Finding = {
  readonly column: string
  readonly options?: Readonly<Record<string, ImportedValue>>
  readonly values?: readonly ImportedValue[]
  readonly required?: boolean
}

const FLIPPED: Readonly<Record<string, string>> = {
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  '=': '=',
  '<>': '<>',
}
const TEXT_TYPES: ReadonlySet<string> = new Set(['text', 'character varying', 'bpchar', 'character', 'name'])
const NUMBER_TYPES: ReadonlySet<string> = new Set([
  'smallint',
  'integer',
  'bigint',
  'numeric',
  'real',
  'double precision',
])
/** Casts of a column that change no value. */
const WIDER: Readonly<Partial<Record<Comparison, ReadonlySet<string>>>> = {
  text: new Set(['text', 'character varying']),
  character: new Set(['bpchar', 'character']),
  enum: new Set(),
  integer: new Set(['integer', 'bigint', 'numeric', 'double precision']),
  decimal: new Set(['numeric']),
  float: new Set(['double precision']),
}

/** Reads check expressions. `columns` are the columns by name; a domain's value is named VALUE. */
export function checkRules(
  expressions: readonly string[],
  columns: ReadonlyMap<string, CheckedColumn>,
): CheckRules {
  const found = new Map<string, ColumnRules>()
  const rest: { readonly text: string; readonly of: number }[] = []
  for (const [of, text] of expressions.entries()) {
    const tree = parseCheck(text)
    if (!tree) {
      rest.push({ text: withoutBrackets(text), of })
      continue
    }
    for (const part of conjuncts(tree)) {
      const finding = findingOf(part, columns)
      const rules = finding ? (found.get(finding.column) ?? { options: {} }) : undefined
      if (finding && rules && merge(rules, finding)) found.set(finding.column, rules)
      else rest.push({ text: withoutBrackets(text.slice(part.from, part.to)), of })
    }
  }
  return { columns: found, rest }
}

/** Postgres brackets the whole. */
function withoutBrackets(text: string): string {
  const inner = /^\((.*)\)$/s.exec(text.trim())?.[1]
  if (inner === undefined) return text.trim()
  let open = 0
  for (const char of inner) {
    if (char === '(') open++
    else if (char === ')' && --open < 0) return text.trim()
  }
  return inner
}

function findingOf(node: CheckNode, columns: ReadonlyMap<string, CheckedColumn>): Finding | undefined {
  if (node.kind === 'null') {
    const column = node.negated && node.of.kind === 'column' ? node.of.name : undefined
    return column !== undefined && columns.has(column) ? { column, required: true } : undefined
  }
  if (node.kind === 'or') return alternative(node.items, columns)
  if (node.kind !== 'compare') return undefined
  return node.any ? listOf(node, columns) : (compared(node, columns) ?? flipped(node, columns))
}

/** `a IS NULL OR …` is the rest, if it speaks of a; `a = 1 OR a = 2` is a list. */
function alternative(
  items: readonly CheckNode[],
  columns: ReadonlyMap<string, CheckedColumn>,
): Finding | undefined {
  const nullable = items.flatMap((item) =>
    item.kind === 'null' && !item.negated && item.of.kind === 'column' ? [item.of.name] : [],
  )
  const findings = items
    .filter((item) => item.kind !== 'null' || item.negated)
    .map((item) => findingOf(item, columns))
  const [first] = findings
  if (!first || nullable.length + findings.length !== items.length) return undefined
  if (findings.some((finding) => finding?.column !== first.column || finding.required)) return undefined
  if (nullable.some((name) => name !== first.column)) return undefined
  if (findings.length === 1) return first
  const values = findings.flatMap((finding) => (finding?.options ? [] : (finding?.values ?? [])))
  return values.length >= findings.length && findings.every((finding) => finding?.values)
    ? { column: first.column, values: [...new Set(values)] }
    : undefined
}

type Comparing = Extract<CheckNode, { kind: 'compare' }>

function flipped(node: Comparing, columns: ReadonlyMap<string, CheckedColumn>): Finding | undefined {
  const operator = FLIPPED[node.operator]
  return operator === undefined
    ? undefined
    : compared({ ...node, operator, left: node.right, right: node.left }, columns)
}

function listOf(node: Comparing, columns: ReadonlyMap<string, CheckedColumn>): Finding | undefined {
  const column = columnOf(node.left, columns)
  if (!column || node.operator !== '=') return undefined
  let list = node.right
  while (list.kind === 'cast' && /\[\]$/.test(list.type)) list = list.of
  if (list.kind !== 'array' || list.items.length === 0) return undefined
  const values = list.items.map((item) => constantValue(item, column))
  return values.every((value) => value !== undefined) ? { column: column.name, values } : undefined
}

function compared(
  { operator, left, right }: Comparing,
  columns: ReadonlyMap<string, CheckedColumn>,
): Finding | undefined {
  const length = lengthOf(left, columns)
  if (length !== undefined) return lengthRule(length, operator, right)
  const column = columnOf(left, columns)
  if (!column) return undefined
  const { name, comparison } = column
  if (operator === '~') {
    const pattern = comparison === 'text' ? textOf(right) : undefined
    const same = pattern === undefined ? undefined : patternFromPostgres(pattern)
    return same === undefined ? undefined : { column: name, options: { pattern: same } }
  }
  const value = constantValue(right, column)
  if (value === undefined) return undefined
  if (operator === '=') return { column: name, values: [value] }
  if (operator === '<>')
    return comparison === 'text' && value === '' ? { column: name, options: { minLength: 1 } } : undefined
  if (comparison === 'text' || comparison === 'character' || comparison === 'enum') return undefined
  const option = { '>=': 'minimum', '>': 'exclusiveMinimum', '<=': 'maximum', '<': 'exclusiveMaximum' }[
    operator
  ]
  return option === undefined ? undefined : { column: name, options: { [option]: value } }
}

/** The column whose length is taken. Blanks at the end of `char(n)` do not count there, so that is none. */
function lengthOf(node: CheckNode, columns: ReadonlyMap<string, CheckedColumn>): string | undefined {
  if (node.kind !== 'call' || !/^(length|char_length|character_length)$/.test(node.name)) return undefined
  const column = node.args.length === 1 && node.args[0] ? columnOf(node.args[0], columns) : undefined
  return column?.comparison === 'text' ? column.name : undefined
}

function lengthRule(column: string, operator: string, right: CheckNode): Finding | undefined {
  if (right.kind !== 'literal' || !/^\d{1,9}$/.test(right.value)) return undefined
  const bound = Number(right.value)
  const rules: Readonly<Record<string, Readonly<Record<string, number>>>> = {
    '=': { minLength: bound, maxLength: bound },
    '>=': { minLength: bound },
    '>': { minLength: bound + 1 },
    '<=': { maxLength: bound },
    ...(bound > 0 ? { '<': { maxLength: bound - 1 } } : { '<>': { minLength: 1 } }),
  }
  const options = rules[operator]
  return options === undefined ? undefined : { column, options }
}

type NamedColumn = CheckedColumn & { readonly name: string }

/** The column of an expression that is one, casts that change no value apart. */
function columnOf(node: CheckNode, columns: ReadonlyMap<string, CheckedColumn>): NamedColumn | undefined {
  if (node.kind === 'column') {
    const column = columns.get(node.name)
    return column && { ...column, name: node.name }
  }
  if (node.kind !== 'cast') return undefined
  const column = columnOf(node.of, columns)
  return column && WIDER[column.comparison]?.has(node.type) ? column : undefined
}

/** A constant as a value of the column; undefined if it is none, or if its digits would be lost. */
function constantValue(node: CheckNode, { comparison, length }: CheckedColumn): ImportedValue | undefined {
  const text = constantOf(node, comparison)
  if (text === undefined) return undefined
  switch (comparison) {
    case 'text':
    case 'enum':
      return text
    case 'character':
      // Shorter values come padded, and would not be among those of the list.
      return [...text].length === length ? text : undefined
    case 'integer':
      return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined
    case 'decimal':
    case 'float':
      return /^-?\d+(\.\d+)?$/.test(text) && text.replaceAll(/\D/g, '').length <= 15
        ? Number(text)
        : undefined
    case 'date':
      return /^\d{4}-\d\d-\d\d$/.test(text) ? text : undefined
    case 'timestamp':
      return momentOf(text)
    default:
      return undefined
  }
}

/** `2026-01-31 00:00:00+00` -> `2026-01-31T00:00:00Z`. */
function momentOf(text: string): string | undefined {
  const [, day, time, zone] =
    /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d(?::?\d\d)?)?$/.exec(text) ?? []
  if (day === undefined || time === undefined) return undefined
  if (zone === undefined) return `${day}T${time}`
  if (/^[+-]00(:?00)?$/.test(zone)) return `${day}T${time}Z`
  // In the zone of the session, which must not show.
  if (/\.\d{4,}/.test(time)) return undefined
  const moment = Date.parse(`${day}T${time}${zone.length === 3 ? `${zone}:00` : zone}`)
  return Number.isNaN(moment) ? undefined : new Date(moment).toISOString().replace('.000Z', 'Z')
}

function constantOf(node: CheckNode, comparison: Comparison): string | undefined {
  if (node.kind === 'literal') return node.type === 'word' ? undefined : node.value
  if (node.kind !== 'cast') return undefined
  const inner = constantOf(node.of, comparison)
  if (inner === undefined) return undefined
  switch (comparison) {
    case 'text':
    case 'character':
      return TEXT_TYPES.has(node.type) ? inner : undefined
    case 'integer':
    case 'decimal':
    case 'float':
      // A cast to a whole number would round.
      return NUMBER_TYPES.has(node.type) && (/^-?\d+$/.test(inner) || !/int/.test(node.type))
        ? inner
        : undefined
    case 'date':
      return node.type === 'date' ? inner : undefined
    case 'timestamp':
      return /^timestamp with(out)? time zone$/.test(node.type) ? inner : undefined
    case 'enum':
      return /[()[\]]/.test(node.type) ? undefined : inner
    default:
      return undefined
  }
}

function textOf(node: CheckNode): string | undefined {
  return constantOf(node, 'text')
}

/** Adds what was found; false if both cannot be kept as one. */
function merge(rules: ColumnRules, { options = {}, values, required }: Finding): boolean {
  for (const [name, value] of Object.entries(options)) {
    const before = rules.options[name]
    if (before !== undefined && before !== value) return false
  }
  if (contradiction({ ...rules.options, ...options }) !== undefined) return false
  if (values && rules.values && JSON.stringify(values) !== JSON.stringify(rules.values)) return false
  Object.assign(rules.options, options)
  if (values) rules.values = values
  if (required) rules.required = true
  return true
}
