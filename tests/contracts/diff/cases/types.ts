/** Cases: types. */

import { amount, type Fragment, typed } from '../fragments.ts'
import { AT, both, type DiffCase, none, same } from './diff-case.ts'

const widened = `DIFF_TYPE_WIDENED loosens warning info ${AT}`
const narrowed = `DIFF_TYPE_NARROWED tightens info error ${AT}`
const changed = `DIFF_TYPE_CHANGED changes error error ${AT}`
const physical = (type: string): Fragment => amount(`physicalType: "${type}"`)

/** The cases. */
export const TYPES: readonly DiffCase[] = [
  both('integer to number', amount('logicalType: integer'), amount('logicalType: number'), widened, narrowed),
  same('string to integer', amount('logicalType: string'), amount('logicalType: integer'), changed),
  same('date to timestamp', amount('logicalType: date'), amount('logicalType: timestamp'), changed),
  both(
    'a type is stated or not',
    amount(''),
    amount('logicalType: string'),
    `DIFF_TYPE_STATED tightens info warning ${AT}`,
    `DIFF_TYPE_UNSTATED loosens warning info ${AT}`,
  ),
  both('int2 to int4', physical('int2'), physical('int4'), widened, narrowed),
  both('integer to bigint', physical('INTEGER'), physical('BIGINT'), widened, narrowed),
  both('real to double precision', physical('real'), physical('double precision'), widened, narrowed),
  both(
    'numeric grows before the point',
    physical('numeric(10,2)'),
    physical('numeric(12,2)'),
    widened,
    narrowed,
  ),
  both(
    'numeric grows behind the point',
    physical('numeric(10,2)'),
    physical('numeric(12,4)'),
    widened,
    narrowed,
  ),
  same('numeric moves its point', physical('numeric(10,2)'), physical('numeric(10,4)'), changed),
  both('int4 to numeric that holds it', physical('int4'), physical('numeric(12,2)'), widened, narrowed),
  same('int8 to double loses digits', physical('int8'), physical('float8'), changed),
  both('varchar grows', physical('varchar(20)'), physical('varchar(40)'), widened, narrowed),
  both('varchar to text', physical('character varying(20)'), physical('text'), widened, narrowed),
  same('date to timestamp in the data store', physical('date'), physical('timestamp'), changed),
  same('timestamp gets a zone', physical('timestamp'), physical('timestamptz'), changed),
  both('timestamp grows in precision', physical('timestamp(3)'), physical('timestamp(6)'), widened, narrowed),
  same('uuid to text', physical('uuid'), physical('text'), changed),
  both('array of wider items', physical('int4[]'), physical('int8[]'), widened, narrowed),
  both('a nullable type', physical('Int32'), physical('Nullable(Int64)'), widened, narrowed),
  none('another spelling of a type', physical('int4'), physical('INTEGER')),
  both(
    'items of an array',
    amount('logicalType: array, items: {logicalType: integer}'),
    amount('logicalType: array, items: {logicalType: number}'),
    'DIFF_TYPE_WIDENED loosens warning info orders.amount[]',
    'DIFF_TYPE_NARROWED tightens info error orders.amount[]',
  ),
  both(
    'items of an array are described or not',
    amount('logicalType: array'),
    amount('logicalType: array, items: {logicalType: integer}'),
    'DIFF_TYPE_STATED tightens info warning orders.amount[]',
    'DIFF_TYPE_UNSTATED loosens warning info orders.amount[]',
  ),
  same(
    'values of a map',
    amount('logicalType: map, map: {key: {logicalType: string}, value: {logicalType: integer}}'),
    amount('logicalType: map, map: {key: {logicalType: string}, value: {logicalType: date}}'),
    'DIFF_TYPE_CHANGED changes error error orders.amount{value}',
  ),
  same(
    'a vector of another size',
    typed('vector', 'dimensions: 3'),
    typed('vector', 'dimensions: 4'),
    `DIFF_VECTOR_SIZE_CHANGED changes error error ${AT}`,
  ),
  both(
    'a format is demanded or not',
    typed('string', ''),
    typed('string', 'format: email'),
    `DIFF_FORMAT_ADDED tightens info error ${AT}`,
    `DIFF_FORMAT_REMOVED loosens warning info ${AT}`,
  ),
  same(
    'another format',
    typed('string', 'format: email'),
    typed('string', 'format: uuid'),
    `DIFF_FORMAT_CHANGED changes error error ${AT}`,
  ),
  both('a wider format', typed('integer', 'format: i32'), typed('integer', 'format: i64'), widened, narrowed),
  same(
    'a time zone',
    typed('timestamp', 'timezone: true'),
    typed('timestamp', 'timezone: false'),
    `DIFF_TIMEZONE_CHANGED changes error error ${AT}`,
  ),
  same(
    'column or measure',
    amount('semanticType: column'),
    amount('semanticType: measure'),
    `DIFF_SEMANTIC_TYPE_CHANGED changes warning warning ${AT}`,
  ),
  same(
    'how a value is made',
    amount('transformLogic: net + tax'),
    amount('transformLogic: net'),
    `DIFF_TRANSFORM_CHANGED changes warning info ${AT}`,
  ),
]
