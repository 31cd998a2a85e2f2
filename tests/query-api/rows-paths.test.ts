/** The route in the OpenAPI document takes what is read, and its examples are right. */
import { describe, expect, test } from 'vitest'
import { type ErrorCode, MogoError } from '#contracts/errors.ts'
import { problemOf } from '#ops/runtime/problem.ts'
import { ROWS_PATHS } from '#query-api/routes/rows-paths.ts'
import { GROUP_PARAMETERS } from '#query-api/rows/filter-grammar.ts'
import { readRowsRequest } from '#query-api/rows/rows-request.ts'

type Parameter = {
  readonly name: string
  readonly in: string
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>
}
const { parameters, responses } = ROWS_PATHS['/v1/datasets/{name}/rows'].get
const inQuery = (parameters as readonly Parameter[]).filter((each) => each.in === 'query')

describe('the parameters', () => {
  test('are those of the route, and one for filters', () => {
    const own = ['select', 'sort', 'group', 'aggregate', 'limit', 'cursor', 'total', 'role', 'purpose']
    expect(inQuery.map(({ name }) => name).toSorted()).toEqual(
      ['filter', ...GROUP_PARAMETERS, ...own].toSorted(),
    )
    // What is one of the route is given once; any other name is a column.
    for (const name of own)
      expect(() => readRowsRequest(`${name}=1&${name}=1`, 100), name).toThrow(
        `The parameter ${name} cannot be used`,
      )
  })

  test('have examples that can be read', () => {
    let count = 0
    for (const { name, examples } of inQuery)
      for (const { value } of Object.values(examples ?? {})) {
        count++
        const query =
          typeof value === 'string'
            ? new URLSearchParams({ [name]: value })
            : new URLSearchParams(
                Object.entries(value as Record<string, string | string[]>).flatMap(([key, each]) =>
                  [each].flat().map((text): [string, string] => [key, text]),
                ),
              )
        expect(() => readRowsRequest(String(query), 10_000), String(query)).not.toThrow()
      }
    expect(count).toBeGreaterThan(10)
  })
})

test('the problems shown are as they are answered', () => {
  const shown = Object.entries(responses).flatMap(([status, { description, ...response }]) => {
    const content = 'content' in response ? (response.content as object) : {}
    const examples =
      (content as Record<string, { examples?: object }>)['application/problem+json']?.examples ?? {}
    return Object.values(examples).map((each) => ({
      status,
      ...(each as { value: Record<string, unknown> }),
    }))
  })
  expect(shown.length).toBeGreaterThanOrEqual(4)
  const parts: Readonly<Record<string, Record<string, string>>> = {
    MOGO_ROWS_COLUMN: { column: 'totl', dataset: 'orders', suggestion: ', perhaps total' },
    MOGO_ROWS_VALUE: {
      column: 'id',
      type: 'Int64',
      form: 'a whole number from -9223372036854775808 to 9223372036854775807',
    },
    MOGO_ROWS_CURSOR: { detail: 'it was not made here, or is not as it was made' },
    MOGO_ROWS_KEYLESS: { role: 'support', dataset: 'orders' },
    MOGO_RATE_LIMITED: { whose: 'yours', limit: '600', seconds: '3' },
  }
  for (const { status, value } of shown) {
    const code = String(value['code'])
    const real = problemOf(new MogoError(code as ErrorCode, parts[code] ?? {}), String(value['instance']))
    expect(value).toEqual(real)
    expect(String(real.status)).toBe(status)
  }
})
