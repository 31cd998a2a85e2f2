/**
 * Format-preserving tokens: FF1 over the characters of an alphabet; the token has the length of the value and its punctuation, and
 * nothing else of it.
 *
 * The format leaves no room for a key version, so a value and its token cannot be told apart by their look: the column is called
 * `<name>_token`. Tenant, domain and key version are in the key and in the tweak. What cannot be encrypted is refused, never passed on.
 */
import { createHash } from 'node:crypto'
import { ff1Symbols, MAX_FF1_LENGTH, shortestFf1Length } from '#contracts/pii/ff1-alphabet.ts'
import type { PlanOf } from '#contracts/pii/pii-plan.ts'
import { createFf1, type Ff1 } from './ff1.ts'
import { keyDomain } from './key-domain.ts'
import type { KeyRing } from './key-ring.ts'
import { perTenant } from './per-tenant.ts'

const KEY_BYTES = 32

/** Why a value has no token. */
export type Ff1Refusal = { readonly code: 'pii_alphabet' | 'pii_too_short' | 'pii_too_long' }

const ALPHABET: Ff1Refusal = { code: 'pii_alphabet' }
const TOO_SHORT: Ff1Refusal = { code: 'pii_too_short' }
const TOO_LONG: Ff1Refusal = { code: 'pii_too_long' }

/** What tokens are made from. */
export type Ff1Plan = Pick<PlanOf<'ff1'>, 'domain' | 'keyRef' | 'alphabet' | 'preserve' | 'minLength'>

/** Makes and opens the tokens of a plan. */
export function createFf1Tokenizer(ring: KeyRing, plan: Ff1Plan) {
  const symbols = ff1Symbols(plan.alphabet)
  const indexes = new Map(symbols.map((symbol, index) => [symbol, index]))
  const preserved = new Set(plan.preserve ?? '')
  const shortest = Math.max(plan.minLength ?? 0, shortestFf1Length(symbols.length))
  const ciphers = perTenant((tenant): Ff1 => {
    const domain = keyDomain(plan)
    return createFf1(
      ring.derive('ff1', tenant, domain, KEY_BYTES),
      symbols.length,
      tweakOf(ring.version, tenant, domain),
    )
  })
  return {
    token: (tenant: string, normalized: string) => turn(tenant, normalized, 'encrypt'),
    /** The value of a token; undefined if it cannot be one. (Any text of the format opens to some value.) */
    open(tenant: string, token: string): string | undefined {
      const opened = turn(tenant, token, 'decrypt')
      return typeof opened === 'string' ? opened : undefined
    },
  }

  function turn(tenant: string, text: string, direction: keyof Ff1): string | Ff1Refusal {
    const numerals: number[] = []
    let punctuated = false
    for (const char of text) {
      const index = indexes.get(char)
      if (index !== undefined) {
        if (numerals.push(index) > MAX_FF1_LENGTH) return TOO_LONG
      } else if (preserved.has(char)) punctuated = true
      else return ALPHABET
    }
    if (numerals.length < shortest) return TOO_SHORT
    const turned = ciphers(tenant)[direction](numerals)
    let made = ''
    if (!punctuated) for (const numeral of turned) made += symbols[numeral] ?? ''
    else {
      let at = 0
      for (const char of text) made += indexes.has(char) ? (symbols[turned[at++] ?? 0] ?? '') : char
    }
    return made
  }
}

/** Lengths stand before the parts, so that no two lists of parts give the same bytes. */
function tweakOf(version: number, tenant: string, domain: string): Buffer {
  const parts = ['mogo ff1', String(version), tenant, domain]
  const text = parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join('')
  return createHash('sha256').update(text).digest()
}
