/**
 * Records of the topic of API keys. It is compacted, so each fact has a key of its own, and none can undo another:
 *
 *   key/ID      what the key is: hash, account, tenant, roles, attributes, expiry, who made it; sealed by a MAC
 *   revoked/ID  that it was revoked, by whom
 *   used/ID     when it was last used
 *
 * A replica that writes a last use while another revokes the key changes nothing about the revocation. The MAC, with a key that only the query API
 * has, makes sure that whoever can write to the topic cannot make keys.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'

const text = z.string().min(1)
const definitionSchema = z.strictObject({
  id: text,
  /** SHA-256 of the key's text, hex. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** Service account that the key acts as. */
  account: text,
  tenant: text,
  roles: z.array(text).min(1),
  attributes: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  description: z.string(),
  createdBy: text,
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
})
/** What a key is. */
export type KeyDefinition = z.output<typeof definitionSchema>

const sealedSchema = z.strictObject({ definition: z.string(), mac: text })
const revocationSchema = z.strictObject({ by: text, at: z.iso.datetime() })
/** That a key was revoked. */
export type KeyRevocation = z.output<typeof revocationSchema>
const useSchema = z.strictObject({ at: z.iso.datetime() })

/** A record of the topic; without a value it removes what was there. */
export type KeyRecord = { readonly key: string; readonly value: string | null }

/** What a record says. */
export type KeyFact =
  | { readonly kind: 'key'; readonly id: string; readonly definition: KeyDefinition | undefined }
  | { readonly kind: 'revoked'; readonly id: string; readonly revocation: KeyRevocation | undefined }
  | { readonly kind: 'used'; readonly id: string; readonly at: number | undefined }
  /** No record of ours, or a key whose seal does not fit. */
  | { readonly kind: 'unknown' }

/** Who cannot be named when a revocation cannot be read. */
const UNREADABLE: KeyRevocation = { by: 'unknown', at: '1970-01-01T00:00:00.000Z' }

/** Writes and reads records. `secret` is what the key of seals is derived from. */
export function createKeyRecords(secret: string) {
  const sealKey = Buffer.from(hkdfSync('sha256', secret, '', 'mogothrow77 access keys: records', 32))
  const macOf = (sealed: string): Buffer => createHmac('sha256', sealKey).update(sealed).digest()

  return {
    define(definition: KeyDefinition): KeyRecord {
      const sealed = JSON.stringify(definition)
      const value = JSON.stringify({ definition: sealed, mac: macOf(sealed).toString('base64url') })
      return { key: `key/${definition.id}`, value }
    },
    revoke: (id: string, revocation: KeyRevocation): KeyRecord => ({
      key: `revoked/${id}`,
      value: JSON.stringify(revocation),
    }),
    use: (id: string, at: number): KeyRecord => ({
      key: `used/${id}`,
      value: JSON.stringify({ at: new Date(at).toISOString() }),
    }),
    /** Removes all of a key. What it is goes first: without that the rest does not matter. */
    forget: (id: string): readonly KeyRecord[] =>
      ['key', 'revoked', 'used'].map((kind) => ({ key: `${kind}/${id}`, value: null })),
    read,
  }

  function read({ key, value }: KeyRecord): KeyFact {
    const [, kind, id = ''] = /^(key|revoked|used)\/([0-9A-Za-z]+)$/.exec(key) ?? []
    const content = value === null ? undefined : parseJson(value)
    if (kind === 'revoked') {
      if (value === null) return { kind, id, revocation: undefined }
      // Whatever it says, it is a revocation: closed, never open.
      return { kind, id, revocation: revocationSchema.safeParse(content).data ?? UNREADABLE }
    }
    if (kind === 'used') {
      const use = useSchema.safeParse(content).data
      return { kind, id, at: use && Date.parse(use.at) }
    }
    if (kind !== 'key') return { kind: 'unknown' }
    if (value === null) return { kind, id, definition: undefined }
    const definition = definitionOf(content)
    return definition?.id === id ? { kind, id, definition } : { kind: 'unknown' }
  }

  function definitionOf(content: unknown): KeyDefinition | undefined {
    const sealed = sealedSchema.safeParse(content).data
    if (!sealed) return undefined
    const mac = Buffer.from(sealed.mac, 'base64url')
    const expected = macOf(sealed.definition)
    if (mac.length !== expected.length || !timingSafeEqual(mac, expected)) return undefined
    return definitionSchema.safeParse(parseJson(sealed.definition)).data
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
