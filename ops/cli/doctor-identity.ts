/** `mogo doctor`: do the issuers whose tokens are believed publish their keys? */
import { isMogoError } from '#contracts/errors.ts'
import { createIssuerKeys } from '#ops/runtime/issuer-keys.ts'
import { createLogger } from '#ops/runtime/logger.ts'
import type { Settings } from '#ops/runtime/settings.ts'
import { trustedIssuers } from '#ops/runtime/trusted-issuers.ts'
import type { CheckResult } from './check-result.ts'

/** Asks each issuer for its keys, as the query API does. */
export async function checkIssuers(settings: Settings): Promise<CheckResult> {
  const issuers = trustedIssuers(settings).map(({ issuer }) => issuer)
  const logger = createLogger('doctor', 'silent')
  const faults = await Promise.all(
    issuers.map(async (issuer) => {
      try {
        await createIssuerKeys({ issuer, logger, now: Date.now }).current()
        return []
      } catch (error) {
        return [`${issuer}: ${isMogoError(error) ? String(error.params['detail']) : 'no answer'}`]
      }
    }),
  )
  const away = faults.flat()
  if (away.length === 0) return { state: 'ok', detail: `keys of ${issuers.join(', ')}` }
  return {
    state: 'fault',
    detail: away.join('; '),
    remedy:
      'Check the issuers under identity in mogo.yaml: just as they call themselves, and reachable from here.',
  }
}
