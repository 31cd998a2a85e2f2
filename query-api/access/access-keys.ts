/**
 * API keys of service accounts: made, listed, revoked, and verified with every request.
 *
 * Nothing of a verification is kept: it is one hash and two look-ups, so an expiry counts to the millisecond, and a revocation as soon as this
 * replica has read it. While it cannot be known whether something was revoked (the topic cannot be read), no key is taken.
 *
 * A key has roles that its maker had, and its maker's attributes as they were, all of them: with fewer attributes a row filter with `not in` would
 * show more. Which roles the maker has later is known to the issuer alone, so a key keeps its roles until it expires or is revoked; that is why
 * every key expires, and why lists say who has made it.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Principal } from '#contracts/compile/access-scope.ts'
import { MogoError } from '#contracts/errors.ts'
import type { Logger } from '#ops/runtime/logger.ts'
import { SERVICE_SUBJECT } from '#ops/runtime/trusted-issuers.ts'
import { KeyBook, type KnownKey } from './key-book.ts'
import { fitsHash, hashOfKey, keyIdOf, newAccessKey } from './key-format.ts'
import { createKeyRecords, type KeyDefinition, type KeyRecord } from './key-records.ts'

/** Where records of keys are kept, and come from. */
export type KeyTopic = {
  /** Resolves when the records are safe. @throws MogoError MOGO_KEYS_UNAVAILABLE */
  write(records: readonly KeyRecord[]): Promise<void>
  /** Resolves when everything is read that was there a moment ago. @throws MogoError MOGO_KEYS_UNAVAILABLE */
  ready(): Promise<void>
  close(): Promise<void>
}

/** Opens the topic. `read` is called for each record, `restart` before it is read from its beginning again. */
export type OpenKeyTopic = (read: (record: KeyRecord) => void, restart: () => void) => KeyTopic

/** What is asked for when a key is made. */
export type KeyRequest = {
  readonly account: string
  readonly roles: readonly string[]
  readonly days: number
  readonly description: string
}

/** See the header. All of them throw MogoError MOGO_KEYS_UNAVAILABLE. */
export type AccessKeys = {
  /** @throws MogoError MOGO_KEY_MALFORMED, MOGO_KEY_REFUSED, MOGO_KEY_EXPIRED, MOGO_KEY_REVOKED */
  verify(text: string): Promise<Principal>
  /** Makes a key; its text is in the answer and nowhere else. @throws MogoError MOGO_KEY_ROLES, MOGO_KEY_LIFETIME, MOGO_KEYS_TOO_MANY */
  create(maker: Principal, request: KeyRequest): Promise<{ readonly known: KnownKey; readonly text: string }>
  list(tenant: string): Promise<readonly KnownKey[]>
  /** Revokes a key; again is the same. @throws MogoError MOGO_KEY_UNKNOWN */
  revoke(by: Principal, id: string): Promise<KnownKey>
  close(): Promise<void>
}

/** What it is made of. */
export type AccessKeysOptions = {
  readonly open: OpenKeyTopic
  /** What the key of seals is derived from; the same for all replicas. */
  readonly secret: string
  /** Longest life of a key, days. */
  readonly mostDays: number
  readonly logger: Logger
  readonly now: () => number
  /** How often last uses are written, milliseconds. */
  readonly usesEveryMillis?: number
}

const DAY = 24 * 60 * 60 * 1000
/** Keys that have expired, and ended longer ago, are forgotten when the next one of their tenant is made. */
const KEPT_DAYS = 90
const MOST_KEYS = 1000
const USES_EVERY = 60_000
/** How long closing waits for the last uses to be written. */
const LAST_USES_MILLIS = 2_000
/** Compared with when there is no such key, so that this takes as long. */
const NO_HASH = '0'.repeat(64)

/** Makes it, and begins to read the topic. */
export function createAccessKeys(options: AccessKeysOptions): AccessKeys {
  const { secret, mostDays, logger, now, usesEveryMillis = USES_EVERY } = options
  const records = createKeyRecords(secret)
  const book = new KeyBook()
  const topic = options.open(read, () => book.clear())
  const usedSince = new Map<string, number>()
  const timer = setInterval(() => void writeUses(), usesEveryMillis)
  timer.unref()

  return {
    async verify(text) {
      const id = keyIdOf(text)
      if (id === undefined) throw new MogoError('MOGO_KEY_MALFORMED')
      await topic.ready()
      const found = book.find(id)
      const fits = fitsHash(text, found?.definition.hash ?? NO_HASH)
      if (!found || !fits) throw new MogoError('MOGO_KEY_REFUSED')
      if (found.revocation) throw new MogoError('MOGO_KEY_REVOKED', { key: id })
      if (Date.parse(found.definition.expiresAt) <= now())
        throw new MogoError('MOGO_KEY_EXPIRED', { key: id })
      usedSince.set(id, now())
      return principalOf(found.definition)
    },

    async create(maker, request) {
      const { account, roles, days, description } = request
      const others = roles.filter((role) => !maker.roles.includes(role))
      if (others.length > 0)
        throw new MogoError('MOGO_KEY_ROLES', { others: others.join(', '), roles: maker.roles.join(', ') })
      if (days > mostDays) throw new MogoError('MOGO_KEY_LIFETIME', { most: mostDays })
      await topic.ready()
      const all = book.ofTenant(maker.tenant)
      const ended = all.filter(hasLongEnded)
      if (all.length - ended.length >= MOST_KEYS)
        throw new MogoError('MOGO_KEYS_TOO_MANY', { most: MOST_KEYS, days: KEPT_DAYS })
      const { id, text } = newAccessKey()
      const definition: KeyDefinition = {
        id,
        hash: hashOfKey(text),
        account,
        tenant: maker.tenant,
        roles: [...new Set(roles)],
        attributes: copyOf(maker.attributes),
        description,
        createdBy: maker.subject,
        createdAt: new Date(now()).toISOString(),
        expiresAt: new Date(now() + days * DAY).toISOString(),
      }
      await keep([records.define(definition), ...ended.flatMap((key) => records.forget(key.definition.id))])
      logger.info({ key: id, forgotten: ended.length }, 'API key made')
      return { known: { definition, revocation: undefined, usedAt: undefined }, text }
    },

    async list(tenant) {
      await topic.ready()
      return book.ofTenant(tenant).map(withUse)
    },

    async revoke(by, id) {
      await topic.ready()
      const found = book.find(id)
      // One answer for "not there" and "not yours".
      if (found?.definition.tenant !== by.tenant) throw new MogoError('MOGO_KEY_UNKNOWN', { key: id })
      if (!found.revocation) {
        await keep([records.revoke(id, { by: by.subject, at: new Date(now()).toISOString() })])
        logger.info({ key: id }, 'API key revoked')
      }
      return withUse(book.find(id) ?? found)
    },

    async close() {
      clearInterval(timer)
      await Promise.race([writeUses(), delay(LAST_USES_MILLIS, undefined, { ref: false })])
      await topic.close()
    },
  }

  /** Safe on the topic first, then known here, without waiting until it is read again. */
  async function keep(written: readonly KeyRecord[]): Promise<void> {
    await topic.write(written)
    written.forEach(read)
  }

  function read(record: KeyRecord): void {
    if (!book.apply(records.read(record)))
      logger.warn('a record on the topic of API keys is none of ours; left out')
  }

  /** A revoked key is kept until it has expired as well: without its revocation an old record of it, brought back, would be a key again. */
  function hasLongEnded({ definition, revocation }: KnownKey): boolean {
    const expires = Date.parse(definition.expiresAt)
    const ended = revocation ? Math.min(expires, Date.parse(revocation.at)) : expires
    return expires <= now() && ended < now() - KEPT_DAYS * DAY
  }

  function withUse(key: KnownKey): KnownKey {
    const here = usedSince.get(key.definition.id) ?? 0
    return { ...key, usedAt: Math.max(here, key.usedAt ?? 0) || undefined }
  }

  /** Last uses since the last time: one record a key, whatever number of requests; none of them waited for it. */
  async function writeUses(): Promise<void> {
    const uses = [...usedSince]
    usedSince.clear()
    if (uses.length === 0) return
    for (const [id, at] of uses) book.touch(id, at)
    try {
      await topic.write(uses.map(([id, at]) => records.use(id, at)))
    } catch {
      logger.warn({ keys: uses.length }, 'last uses of API keys could not be written')
    }
  }
}

/** Who a key acts as. */
function principalOf({ id, account, tenant, roles, attributes }: KeyDefinition): Principal {
  return { subject: `${SERVICE_SUBJECT}${account}`, tenant, roles, attributes: copyOf(attributes), keyId: id }
}

/** Without a prototype: an attribute called `constructor` must not be found where none was given. */
function copyOf(attributes: Principal['attributes']): Record<string, string | string[]> {
  const entries = Object.entries(attributes).map(([name, value]): [string, string | string[]] => [
    name,
    typeof value === 'string' ? value : [...value],
  ])
  return Object.assign(Object.create(null) as Record<string, string | string[]>, Object.fromEntries(entries))
}
