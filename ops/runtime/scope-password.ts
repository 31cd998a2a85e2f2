/**
 * Passwords of access scopes, derived and never stored: HMAC-SHA-256 over the scope's name, keyed with the secret
 * `clickhouse.scopes`. Every process of the API gets to the same password without asking another.
 */
import { createHash, createHmac } from 'node:crypto'

/** 43 characters of base64url. */
export function scopePassword(secret: string, name: string): string {
  return createHmac('sha256', secret).update(`mogo scope ${name}`).digest('base64url')
}

/** What the engine keeps in place of the password. */
export function passwordHash(password: string): string {
  return createHash('sha256').update(password).digest('hex')
}
