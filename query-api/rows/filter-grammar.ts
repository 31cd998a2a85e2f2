/**
 * Filters as they are written -> a tree of tests, close to PostgREST's notation:
 *
 *     total=gt.100   status=in.(paid,"on hold")   paid_at=not.is.null
 *     or=(total.gt.100,and(status.eq.open,not.or(kind.eq.a,kind.eq.b)))
 *
 * A parameter's own value is taken as it stands, up to its end; in lists and groups see scanner.ts for quotes. Names are not looked up
 * and values not typed here. Depth and number are bounded.
 */
import { isOperator, OPERATORS, type Operator, STATES } from './operators.ts'
import { faultOfParameter, type ParameterFault } from './parameter-fault.ts'
import { createScanner, type Scanner } from './scanner.ts'

/** One column asked with one operator. */
export type FilterTest = {
  readonly kind: 'test'
  readonly column: string
  readonly operator: Operator
  readonly negated: boolean
  /** One, but for lists. */
  readonly values: readonly string[]
}

/** Filters of which all (`and`) or some (`or`) must hold. */
export type FilterGroup = {
  readonly kind: 'group'
  readonly join: 'and' | 'or'
  readonly negated: boolean
  readonly parts: readonly Filter[]
}

/** See the header. */
export type Filter = FilterTest | FilterGroup

/** Parameters that hold groups. */
export const GROUP_PARAMETERS = ['and', 'or', 'not.and', 'not.or'] as const

/** Deepest nesting of groups. */
export const DEEPEST_FILTER = 6
/** Most tests in one request. */
export const MOST_TESTS = 50
/** Most values in one request, those of all lists together. */
export const MOST_VALUES = 500

const FILTER = /^(not\.)?([a-z]*)(?:\.(.*))?$/s

/** True for a text that begins like a filter: `gt.`, `not.in.`. */
export function isFilterText(text: string): boolean {
  const [, , name = '', rest] = FILTER.exec(text) ?? []
  return rest !== undefined && isOperator(name)
}

/** Makes a reader for the filters of one request: its bounds are theirs together. */
export function createFilterReader() {
  let tests = 0
  let values = 0
  return { test, group }

  /** `column=…`. @throws MogoError MOGO_ROWS_PARAMETER */
  function test(column: string, text: string): Filter {
    const fault = faultOfParameter(column)
    const [, not = '', name = '', rest] = FILTER.exec(text) ?? []
    if (rest === undefined || !isOperator(name))
      throw fault(`a filter is operator.value, and the operators are ${Object.keys(OPERATORS).join(', ')}`)
    if (OPERATORS[name].operand !== 'list') return made(column, name, not !== '', [rest], fault)
    const scanner = createScanner(rest, fault)
    const items = scanner.list(() => scanner.value())
    scanner.end()
    return made(column, name, not !== '', items, fault)
  }

  /** `or=(…)`, `not.and=(…)`. @throws MogoError MOGO_ROWS_PARAMETER */
  function group(parameter: (typeof GROUP_PARAMETERS)[number], text: string): Filter {
    const fault = faultOfParameter(parameter)
    const scanner = createScanner(text, fault)
    const join = parameter.endsWith('and') ? 'and' : 'or'
    const read = groupOf(scanner, join, parameter.startsWith('not.'), 1, fault)
    scanner.end()
    return read
  }

  function groupOf(
    scanner: Scanner,
    join: 'and' | 'or',
    negated: boolean,
    depth: number,
    fault: ParameterFault,
  ): FilterGroup {
    if (depth > DEEPEST_FILTER) throw fault(`groups are nested more than ${DEEPEST_FILTER} deep`)
    const parts = scanner.list(() => part(scanner, depth, fault))
    return { kind: 'group', join, negated, parts }
  }

  function part(scanner: Scanner, depth: number, fault: ParameterFault): Filter {
    const first = scanner.name()
    const isJoin = (text: string): text is 'and' | 'or' => text === 'and' || text === 'or'
    if (!first.quoted && isJoin(first.text) && scanner.sees('('))
      return groupOf(scanner, first.text, false, depth + 1, fault)
    const under = (['and', 'or'] as const).find((word) => scanner.sees(`.${word}(`))
    if (!first.quoted && first.text === 'not' && under !== undefined) {
      scanner.expect(`.${under}`)
      return groupOf(scanner, under, true, depth + 1, fault)
    }
    scanner.expect('.')
    const negated = scanner.takes('not.')
    const { text: name, quoted } = scanner.name()
    if (quoted || !isOperator(name))
      throw fault(
        `a part is column.operator.value, and the operators are ${Object.keys(OPERATORS).join(', ')}`,
      )
    scanner.expect('.')
    const operands =
      OPERATORS[name].operand === 'list' ? scanner.list(() => scanner.value()) : [scanner.value()]
    return made(first.text, name, negated, operands, fault)
  }

  function made(
    column: string,
    operator: Operator,
    negated: boolean,
    operands: readonly string[],
    fault: ParameterFault,
  ): FilterTest {
    tests++
    values += operands.length
    if (tests > MOST_TESTS) throw fault(`more than ${MOST_TESTS} filters`)
    if (values > MOST_VALUES) throw fault(`more than ${MOST_VALUES} values in the filters`)
    if (operator === 'is' && !STATES.some((state) => state === operands[0]))
      throw fault(`is asks for one of ${STATES.join(', ')}`)
    return { kind: 'test', column, operator, negated, values: operands }
  }
}
