/** Why a token was not verified, as a fault of the catalogue. No value of a claim is in it. */
import { errors } from 'jose'
import { isMogoError, MogoError } from '#contracts/errors.ts'

/** Translates an error of verifying a token of an issuer. */
export function authFault(error: unknown, issuer: string, audience: string): MogoError {
  if (isMogoError(error)) return error
  if (error instanceof errors.JWTExpired) return new MogoError('MOGO_AUTH_EXPIRED')
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud') return new MogoError('MOGO_AUTH_AUDIENCE', { audience })
    if (error.claim === 'iss') return new MogoError('MOGO_AUTH_ISSUER', { issuer })
    if (error.claim === 'nbf') return new MogoError('MOGO_AUTH_NOT_YET')
    return new MogoError('MOGO_AUTH_CLAIM', { claim: error.claim })
  }
  const isUnsigned =
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys
  if (isUnsigned) return new MogoError('MOGO_AUTH_SIGNATURE', { issuer })
  const keysAway =
    error instanceof errors.JWKSInvalid ||
    (error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC') ||
    !(error instanceof errors.JOSEError)
  if (!keysAway) return new MogoError('MOGO_AUTH_MALFORMED', { issuer })
  const detail = 'its keys cannot be read'
  return new MogoError('MOGO_IDENTITY_UNREACHABLE', { issuer, detail }, { cause: error })
}
