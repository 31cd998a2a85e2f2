import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RawValue } from '#transforms/record.ts'
import { unchangedTest } from '#transforms/unchanged.ts'
import { versionOf } from '#transforms/version.ts'

const SECRET = 'k9-placeholder'
const isUnchanged = unchangedTest(SECRET)
const BASE64 = Buffer.from(SECRET).toString('base64')
const BYTES = [...Buffer.from(SECRET)]

describe('the placeholder of a value that did not change', () => {
  const placeholders: readonly (readonly [string, RawValue])[] = [
    ['text', SECRET],
    ['bytea', BASE64],
    ['hstore', `{"${SECRET}":"${SECRET}"}`],
    ['text[]', [SECRET]],
    ['bytea[]', [BASE64]],
    ['int[] and bigint[]', BYTES],
  ]
  test.each(placeholders)('is known in %s', (_type, value) => expect(isUnchanged(value)).toBe(true))

  test('is known in uuid[]: the name-based UUID that Java makes', () => {
    // UUID.nameUUIDFromBytes("a".getBytes()) in Java.
    expect(unchangedTest('a')(['0cc175b9-c0f1-36a8-b1c3-99e269772661'])).toBe(true)
    expect(isUnchanged(['0cc175b9-c0f1-36a8-b1c3-99e269772661'])).toBe(false)
  })

  const values: readonly (RawValue | undefined)[] = [
    null,
    undefined,
    '',
    `${SECRET} `,
    [],
    [SECRET, SECRET],
    [[SECRET]],
    BYTES.slice(1),
    [...BYTES.slice(1), 0],
    [null],
    { [SECRET]: SECRET },
    0,
    false,
  ]
  test.each(values.map((value) => [value]))('is not %j', (value) => expect(isUnchanged(value)).toBe(false))
})

describe('the version of a row', () => {
  test.each([
    [0, 0n, 0n, '0'],
    [0, 0n, 1n, '1'],
    [0, 1n, 0n, String(2n ** 48n)],
    [1, 0n, 0n, String(2n ** 112n)],
    [65_535, 2n ** 64n - 1n, 2n ** 48n - 1n, String(2n ** 128n - 1n)],
  ])('(%i, %i, %i) is %s', (epoch, lsn, offset, version) =>
    expect(versionOf(epoch, lsn, offset)).toBe(version),
  )

  test('orders as (epoch, LSN, offset) does', () => {
    const part = fc.tuple(
      fc.nat(65_535),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.bigInt({ min: 0n, max: 2n ** 48n - 1n }),
    )
    fc.assert(
      fc.property(part, part, fc.boolean(), fc.boolean(), (a, other, sameEpoch, sameLsn) => {
        const b = [sameEpoch ? a[0] : other[0], sameLsn ? a[1] : other[1], other[2]] as const
        const order = a[0] !== b[0] ? a[0] < b[0] : a[1] !== b[1] ? a[1] < b[1] : a[2] < b[2]
        expect(BigInt(versionOf(...a)) < BigInt(versionOf(...b))).toBe(order)
      }),
    )
  })
})
