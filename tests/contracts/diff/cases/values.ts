/** Cases: values. */

import { amount, custom, type Fragment, typed } from '../fragments.ts'
import { AT, both, type DiffCase, none, same } from './diff-case.ts'

const rangeWider = `DIFF_RANGE_WIDENED loosens error info ${AT}`
const rangeNarrower = `DIFF_RANGE_NARROWED tightens info error ${AT}`
const lengthWider = `DIFF_LENGTH_WIDENED loosens warning info ${AT}`
const lengthNarrower = `DIFF_LENGTH_NARROWED tightens info error ${AT}`
const sizeWider = `DIFF_SIZE_WIDENED loosens warning info ${AT}`
const sizeNarrower = `DIFF_SIZE_NARROWED tightens info error ${AT}`
const valid = (values: string): Fragment => amount(custom('validValues', values))

/** The cases. */
export const VALUES: readonly DiffCase[] = [
  both(
    'more values are allowed (enum)',
    amount('enum: [{value: a}, {value: b}]'),
    amount('enum: [{value: b}, {value: c}, {value: a}]'),
    `DIFF_ENUM_VALUE_ADDED loosens error info ${AT}`,
    `DIFF_ENUM_VALUE_REMOVED tightens info error ${AT}`,
  ),
  both(
    'more values are allowed (validValues)',
    valid('[a, b]'),
    valid('[a, b, c]'),
    `DIFF_ENUM_VALUE_ADDED loosens error info ${AT}`,
    `DIFF_ENUM_VALUE_REMOVED tightens info error ${AT}`,
  ),
  both(
    'one value takes the place of another',
    valid('[a, b]'),
    valid('[a, c]'),
    [`DIFF_ENUM_VALUE_ADDED loosens error info ${AT}`, `DIFF_ENUM_VALUE_REMOVED tightens info error ${AT}`],
    [`DIFF_ENUM_VALUE_ADDED loosens error info ${AT}`, `DIFF_ENUM_VALUE_REMOVED tightens info error ${AT}`],
  ),
  none('the list moves from validValues to enum', valid('[a, b]'), amount('enum: [{value: b}, {value: a}]')),
  both(
    'values are listed or not',
    amount(''),
    amount('enum: [{value: a}]'),
    `DIFF_ENUM_ADDED tightens info error ${AT}`,
    `DIFF_ENUM_REMOVED loosens error info ${AT}`,
  ),
  both(
    'a pattern is demanded or not',
    typed('string', ''),
    typed('string', 'pattern: "^a"'),
    `DIFF_PATTERN_ADDED tightens info error ${AT}`,
    `DIFF_PATTERN_REMOVED loosens error info ${AT}`,
  ),
  same(
    'another pattern',
    typed('string', 'pattern: "^a"'),
    typed('string', 'pattern: "^b"'),
    `DIFF_PATTERN_CHANGED changes error error ${AT}`,
  ),
  both(
    'a longer maxLength',
    typed('string', 'maxLength: 10'),
    typed('string', 'maxLength: 20'),
    lengthWider,
    lengthNarrower,
  ),
  both('no maxLength', typed('string', 'maxLength: 10'), typed('string', ''), lengthWider, lengthNarrower),
  both(
    'a shorter minLength',
    typed('string', 'minLength: 3'),
    typed('string', 'minLength: 2'),
    lengthWider,
    lengthNarrower,
  ),
  none('a minLength of 0 says nothing', typed('string', 'minLength: 0'), typed('string', '')),
  both(
    'a higher maximum',
    typed('integer', 'maximum: 10'),
    typed('integer', 'maximum: 20'),
    rangeWider,
    rangeNarrower,
  ),
  both('no maximum', typed('integer', 'maximum: 10'), typed('integer', ''), rangeWider, rangeNarrower),
  both(
    'a lower minimum',
    typed('number', 'minimum: 0.2'),
    typed('number', 'minimum: 0.1'),
    rangeWider,
    rangeNarrower,
  ),
  both(
    'an exclusive bound becomes inclusive',
    typed('number', 'exclusiveMinimum: 0'),
    typed('number', 'minimum: 0'),
    rangeWider,
    rangeNarrower,
  ),
  none(
    'bounds of whole numbers that mean the same',
    typed('integer', 'exclusiveMinimum: 0'),
    typed('integer', 'minimum: 1'),
  ),
  both(
    'both bounds move',
    typed('integer', 'minimum: 1, maximum: 10'),
    typed('integer', 'minimum: 2, maximum: 20'),
    [rangeNarrower, rangeWider],
    [rangeWider, rangeNarrower],
  ),
  both(
    'a long decimal, in its last digit',
    typed('number', 'maximum: "12345678901234567890.10"'),
    typed('number', 'maximum: "12345678901234567890.11"'),
    rangeWider,
    rangeNarrower,
  ),
  none(
    'decimals that differ in zeros',
    typed('number', 'maximum: "10.50"'),
    typed('number', 'maximum: 10.5'),
  ),
  both(
    'a later date',
    typed('date', 'maximum: "2030-12-31"'),
    typed('date', 'maximum: "2031-01-01"'),
    rangeWider,
    rangeNarrower,
  ),
  none(
    'one moment in two zones',
    typed('timestamp', 'minimum: "2020-01-01T00:00:00Z"'),
    typed('timestamp', 'minimum: "2020-01-01T02:00:00+02:00"'),
  ),
  same(
    'bounds of two kinds',
    typed('date', 'maximum: "2030-12-31"'),
    typed('date', 'maximum: next year'),
    `DIFF_RANGE_CHANGED changes error error ${AT}`,
  ),
  both(
    'multipleOf is a multiple of the former',
    typed('number', 'multipleOf: 0.1'),
    typed('number', 'multipleOf: 0.3'),
    `DIFF_MULTIPLE_OF_TIGHTENED tightens info error ${AT}`,
    `DIFF_MULTIPLE_OF_LOOSENED loosens warning info ${AT}`,
  ),
  same(
    'multipleOf is another one',
    typed('integer', 'multipleOf: 2'),
    typed('integer', 'multipleOf: 3'),
    `DIFF_MULTIPLE_OF_CHANGED changes warning error ${AT}`,
  ),
  both('more items', typed('array', 'maxItems: 5'), typed('array', 'maxItems: 6'), sizeWider, sizeNarrower),
  both(
    'fewer items are demanded',
    typed('array', 'minItems: 2'),
    typed('array', ''),
    sizeWider,
    sizeNarrower,
  ),
  both(
    'more properties',
    typed('object', 'maxProperties: 2'),
    typed('object', 'maxProperties: 3'),
    sizeWider,
    sizeNarrower,
  ),
  both(
    'items must be different',
    typed('array', 'uniqueItems: true'),
    typed('array', 'uniqueItems: false'),
    `DIFF_UNIQUE_ITEMS_REMOVED loosens error info ${AT}`,
    `DIFF_UNIQUE_ITEMS_ADDED tightens info error ${AT}`,
  ),
]
