/** API keys: what they may do, how long, and that nothing but their hash is kept. */
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Principal } from '#contracts/compile/access-scope.ts'
import { isMogoError } from '#contracts/errors.ts'
import { createLogger } from '#ops/runtime/logger.ts'
import { type AccessKeys, createAccessKeys } from '#query-api/access/access-keys.ts'
import { withAccessKeys } from '#query-api/access/caller-auth.ts'
import { KeyBook } from '#query-api/access/key-book.ts'
import { newAccessKey } from '#query-api/access/key-format.ts'
import { createKeyRecords, type KeyDefinition, type KeyRecord } from '#query-api/access/key-records.ts'
import { MemoryKeyTopic } from './support/key-topic.ts'

const DAY = 24 * 3600 * 1000
const NOW = Date.UTC(2026, 10, 1)
let clock = NOW
let topic: MemoryKeyTopic
let lines: string[]
let keys: AccessKeys
const replica = (secret = 's'.repeat(32)): AccessKeys =>
  createAccessKeys({
    open: topic.open,
    secret,
    mostDays: 365,
    logger: createLogger('test', 'debug', { write: (line: string) => void lines.push(line) }),
    now: () => clock,
  })
beforeEach(() => {
  clock = NOW
  topic = new MemoryKeyTopic()
  lines = []
  keys = replica()
})

const dana: Principal = {
  subject: 'dana',
  tenant: 'acme',
  roles: ['analyst', 'data_engineer'],
  attributes: { regions: ['eu'], department: 'sales' },
}
const request = { account: 'nightly', roles: ['analyst'], days: 30, description: '' }
const codeOf = (made: Promise<unknown>): Promise<unknown> =>
  made.then(
    () => 'passed',
    (error: unknown) => (isMogoError(error) ? error.code : error),
  )

describe('a key', () => {
  test('is its account: tenant and attributes of its maker, roles that were asked for', async () => {
    const { known, text } = await keys.create(dana, request)
    const principal = await keys.verify(text)
    expect({ ...principal, attributes: { ...principal.attributes } }).toEqual({
      subject: 'service-account:nightly',
      tenant: 'acme',
      roles: ['analyst'],
      attributes: { regions: ['eu'], department: 'sales' },
      keyId: known.definition.id,
    })
    expect(Object.getPrototypeOf(principal.attributes)).toBeNull()
  })

  test('is taken until the moment it expires', async () => {
    const { text } = await keys.create(dana, request)
    clock = NOW + 30 * DAY - 1
    expect(await codeOf(keys.verify(text))).toBe('passed')
    clock += 1
    expect(await codeOf(keys.verify(text))).toBe('MOGO_KEY_EXPIRED')
  })

  test('is taken no more as soon as it is revoked, although it was taken before', async () => {
    const { known, text } = await keys.create(dana, request)
    expect(await codeOf(keys.verify(text))).toBe('passed')
    await keys.revoke(dana, known.definition.id)
    expect(await codeOf(keys.verify(text))).toBe('MOGO_KEY_REVOKED')
    await keys.revoke(dana, known.definition.id)
    expect(topic.log.filter(({ key }) => key.startsWith('revoked/'))).toHaveLength(1)
  })

  test('leaves neither itself nor its secret on the topic or in the log', async () => {
    const { text } = await keys.create(dana, request)
    await keys.verify(text)
    await keys.verify(`${text.slice(0, -1)}x`).catch(() => {})
    const secret = text.slice(18)
    const kept = JSON.stringify(topic.log) + lines.join('')
    for (const part of [text, secret, secret.slice(0, 20)]) expect(kept).not.toContain(part)
    expect(lines.join('')).toContain(text.slice(5, 17))
    expect(lines.join('')).not.toMatch(/dana|nightly|acme/)
  })

  test.each([
    ['roles that its maker lacks', { roles: ['analyst', 'compliance'] }, 'MOGO_KEY_ROLES'],
    ['a longer life than is allowed', { days: 366 }, 'MOGO_KEY_LIFETIME'],
  ])('is not made with %s', async (_what, changed, code) => {
    expect(await codeOf(keys.create(dana, { ...request, ...changed }))).toBe(code)
    expect(topic.log).toEqual([])
  })
})

describe('no key is', () => {
  test('one that nobody has made', async () => {
    await keys.create(dana, request)
    for (let n = 0; n < 50; n++)
      expect(await codeOf(keys.verify(newAccessKey().text))).toBe('MOGO_KEY_REFUSED')
  })

  test('another secret under the id of a real one', async () => {
    const { known } = await keys.create(dana, request)
    const id = Buffer.from('0'.repeat(24), 'hex')
    const guessed = newAccessKey((length) => (length === 12 ? id : Buffer.alloc(length, 7))).text
    expect(guessed).not.toContain(known.definition.id)
    // The same id with a right checksum: made by hand, since ids are not chosen.
    const { crc32 } = await import('node:zlib')
    const body = `mogo_${known.definition.id}_${guessed.slice(18, 61)}`
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
    let rest = crc32(body)
    let sum = ''
    for (let n = 0; n < 6; n++) {
      sum = digits[rest % 62] + sum
      rest = Math.floor(rest / 62)
    }
    expect(await codeOf(keys.verify(body + sum))).toBe('MOGO_KEY_REFUSED')
  })

  test('anything else that begins like one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (rest) => {
        expect(await codeOf(keys.verify(`mogo_${rest}`))).toBe('MOGO_KEY_MALFORMED')
      }),
    )
  })

  test('one whose record somebody else has written to the topic', async () => {
    const { id, text } = newAccessKey()
    const forged: KeyDefinition = {
      ...{ id, account: 'x', tenant: 'globex', roles: ['compliance'], attributes: {}, description: '' },
      ...{ hash: (await import('node:crypto')).createHash('sha256').update(text).digest('hex') },
      ...{
        createdBy: 'x',
        createdAt: new Date(NOW).toISOString(),
        expiresAt: new Date(NOW + DAY).toISOString(),
      },
    }
    topic.log.push(createKeyRecords('another secret').define(forged))
    topic.log.push({ key: `key/${id}`, value: JSON.stringify(forged) })
    topic.deliver()
    expect(await codeOf(keys.verify(text))).toBe('MOGO_KEY_REFUSED')
  })

  test('one whose record was changed', async () => {
    const { text } = await keys.create(dana, request)
    const [record] = topic.log
    topic.log.splice(0, 1, { ...(record as KeyRecord), value: String(record?.value).replace('acme', 'evil') })
    expect(await codeOf(replica().verify(text))).toBe('MOGO_KEY_REFUSED')
  })
})

describe('several replicas', () => {
  test('take what one has made, and refuse what one has revoked, as soon as they hear of it', async () => {
    const other = replica()
    const { known, text } = await keys.create(dana, request)
    expect(await codeOf(other.verify(text))).toBe('passed')
    topic.isHeldUp = true
    await other.revoke(dana, known.definition.id)
    expect(await codeOf(other.verify(text))).toBe('MOGO_KEY_REVOKED')
    expect(await codeOf(keys.verify(text))).toBe('passed')
    topic.deliver()
    expect(await codeOf(keys.verify(text))).toBe('MOGO_KEY_REVOKED')
  })

  test('do not undo a revocation by writing a last use', async () => {
    const other = replica()
    const { known, text } = await keys.create(dana, request)
    await other.verify(text)
    topic.isHeldUp = true
    await keys.revoke(dana, known.definition.id)
    await other.close()
    topic.deliver()
    topic.compact()
    expect(topic.log.map(({ key }) => key.split('/')[0]).toSorted()).toEqual(['key', 'revoked', 'used'])
    expect(await codeOf(replica().verify(text))).toBe('MOGO_KEY_REVOKED')
  })

  test('refuse keys while the topic is away, and go on afterwards', async () => {
    const { known, text } = await keys.create(dana, request)
    topic.isAway = true
    for (const made of [
      keys.verify(text),
      keys.create(dana, request),
      keys.list('acme'),
      keys.revoke(dana, known.definition.id),
    ])
      expect(await codeOf(made)).toBe('MOGO_KEYS_UNAVAILABLE')
    topic.isAway = false
    expect(await codeOf(keys.verify(text))).toBe('passed')
  })
})

describe('the list', () => {
  test('has the keys of the tenant alone, and others cannot be revoked', async () => {
    const ben: Principal = { ...dana, subject: 'ben', tenant: 'globex' }
    const { known } = await keys.create(dana, request)
    await keys.create(ben, request)
    expect((await keys.list('acme')).map(({ definition }) => definition.createdBy)).toEqual(['dana'])
    expect(await codeOf(keys.revoke(ben, known.definition.id))).toBe('MOGO_KEY_UNKNOWN')
    expect(await codeOf(keys.revoke(ben, 'nothing'))).toBe('MOGO_KEY_UNKNOWN')
  })

  test('knows the last use, of which one record is written however often the key was used', async () => {
    const { known, text } = await keys.create(dana, request)
    for (let n = 0; n < 500; n++) {
      clock = NOW + n
      await keys.verify(text)
    }
    expect((await keys.list('acme'))[0]?.usedAt).toBe(NOW + 499)
    await keys.close()
    expect(topic.log.filter(({ key }) => key === `used/${known.definition.id}`)).toHaveLength(1)
    expect((await replica().list('acme'))[0]?.usedAt).toBe(NOW + 499)
  })

  test('forgets keys that ended long ago when the next one is made, and nothing else', async () => {
    const old = await keys.create(dana, request)
    clock = NOW + 10 * DAY
    const lasting = await keys.create(dana, { ...request, days: 365 })
    clock = NOW + 121 * DAY
    await keys.create(dana, request)
    const ids = (await keys.list('acme')).map(({ definition }) => definition.id)
    expect(ids).toHaveLength(2)
    expect(ids).toContain(lasting.known.definition.id)
    expect(await codeOf(keys.verify(old.text))).toBe('MOGO_KEY_REFUSED')
    topic.compact()
    expect(topic.log.filter(({ key }) => key.endsWith(old.known.definition.id))).toEqual([])
    expect(await codeOf(replica().verify(lasting.text))).toBe('passed')
  })

  test('keeps a revocation as long as the key would have lived', async () => {
    const { known, text } = await keys.create(dana, { ...request, days: 365 })
    const sealed = topic.log.find(({ key }) => key === `key/${known.definition.id}`) as KeyRecord
    await keys.revoke(dana, known.definition.id)
    clock = NOW + 364 * DAY
    await keys.create(dana, request)
    topic.log.push(sealed)
    topic.compact()
    expect(await codeOf(replica().verify(text))).toBe('MOGO_KEY_REVOKED')
    clock = NOW + 366 * DAY
    await keys.create(dana, request)
    expect(topic.log.filter(({ key }) => key === `revoked/${known.definition.id}`).at(-1)?.value).toBeNull()
    topic.log.push(sealed)
    expect(await codeOf(replica().verify(text))).toBe('MOGO_KEY_EXPIRED')
  })

  test('is bounded', async () => {
    for (let n = 0; n < 1000; n++) await keys.create(dana, request)
    expect(await codeOf(keys.create(dana, request))).toBe('MOGO_KEYS_TOO_MANY')
    expect(await codeOf(keys.create({ ...dana, tenant: 'globex' }, request))).toBe('passed')
  })
})

test('in whatever order the facts of a key come, a revocation that was read stays', () => {
  const records = createKeyRecords('s')
  const definition: KeyDefinition = {
    ...{ id: 'abc', hash: '0'.repeat(64), account: 'a', tenant: 't', roles: ['r'], attributes: {} },
    ...{ description: '', createdBy: 'x', createdAt: new Date(0).toISOString() },
    ...{ expiresAt: new Date(1).toISOString() },
  }
  const at = new Date(0).toISOString()
  const facts: fc.Arbitrary<KeyRecord> = fc.constantFrom(
    records.define(definition),
    records.use('abc', 5),
    records.revoke('abc', { by: 'y', at }),
    { key: 'used/abc', value: null },
    { key: 'used/abc', value: '{' },
    { key: 'key/abc', value: '{}' },
    { key: 'revoked/abc', value: null },
    { key: 'other', value: 'x' },
  )
  fc.assert(
    fc.property(fc.array(facts), fc.array(facts), (before, after) => {
      const book = new KeyBook()
      const apply = (record: KeyRecord) => book.apply(records.read(record))
      apply(records.define(definition))
      before.forEach(apply)
      apply({ key: 'revoked/abc', value: 'not even JSON' })
      after.forEach(apply)
      expect(book.find('abc')?.revocation).toBeDefined()
    }),
  )
})

describe('the Authorization header', () => {
  const tokens = {
    verify: async () => ({ subject: 'token', tenant: 't', roles: [], attributes: {} }),
    check: async () => {},
  }
  const asked: string[] = []
  const auth = withAccessKeys(tokens, {
    async verify(text) {
      asked.push(text)
      return { subject: 'key', tenant: 't', roles: [], attributes: {}, keyId: 'k' }
    },
  })
  test.each([
    ['Bearer mogo_abc', 'key'],
    ['bearer   mogo_abc', 'key'],
    ['Bearer MOGO_abc', 'key'],
    ['Bearer eyJ.eyJ.x', 'token'],
    ['Basic mogo_abc', 'token'],
    ['Bearer mogo_abc and more', 'token'],
    [undefined, 'token'],
  ])('%j is taken for a %s', async (header, expected) => {
    expect((await auth.verify(header)).subject).toBe(expected)
  })
  test('a key is refused, not taken for a token, where none are known', async () => {
    expect(await codeOf(withAccessKeys(tokens, undefined).verify('Bearer mogo_abc'))).toBe(
      'MOGO_KEY_NOT_HERE',
    )
  })
})
