/** A column type as some warehouse writes it -> type of the common form. What is not known is text. */
import { clickhouseSourceType } from '../compile/clickhouse-source-type.ts'
import { arrayElement } from '../compile/type-mapping.ts'
import { clickhouseType } from './clickhouse-type.ts'
import type { ImportedLogicalType, ImportedType } from './imported-table.ts'

const LOGICAL: readonly (readonly [RegExp, ImportedLogicalType])[] = [
  [
    /^(tiny|small|medium|big|byte|huge)?int(eger)?\d*( unsigned)?$|^(u?int\d+|long|short|byte|(small|big)?serial)$/,
    'integer',
  ],
  [/^(numeric|decimal|number|bignumeric|bigdecimal|dec|real|float\d*|double( precision)?|money)$/, 'number'],
  [/^bool(ean)?$/, 'boolean'],
  [/^date\d*$/, 'date'],
  [/^(datetime|timestamp|smalldatetime)/, 'timestamp'],
  [/^time/, 'time'],
  [/^(jsonb?|variant|object|struct|record|map|super)$/, 'object'],
  [/^(array|list)$/, 'array'],
]

/** Reads a type. */
export function sqlType(text: string): ImportedType {
  const written = text.trim()
  if (clickhouseSourceType(written) !== undefined) return clickhouseType(written).type
  const element = arrayElement(written)
  if (element !== undefined) return { physicalType: written, logicalType: 'array', items: sqlType(element) }
  const plain = written.toLowerCase().replaceAll(/\s+/g, ' ')
  const [, base = plain, size, rest = ''] =
    /^([a-z_0-9 ]+?) ?(?:\((\d+)(?: ?, ?-?\d+)?\)|[<(].*)?( with.*)?$/s.exec(plain) ?? []
  const logicalType = LOGICAL.find(([form]) => form.test(base))?.[1] ?? 'string'
  const isText = logicalType === 'string' && size !== undefined && /char|string|text|clob/.test(base)
  const isZoned = /(?<!n)tz| with (local )?time zone/.test(`${base}${rest}`)
  return {
    physicalType: written,
    logicalType,
    ...(isText ? { options: { maxLength: Number(size) } } : {}),
    ...(logicalType === 'timestamp' ? { options: { timezone: isZoned } } : {}),
    ...(base === 'uuid' ? { options: { format: 'uuid' } } : {}),
  }
}
