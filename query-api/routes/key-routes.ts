/** GET /v1/keys, POST /v1/keys, DELETE /v1/keys/{id}: API keys of the caller's tenant. Never by an API key itself: one that leaked would make more. */
import { z } from 'zod'
import type { Principal } from '#contracts/compile/access-scope.ts'
import { MogoError } from '#contracts/errors.ts'
import type { HttpServer } from '#ops/runtime/http-server.ts'
import type { AccessKeys } from '../access/access-keys.ts'
import type { KnownKey } from '../access/key-book.ts'
import { principalOf } from './access-hook.ts'
import { problemSchema, problems } from './schemas.ts'

/** What the routes are made of. */
export type KeyRoutesOptions = {
  readonly keys: AccessKeys
  /** Roles that may work on keys. */
  readonly roles: readonly string[]
  readonly now: () => number
}

const DEFAULT_DAYS = 90

/** No control or format characters, which could hide what a name or a text says. */
const plain = (longest: number) =>
  z
    .string()
    .max(longest)
    .refine((text) => text.isWellFormed() && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text), 'plain text')

const keySchema = z
  .object({
    id: z.string().describe('Names the key; not secret.'),
    account: z.string().describe('Service account that the key acts as.'),
    roles: z.array(z.string()),
    attributes: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
    description: z.string(),
    state: z.enum(['active', 'expired', 'revoked']),
    createdBy: z.string(),
    createdAt: z.string(),
    expiresAt: z.string(),
    lastUsedAt: z.string().nullable().describe('Written once a minute at most; null: never.'),
    revokedBy: z.string().nullable(),
    revokedAt: z.string().nullable(),
  })
  .describe('An API key, without what is secret of it.')
const keyList = z.object({ keys: z.array(keySchema) })
const madeKey = keySchema.extend({
  key: z.string().describe('The key itself. It is shown this once; only its hash is kept.'),
})
const keyBody = z.strictObject({
  account: z
    .string()
    .regex(/^[a-z][a-z0-9._-]{0,62}$/, 'lower case letters, digits, ., _ and -, at most 63')
    .describe(
      'Service account that the key acts as, such as nightly-report. In records it is service-account:NAME.',
    ),
  roles: z.array(plain(200).min(1)).min(1).max(100).describe('Roles of the account: some of yours.'),
  days: z.int().min(1).max(3650).default(DEFAULT_DAYS).describe('How long it lives; api.keyMaxDays at most.'),
  description: plain(200).default('').describe('What it is for. Write no personal data into it.'),
})
const keyParams = z.object({ id: z.string().max(64) })

const shared = { tags: ['keys'], security: [{ bearer: [] }] }

/** Adds the routes. */
export function keyRoutes(server: HttpServer, options: KeyRoutesOptions): void {
  const { keys, roles, now } = options
  const shown = (known: KnownKey) => keyAnswer(known, now())

  server.get(
    '/v1/keys',
    {
      schema: {
        ...shared,
        summary: 'API keys of your tenant',
        response: { 200: keyList, ...problems },
      },
    },
    async (request) => {
      const { tenant } = keeperOf(principalOf(request), roles)
      return { keys: (await keys.list(tenant)).map(shown) }
    },
  )

  server.post(
    '/v1/keys',
    {
      schema: {
        ...shared,
        summary: 'Make an API key for a service account',
        description:
          'The account gets roles of yours, your tenant and your attributes, as they are now; and no more than that later. The key is in the answer, and nowhere else.',
        body: keyBody,
        response: {
          201: madeKey,
          400: problemSchema.describe('The request is wrong.'),
          ...problems,
          422: problemSchema.describe('Your tenant has too many keys.'),
        },
      },
    },
    async (request, reply) => {
      const { known, text } = await keys.create(keeperOf(principalOf(request), roles), request.body)
      const location = `/v1/keys/${known.definition.id}`
      return reply
        .code(201)
        .headers({ location, 'cache-control': 'no-store' })
        .send({ ...shown(known), key: text })
    },
  )

  server.delete(
    '/v1/keys/:id',
    {
      schema: {
        ...shared,
        summary: 'Revoke an API key',
        description:
          'It stops working at once here, and within a second on every replica. Queries that run are not ended. Revoking it again is no fault.',
        params: keyParams,
        response: {
          200: keySchema,
          400: problemSchema.describe('The request is wrong.'),
          ...problems,
          404: problemSchema.describe('There is no such key in your tenant.'),
        },
      },
    },
    async (request) => shown(await keys.revoke(keeperOf(principalOf(request), roles), request.params.id)),
  )
}

/** The caller, if it may work on keys. @throws MogoError MOGO_KEY_NOT_HERE, MOGO_KEYS_FORBIDDEN */
function keeperOf(principal: Principal, allowed: readonly string[]): Principal {
  if (principal.keyId !== undefined) throw new MogoError('MOGO_KEY_NOT_HERE', { what: '/v1/keys' })
  if (principal.roles.some((role) => allowed.includes(role))) return principal
  throw new MogoError('MOGO_KEYS_FORBIDDEN', {
    roles: principal.roles.join(', ') || 'none',
    allowed: allowed.join(', ') || 'none',
  })
}

function keyAnswer({ definition, revocation, usedAt }: KnownKey, now: number): z.output<typeof keySchema> {
  const { id, account, roles, attributes, description, createdBy, createdAt, expiresAt } = definition
  const isExpired = Date.parse(expiresAt) <= now
  return {
    ...{ id, account, roles, attributes, description, createdBy, createdAt, expiresAt },
    state: revocation ? 'revoked' : isExpired ? 'expired' : 'active',
    lastUsedAt: usedAt === undefined ? null : new Date(usedAt).toISOString(),
    revokedBy: revocation?.by ?? null,
    revokedAt: revocation?.at ?? null,
  }
}
