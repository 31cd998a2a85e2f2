import { describe, expect, test } from 'vitest'
import type { SourceColumn } from '#pipelines/capture/source-catalog.ts'
import { losesUnchanged } from '#pipelines/capture/unchanged-types.ts'
import { column } from '../support/catalog.ts'

/** A type as the catalog has it: one enum, one composite type. */
const typed = (type: string): SourceColumn => {
  const elementKind = type.endsWith('[]') ? 'base' : null
  if (type === 'order_status') return column('c', type, { typeKind: 'enum' })
  return column('c', type, { typeKind: type === 'pair' ? 'composite' : 'base', elementKind })
}

describe('a column type', () => {
  test.each([
    'text',
    'character varying(20)',
    'jsonb',
    'numeric(12,2)',
    'integer',
    'text[]',
    'character varying(9)[]',
    'integer[]',
    'bigint[]',
    'uuid[]',
    'jsonb[]',
    'order_status',
    'citext',
    'public.hstore',
    'numrange',
    'tsvector',
    'bit(128)',
  ])('%s is told of when it did not change', (type) => expect(losesUnchanged(typed(type))).toBe(false))

  test.each([
    'bytea',
    'bit varying(9000)',
    'pair',
    'int4multirange',
    'jsonpath',
    'bit(129)',
    'vector(3)',
    'geometry(Point,4326)',
    'smallint[]',
    'boolean[]',
    'numeric(12,2)[]',
    'timestamp with time zone[]',
    'bytea[]',
    'order_status[]',
    'text_like[]',
  ])('%s is not, so that its table needs REPLICA IDENTITY FULL', (type) =>
    expect(losesUnchanged(typed(type))).toBe(true),
  )
})
