/**
 * SCRAM-SHA-256 verifiers (RFC 5802, RFC 7677) as Postgres stores them: a password is set by its verifier, so it never stands in a
 * statement, and with it in a log.
 */
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'

const ITERATIONS = 4096

/** Makes a verifier; `salt` is an argument for tests and for {@link verifierFits}. */
export function scramVerifier(
  password: string,
  salt: Buffer = randomBytes(16),
  iterations = ITERATIONS,
): string {
  // SASLprep is left out: generated passwords are ASCII, which it does not change.
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256')
  const clientKey = createHmac('sha256', salted).update('Client Key').digest()
  const storedKey = createHash('sha256').update(clientKey).digest('base64')
  const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64')
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`
}

/** True if a stored verifier (`pg_authid.rolpassword`) is that of the password. */
export function verifierFits(stored: string | null, password: string): boolean {
  const [, iterations, salt] = /^SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$/.exec(stored ?? '') ?? []
  if (stored === null || iterations === undefined || salt === undefined) return false
  const wanted = Buffer.from(scramVerifier(password, Buffer.from(salt, 'base64'), Number(iterations)))
  const actual = Buffer.from(stored)
  return wanted.length === actual.length && timingSafeEqual(wanted, actual)
}
