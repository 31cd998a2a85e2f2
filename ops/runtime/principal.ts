/**
 * Claims of a verified token -> principal. What names a tenant or an attribute ends up in row filters, so it must be plain text
 * of a sane length: a control character or an empty tenant is refused rather than repaired.
 */
import type { JWTPayload } from 'jose'
import type { Principal } from '#contracts/compile/access-scope.ts'
import { MogoError } from '#contracts/errors.ts'

/** Which claims hold what. */
export type ClaimNames = { readonly tenant: string; readonly roles: string; readonly attributes: string }

const LONGEST = 200
const MOST_ROLES = 100
const MOST_ATTRIBUTES = 50
const MOST_VALUES = 1000

/**
 * @param fixedTenant tenant of every token of this issuer; without it the claim says
 * @throws MogoError MOGO_AUTH_CLAIM naming the claim
 */
export function principalOf(payload: JWTPayload, names: ClaimNames, fixedTenant?: string): Principal {
  const { sub } = payload
  if (!isPlain(sub)) throw new MogoError('MOGO_AUTH_CLAIM', { claim: 'sub' })
  const tenant = fixedTenant ?? payload[names.tenant]
  if (!isPlain(tenant)) throw new MogoError('MOGO_AUTH_CLAIM', { claim: names.tenant })
  const roles = payload[names.roles]
  if (!Array.isArray(roles) || roles.length > MOST_ROLES || !roles.every(isPlain))
    throw new MogoError('MOGO_AUTH_CLAIM', { claim: names.roles })
  return {
    subject: sub,
    tenant,
    roles,
    attributes: attributesOf(payload[names.attributes], names.attributes),
  }
}

function attributesOf(value: unknown, claim: string): Principal['attributes'] {
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) throw new MogoError('MOGO_AUTH_CLAIM', { claim })
  const entries = Object.entries(value)
  const fits = ([name, held]: [string, unknown]) =>
    isPlain(name) &&
    (isPlain(held) || (Array.isArray(held) && held.length <= MOST_VALUES && held.every(isPlain)))
  if (entries.length > MOST_ATTRIBUTES || !entries.every(fits))
    throw new MogoError('MOGO_AUTH_CLAIM', { claim })
  // Without a prototype: an attribute called `constructor` must not be found where none was given.
  return Object.assign(Object.create(null) as Record<string, string | string[]>, value)
}

/** Not empty, not blank, at most 200 characters, no control or format characters, no lone surrogates. */
function isPlain(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length <= LONGEST &&
    value.trim() !== '' &&
    value.isWellFormed() &&
    !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(value)
  )
}
