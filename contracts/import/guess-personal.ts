/**
 * Guesses from a column's name whether it holds personal data, and proposes a plan. A guess is marked as one in the draft: it
 * is for a person to confirm. When in doubt it protects.
 */
import type { PiiPlan } from '../model.ts'

/** A guess. */
export type PersonalGuess = {
  readonly classification: 'personal' | 'sensitive'
  readonly plan: Partial<PiiPlan>
}

/** Words in a column's name -> plan; the first that fits counts. */
const GUESSES: readonly (readonly [RegExp, PersonalGuess])[] = [
  [/e_?mail/, { classification: 'personal', plan: { method: 'hmac', domain: 'email', normalize: 'email' } }],
  [
    /phone|(^|_)(mobile|fax|tel|cell)($|_)/,
    { classification: 'personal', plan: { method: 'hmac', domain: 'phone', normalize: 'phone' } },
  ],
  [
    /(^|_)(first|last|full|middle|family|given|maiden|sur|nick|user|contact|holder|recipient)_?name/,
    { classification: 'personal', plan: { method: 'hmac', domain: 'person_name', normalize: 'lower' } },
  ],
  [
    /(^|_)(social_security|tax_?id|passport|national_id|iban|card_?number)|(^|_)(ssn|pan|cvv)($|_)/,
    { classification: 'sensitive', plan: { method: 'hmac', domain: 'identifier', normalize: 'trim' } },
  ],
  [/(^|_)(street|address|addr)/, { classification: 'personal', plan: { method: 'redact' } }],
  [/birth|(^|_)dob($|_)/, { classification: 'sensitive', plan: { method: 'redact' } }],
  [
    /(^|_)ip($|_)|ip_?addr/,
    { classification: 'personal', plan: { method: 'hmac', domain: 'ip', normalize: 'trim' } },
  ],
  [
    /password|passwd|secret|(^|_)token($|_)|api_?key/,
    { classification: 'sensitive', plan: { method: 'drop' } },
  ],
]

/** Columns that are named like a person's but describe a thing. */
const NOT_PERSONAL = /(^|_)(email|phone|address)_(id|type|verified|count|sent_at)$/

/** The guess for a column; undefined if its name says nothing. `isKey`: a key must stay apart, so it is never masked. */
export function guessPersonal(column: string, isKey: boolean): PersonalGuess | undefined {
  const name = column.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toLowerCase()
  if (NOT_PERSONAL.test(name)) return undefined
  const guess = GUESSES.find(([words]) => words.test(name))?.[1]
  if (!guess || !isKey || guess.plan.method === 'hmac') return guess
  return {
    classification: guess.classification,
    plan: { method: 'hmac', domain: 'identifier', normalize: 'none' },
  }
}
