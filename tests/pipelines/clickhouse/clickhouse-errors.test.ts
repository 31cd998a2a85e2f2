/** What a fault of the engine means for a lane: it waits, quarantines rows, or stops until somebody acts. */
import { ClickHouseError } from '@clickhouse/client'
import { describe, expect, it } from 'vitest'
import { clickhouseFault, isAboutRows } from '#pipelines/clickhouse/clickhouse-errors.ts'

const error = (code: string, message = 'quoting ada@example.org') =>
  new ClickHouseError({ code, type: 'X', message })
const faultOf = (code: string) => clickhouseFault(error(code), 'http://clickhouse:8123', 'analytics.orders')

describe('a fault of the engine', () => {
  it.each([
    ...['60', '81', '218', '733', '741'].map((code) => [code, 'a table that is put in the place of another']),
    ...['202', '241', '243', '252', '745', '762', '776'].map((code) => [code, 'a limit']),
    ...['209', '225', '242', '279', '285', '286', '319', '499', '999'].map((code) => [
      code,
      'something away',
    ]),
    ...['341', '384', '517', '692', '722', '738'].map((code) => [code, 'work that is under way']),
    ...['164', '193', '497', '516', '774'].map((code) => [code, 'a right that may be on its way']),
  ])('%s is waited out: %s', (code) => {
    expect(faultOf(code)).toMatchObject({ code: 'MOGO_CLICKHOUSE_UNREACHABLE', class: 'retriable' })
    expect(isAboutRows(error(code))).toBe(false)
  })

  it.each(['6', '53', '72', '131', '349', '441', '467', '469', '691'])('%s is about the rows', (code) => {
    expect(isAboutRows(error(code))).toBe(true)
  })

  it.each(['10', '16', '36', '44', '47', '62', '359', '436', '524'])('%s stops the lane', (code) => {
    expect(faultOf(code)).toMatchObject({ code: 'MOGO_CLICKHOUSE_REJECTED', params: { engineCode: code } })
    expect(isAboutRows(error(code))).toBe(false)
  })

  it('says nothing of what the engine quotes', () => {
    for (const code of ['741', '53', '16'])
      expect(JSON.stringify(faultOf(code)) + faultOf(code).message).not.toContain('ada')
  })

  it('of a view behind the table is waited out, and is not about the rows', () => {
    const ofView = error('53', 'a type: while pushing to view analytics.totals')
    expect(isAboutRows(ofView)).toBe(false)
    expect(clickhouseFault(ofView, 'http://x', 't')).toMatchObject({ class: 'retriable' })
  })
})
