/**
 * Faults of ClickHouse in three kinds: it is away or cannot now (retriable), it refuses these rows (a finding about the data), it
 * refuses the statement (a person must act). Messages of the engine may quote values, so only its code goes on.
 */
import { ClickHouseError } from '@clickhouse/client'
import { MogoError } from '#contracts/errors.ts'
import { PASSING } from '#ops/runtime/clickhouse-passing.ts'
import { FENCED } from './lane-claims.ts'

/** Engine codes that pass for a worker, which can wait for a person, too: rights, logins, tables that are away. */
const PASSING_HERE = new Set([
  ...PASSING,
  '60', // UNKNOWN_TABLE
  '81', // UNKNOWN_DATABASE
  '164', // READONLY
  '193', // WRONG_PASSWORD
  '194', // REQUIRED_PASSWORD
  '201', // QUOTA_EXCEEDED
  '497', // ACCESS_DENIED: grants may be on their way
  '516', // AUTHENTICATION_FAILED: the embedded engine restarts when access scopes change
  '774', // TABLE_IS_PERMANENTLY_READ_ONLY: a person has set it so, and may set it back
])

/** What a person needs to know more than a number. */
const WORDS: Readonly<Record<string, string>> = {
  '193': 'it refuses the password',
  '194': 'it wants a password',
  '216': 'the same batch is still being loaded, sent by a former worker',
  '241': 'its memory is used up',
  '242': 'the table is read-only',
  '243': 'its disk is full',
  '252': 'it has too many parts to merge',
  '497': 'the user lacks a right there (code 497)',
  '516': 'it refuses user or password',
  '741': 'another table has just taken its name',
  '745': 'it is overloaded',
  '774': 'the table is read-only',
}

/** Engine codes about the rows themselves. */
const ABOUT_ROWS = new Set([
  '6', // CANNOT_PARSE_TEXT
  '26', // CANNOT_PARSE_QUOTED_STRING
  '27', // CANNOT_PARSE_INPUT_ASSERTION_FAILED
  '33', // CANNOT_READ_ALL_DATA
  '38', // CANNOT_PARSE_DATE
  '41', // CANNOT_PARSE_DATETIME
  '53', // TYPE_MISMATCH
  '69', // ARGUMENT_OUT_OF_BOUND
  '70', // CANNOT_CONVERT_TYPE
  '72', // CANNOT_PARSE_NUMBER
  '117', // INCORRECT_DATA
  '130', // CANNOT_READ_ARRAY_FROM_TEXT
  '131', // TOO_LARGE_STRING_SIZE
  '321', // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
  '349', // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
  '376', // CANNOT_PARSE_UUID
  '407', // DECIMAL_OVERFLOW
  '441', // CANNOT_PARSE_DOMAIN_VALUE_FROM_STRING
  '467', // CANNOT_PARSE_BOOL
  '469', // VIOLATED_CONSTRAINT
  '675', // CANNOT_PARSE_IPV4
  '676', // CANNOT_PARSE_IPV6
  '691', // UNKNOWN_ELEMENT_OF_ENUM
])

/** FUNCTION_THROW_IF_VALUE_IS_NON_ZERO */
const THROW_IF = '395'

/** The engine's code; empty if the fault did not come from the engine. */
export function engineCode(error: unknown): string {
  return error instanceof ClickHouseError ? error.code : ''
}

/** True if the engine refuses the rows of an insert; not if only a view behind the table does, which the table itself does not mind. */
export function isAboutRows(error: unknown): boolean {
  return ABOUT_ROWS.has(engineCode(error)) && !isOfView(error)
}

/** What the engine puts behind the text of an error that a materialized view made. (A value is quoted, and stands before it.) */
const OF_VIEW = /: while pushing to view [^:']+$/

function isOfView(error: unknown): boolean {
  return error instanceof ClickHouseError && OF_VIEW.test(error.message)
}

/** True if the insert was refused because another worker has the lane now. */
export function isFenced(error: unknown): boolean {
  return engineCode(error) === THROW_IF && error instanceof Error && error.message.includes(FENCED)
}

/** Fault of the catalogue; `what` names the table. */
export function clickhouseFault(error: unknown, url: string, what: string): MogoError {
  if (error instanceof MogoError) return error
  const code = engineCode(error)
  // Without an engine code it is the network, a proxy or a timeout of the client.
  const words = code === '' ? networkDetail(error) : (WORDS[code] ?? `code ${code}`)
  // A view can be mended, or dropped, while the worker waits.
  const detail = isOfView(error) ? `a view behind the table fails: ${words}` : words
  if (code === '' || PASSING_HERE.has(code) || isOfView(error))
    return new MogoError('MOGO_CLICKHOUSE_UNREACHABLE', { url, detail }, { cause: error })
  return new MogoError('MOGO_CLICKHOUSE_REJECTED', { table: what, engineCode: code }, { cause: error })
}

function networkDetail(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return code === '' ? 'no answer' : code
}
