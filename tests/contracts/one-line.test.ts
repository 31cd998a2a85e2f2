import { expect, test } from 'vitest'
import { oneLine } from '#contracts/one-line.ts'

test.each([
  ['two\r\n lines ', 'two  lines'],
  ['\u0000a\u0085b\u2028c\u2029d\u007f', 'a b c d'],
  ['as it is', 'as it is'],
])('%j is %j in one line', (text, line) => expect(oneLine(text)).toBe(line))
