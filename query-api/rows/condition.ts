/**
 * Filters -> conditions over columns that the caller may read, with values of the columns' types; and conditions -> SQL.
 *
 * A comparison with NULL is unknown, and what is unknown shows no row, under `not` neither. So `not` is carried down to the tests (De
 * Morgan), where only AND and OR are above it and unknown is as good as false; `is` alone tells NULL.
 */
import { MogoError } from '#contracts/errors.ts'
import type { Filter, FilterTest } from './filter-grammar.ts'
import { OPERATORS, type Operator } from './operators.ts'
import type { ReadableColumn, ReadableColumns } from './readable-columns.ts'
import type { SqlParameters } from './sql-parameters.ts'
import { typedValue, valueForm } from './typed-value.ts'

/** One column, one operator. */
type Test = {
  readonly kind: 'test'
  readonly column: ReadableColumn
  readonly operator: Operator
  readonly negated: boolean
  /** In the engine's notation. */
  readonly values: readonly string[]
}

/** A filter whose names and values are known to be right. */
export type Condition =
  | Test
  | { readonly kind: 'group'; readonly join: 'and' | 'or'; readonly parts: readonly Condition[] }

/** Resolves a filter. @throws MogoError MOGO_ROWS_COLUMN, MOGO_ROWS_OPERATOR, MOGO_ROWS_VALUE */
export function resolveFilter(filter: Filter, columns: ReadableColumns, negated = false): Condition {
  const turned = filter.negated !== negated
  if (filter.kind === 'test') return { ...resolveTest(filter, columns.of(filter.column)), negated: turned }
  const join = turned ? (filter.join === 'and' ? 'or' : 'and') : filter.join
  return { kind: 'group', join, parts: filter.parts.map((part) => resolveFilter(part, columns, turned)) }
}

function resolveTest(test: FilterTest, column: ReadableColumn): Test {
  const { operator } = test
  const { type, abilities } = column
  const isBoolean = operator === 'is' && test.values[0] !== 'null' && test.values[0] !== 'not_null'
  if (!abilities.has(OPERATORS[operator].needs) || (isBoolean && type.kind !== 'boolean'))
    throw new MogoError('MOGO_ROWS_OPERATOR', {
      operator: isBoolean ? `is.${test.values[0]}` : operator,
      column: column.name,
      type: type.name,
      operators: Object.entries(OPERATORS)
        .flatMap(([name, { needs }]) => (abilities.has(needs) ? [name] : []))
        .join(', '),
    })
  const valueType = type.kind === 'array' ? type.items : type
  const values = test.values.map((text) => {
    if (operator === 'is') return text
    const value = typedValue(text, valueType)
    if (value === undefined)
      throw new MogoError('MOGO_ROWS_VALUE', {
        column: column.name,
        type: valueType.name,
        form: valueForm(valueType),
      })
    return operator === 'like' || operator === 'ilike' ? likePattern(value) : value
  })
  return { kind: 'test', column, operator, negated: test.negated, values }
}

/** `*` stands for any text, a backslash takes the character after it as it is; `%` and `_` mean themselves. */
function likePattern(text: string): string {
  return text.replaceAll(/\\(.)|([%_\\])|(\*)/gsu, (_whole, taken: string, special: string, star: string) => {
    if (star !== undefined) return '%'
    const char = taken ?? special
    return /[%_\\]/.test(char) ? `\\${char}` : char
  })
}

/** The names of columns that a condition uses. */
export function conditionColumns(condition: Condition): readonly string[] {
  return condition.kind === 'test' ? [condition.column.name] : condition.parts.flatMap(conditionColumns)
}

/** Renders a condition. `sqlOf` is how a column is written where it stands. */
export function conditionSql(
  condition: Condition,
  sqlOf: (column: string) => string,
  parameters: SqlParameters,
): string {
  if (condition.kind === 'test') return testSql(condition, sqlOf(condition.column.name), parameters)
  const parts = condition.parts.map((part) => conditionSql(part, sqlOf, parameters))
  return `(${parts.join(condition.join === 'and' ? ' AND ' : ' OR ')})`
}

const COMPARISONS: Readonly<Partial<Record<Operator, string>>> = {
  ...{ eq: '=', neq: '!=', gt: '>', gte: '>=', lt: '<', lte: '<=', like: 'LIKE', ilike: 'ILIKE' },
}

function testSql(test: Test, name: string, parameters: SqlParameters): string {
  const { column, operator, negated, values } = test
  const { type } = column
  const places = values.map((value) =>
    operator === 'is' ? '' : parameters.add(value, type.kind === 'array' ? type.items : type),
  )
  switch (operator) {
    case 'is':
      return stateSql(test, name, parameters)
    case 'in': {
      if (!negated) return `${name} IN (${places.join(', ')})`
      // Whether NULL is not in a list depends on a setting of the engine; it must not.
      const outside = `${name} NOT IN (${places.join(', ')})`
      return column.nullable ? `(${name} IS NOT NULL AND ${outside})` : outside
    }
    case 'starts':
      return not(negated, `startsWith(${name}, ${places[0]})`)
    case 'contains':
      return not(negated, `hasAll(${name}, [${places.join(', ')}])`)
    default:
      return not(negated, `${name} ${COMPARISONS[operator]} ${places[0]}`)
  }
}

/** `is.true` of NULL is false, so that its opposite is true. */
function stateSql({ column, values, negated }: Test, name: string, parameters: SqlParameters): string {
  const [state = 'null'] = values
  if (state === 'null' || state === 'not_null')
    return (state === 'null') !== negated ? `${name} IS NULL` : `${name} IS NOT NULL`
  const place = parameters.add(state, column.type)
  return negated ? `(${name} IS NULL OR ${name} != ${place})` : `${name} = ${place}`
}

function not(negated: boolean, test: string): string {
  return negated ? `NOT (${test})` : test
}
