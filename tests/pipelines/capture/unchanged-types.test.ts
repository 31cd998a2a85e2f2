import { describe, expect, test } from 'vitest'
import { losesUnchanged } from '#pipelines/capture/unchanged-types.ts'

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
  ])('%s is told of when it did not change', (type) => expect(losesUnchanged(type)).toBe(false))

  test.each([
    'bytea',
    'bit varying(9000)',
    'public.hstore',
    'geometry(Point,4326)',
    'smallint[]',
    'boolean[]',
    'numeric(12,2)[]',
    'timestamp with time zone[]',
    'bytea[]',
    'order_status[]',
    'text_like[]',
  ])('%s is not, so that its table needs REPLICA IDENTITY FULL', (type) =>
    expect(losesUnchanged(type)).toBe(true),
  )
})
