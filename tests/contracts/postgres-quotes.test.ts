import { expect, test } from 'vitest'
import { quoteName, quoteText } from '#contracts/postgres-quotes.ts'

test.each([
  ['a"b', '"a""b"'],
  ['Odd, Name', '"Odd, Name"'],
  ['a\0b', '"ab"'],
])('the name %j is written %s', (name, written) => expect(quoteName(name)).toBe(written))

test.each([
  ["it's", "'it''s'"],
  ['a\\b', "E'a\\\\b'"],
  ["\\' or true --", "E'\\\\'' or true --'"],
  ['a\0b', "'ab'"],
])('the text %j is written %s', (text, written) => expect(quoteText(text)).toBe(written))
