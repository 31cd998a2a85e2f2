/**
 * The signing key of the embedded identity provider. It is made once and kept (mode 0600), so that tokens stay valid when the
 * provider restarts. ES256: every OpenID Connect library knows it, and its keys are made in no time.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import { MogoError } from '#contracts/errors.ts'
import { writePrivateFile } from './credentials.ts'

/** Algorithm of access tokens of the embedded provider. */
export const SIGNING_ALGORITHM = 'ES256'

/**
 * Reads the private key set of a data folder, making it first if there is none.
 *
 * @throws MogoError MOGO_SECRET_MISSING if the file is there but broken: a new key would silently end every session
 */
export async function ensureSigningKeys(dataDir: string): Promise<{ keys: JWK[] }> {
  const file = join(dataDir, 'jwks.json')
  const found = readKeys(file)
  if (found) return found
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true })
  const jwk = await exportJWK(privateKey)
  const keys = {
    keys: [{ ...jwk, alg: SIGNING_ALGORITHM, use: 'sig', kid: await calculateJwkThumbprint(jwk) }],
  }
  writePrivateFile(file, `${JSON.stringify(keys)}\n`)
  return keys
}

function readKeys(file: string): { keys: JWK[] } | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
  try {
    const parsed = JSON.parse(text) as { keys?: JWK[] }
    if (Array.isArray(parsed.keys) && parsed.keys.length > 0) return { keys: parsed.keys }
  } catch {
    // Said below: the text must not reach a message.
  }
  throw new MogoError('MOGO_SECRET_MISSING', { name: 'the signing key of the identity provider', file })
}
