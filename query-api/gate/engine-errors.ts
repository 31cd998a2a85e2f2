/**
 * Faults of the engine -> faults of the catalogue. What is taken over from the engine's text is only what the caller wrote: a
 * name is shown if it stands in the SQL, a place in the SQL is shown as line and column of it.
 */
import { isMogoError, MogoError } from '#contracts/errors.ts'
import { PASSING } from '#ops/runtime/clickhouse-passing.ts'
import { AUTH_CODES, EngineFault } from '../engine/engine-fault.ts'
import { suggestFunction } from './functions.ts'
import type { ScopeNames } from './scope-names.ts'

/** The statement a fault belongs to. */
export type FaultContext = {
  /** The caller's text. */
  readonly sql: string
  readonly names: ScopeNames
  /** Length of what was put before the text, such as `EXPLAIN AST `. */
  readonly prefix?: number
}

const LIMITS: Readonly<Record<number, string>> = {
  158: 'rows to read',
  159: 'run time',
  160: 'run time',
  161: 'columns',
  162: 'depth of subqueries',
  167: 'depth of the SQL',
  168: 'size of the SQL',
  191: 'size of a set',
  241: 'memory',
  290: 'bytes in memory',
  306: 'depth of the SQL',
  307: 'bytes to read',
  394: 'run time',
  396: 'rows in the answer',
}

const SETTING_CODES = new Set([115, 164, 452])

/** Maps a fault; what is in the catalogue already stays as it is. */
export function queryFault(error: unknown, context: FaultContext): MogoError {
  if (isMogoError(error)) return error
  if (!(error instanceof EngineFault))
    return new MogoError('MOGO_INTERNAL', { where: 'the query' }, { cause: error })
  const { sql, names } = context
  const limit = LIMITS[error.code]
  if (limit !== undefined) return new MogoError('MOGO_QUERY_LIMIT', { limit })
  if (SETTING_CODES.has(error.code))
    return new MogoError('MOGO_QUERY_FORBIDDEN', {
      what: 'SETTINGS',
      remedy: 'Leave it out: limits and settings belong to your access scope.',
    })
  if (AUTH_CODES.has(error.code))
    return new MogoError('MOGO_UNAVAILABLE', { what: 'Your access scope' }, { cause: error })
  switch (error.code) {
    case 62:
      return syntaxFault(error, sql, context.prefix ?? 0)
    case 47: {
      const name = written(error.find(/dentifier [`']([^`'\n]{1,200})[`']/), sql)
      return names.columnFault(name ?? 'of that name')
    }
    case 60:
    case 81: {
      const name = written(error.find(/identifier '([^'\n]{1,200})'/), sql)
      return names.tableFault(name ?? 'of that name')
    }
    case 46: {
      const name = written(error.find(/name [`']([^`'\n]{1,200})[`']/), sql) ?? 'of that name'
      return new MogoError('MOGO_QUERY_FUNCTION', { name, suggestion: suggestFunction(name) })
    }
    case 497:
      return new MogoError('MOGO_QUERY_FORBIDDEN', {
        what: 'A part of this query that your role was not granted',
        remedy: 'GET /v1/datasets/{name} lists the columns that you may read.',
      })
    case 202:
      return new MogoError('MOGO_QUERY_BUSY', { limit: 'a few' })
    case 456: {
      const name = written(error.find(/Substitution [`']([^`'\n]{1,100})[`']/), sql)
      return new MogoError('MOGO_REQUEST_INVALID', {
        detail: `the parameter ${name ?? 'of a {name:Type} place'} is not given`,
      })
    }
    case 457:
      return new MogoError('MOGO_REQUEST_INVALID', { detail: 'a parameter does not fit its type' })
  }
  if (PASSING.has(String(error.code)))
    return new MogoError('MOGO_UNAVAILABLE', { what: 'ClickHouse' }, { cause: error })
  const reason = error.symbol === '' ? `code ${error.code}` : error.symbol.toLowerCase().replaceAll('_', ' ')
  return new MogoError('MOGO_QUERY_FAILED', { reason }, { cause: error })
}

/** A name that stands in the caller's own text, else undefined. */
function written(name: string | undefined, sql: string): string | undefined {
  if (name === undefined) return undefined
  const last = name.split('.').at(-1) ?? name
  return sql.includes(last) ? name.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '?').slice(0, 100) : undefined
}

function syntaxFault(error: EngineFault, sql: string, prefix: number): MogoError {
  const position = Number(error.find(/failed at position (\d{1,9})/) ?? 0) - prefix
  if (position < 1) return new MogoError('MOGO_QUERY_SYNTAX', { at: '', near: '' })
  const bytes = Buffer.from(sql)
  const before = bytes.subarray(0, position - 1).toString('utf8')
  const line = before.split('\n').length
  const column = before.length - (before.lastIndexOf('\n') + 1) + 1
  const rest = bytes.subarray(position - 1).toString('utf8')
  const token = /^\s*([\p{L}\p{N}_]+|\S)/u.exec(rest)?.[1]
  const near = token === undefined ? ', at its end' : `, near ${token.slice(0, 40)}`
  return new MogoError('MOGO_QUERY_SYNTAX', { at: ` at line ${line}, column ${column}`, near })
}
