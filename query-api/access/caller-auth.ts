/** Who calls: by a token of an issuer, or by an API key. Both stand in the Authorization header after `Bearer`. */
import { MogoError } from '#contracts/errors.ts'
import type { BearerAuth } from '#ops/runtime/bearer-auth.ts'
import type { AccessKeys } from './access-keys.ts'
import { KEY_PREFIX } from './key-format.ts'

const SHOWN_KEY = new RegExp(`^Bearer +(${KEY_PREFIX}\\S*)$`, 'i')

/** Takes API keys beside the tokens that `tokens` takes. Tokens go on when keys cannot be checked, and the other way round. */
export function withAccessKeys(tokens: BearerAuth, keys: Pick<AccessKeys, 'verify'> | undefined): BearerAuth {
  return {
    async verify(authorization) {
      const key = SHOWN_KEY.exec(authorization ?? '')?.[1]
      if (key === undefined) return tokens.verify(authorization)
      if (!keys) throw new MogoError('MOGO_KEY_NOT_HERE', { what: 'this API' })
      return keys.verify(key)
    },
    check: () => tokens.check(),
  }
}
