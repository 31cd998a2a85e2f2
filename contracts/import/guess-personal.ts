/**
 * Guesses whether a column holds personal data, from its name and from what a sample of its values looks like, and proposes a plan. A
 * guess is marked as one in the draft, with its reason: it is for a person to confirm. When in doubt it protects.
 */
import type { PiiPlan } from '../pii/pii-plan.ts'
import type { Detected, ImportedColumn } from './imported-table.ts'

/** What is proposed for personal data. */
export type PersonalPlan = {
  readonly classification: 'personal' | 'sensitive'
  readonly plan: Partial<PiiPlan>
}

/** Why: from the name, from a sample, because the source says so, or because of what the column refers to or holds. */
export type GuessReason = {
  readonly by: 'name' | 'sample' | 'source' | 'reference' | 'content'
  /** Share of sampled values that look like it; counts only. */
  readonly share?: number
  readonly looksLike?: Detected
  readonly of?: string
}

/** A guess with its reason. */
export type PersonalGuess = PersonalPlan & { readonly reason: GuessReason }

const hmac = (
  classification: PersonalPlan['classification'],
  domain: string,
  normalize: PiiPlan['normalize'],
): PersonalPlan => ({ classification, plan: { method: 'hmac', domain, normalize } })

const EMAIL = hmac('personal', 'email', 'email')
const PHONE = hmac('personal', 'phone', 'phone')
const IDENTIFIER = hmac('sensitive', 'identifier', 'trim')
const IP = hmac('personal', 'ip', 'trim')
const REDACTED: PersonalPlan = { classification: 'personal', plan: { method: 'redact' } }

/** Words in a column's name -> plan; the first that fits counts. */
const GUESSES: readonly (readonly [RegExp, PersonalPlan])[] = [
  [/e_?mail/, EMAIL],
  [/phone|(^|_)(mobile|fax|tel|cell)($|_)/, PHONE],
  [
    /(^|_)(first|last|full|middle|family|given|maiden|sur|nick|user|contact|holder|recipient)_?name/,
    hmac('personal', 'person_name', 'lower'),
  ],
  [
    /(^|_)(social_security|tax_?id|passport|national_?id|iban|card_?(number|no|num))|(^|_)(ssn|pan|cvv)($|_)/,
    IDENTIFIER,
  ],
  [/(^|_)(street|address|addr)/, REDACTED],
  [/birth|(^|_)dob($|_)/, { classification: 'sensitive', plan: { method: 'redact' } }],
  [/(^|_)ip($|_)|ip_?addr/, IP],
  [
    /password|passwd|secret|(^|_)token($|_)|api_?key/,
    { classification: 'sensitive', plan: { method: 'drop' } },
  ],
]

/** Columns that are named like a person's but describe a thing. */
const NOT_PERSONAL =
  /(^|_)(e_?mail|phone|address)_?(address|number)?_?(id|type|type_?id|verified|count|sent_at|promotion)$|^ip_?version$/

const BY_SAMPLE: Readonly<Record<Detected, PersonalPlan>> = {
  email: EMAIL,
  email_inside: REDACTED,
  phone: PHONE,
  iban: IDENTIFIER,
  card: IDENTIFIER,
  ip: IP,
}

/** For what a source calls personal without saying what it is. */
const BY_SOURCE: PersonalPlan = hmac('personal', 'identifier', 'trim')

/** What a column's name says; undefined if nothing. */
export function guessByName(column: string): PersonalPlan | undefined {
  const name = column.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toLowerCase()
  return NOT_PERSONAL.test(name) ? undefined : GUESSES.find(([words]) => words.test(name))?.[1]
}

/** The guess for a column; undefined if nothing speaks for one. */
export function guessPersonal(
  column: Pick<ImportedColumn, 'name' | 'logicalType' | 'sampled' | 'keyPosition' | 'properties' | 'items'>,
): PersonalGuess | undefined {
  const guess = guessValue(column) ?? guessContent(column)
  return guess && column.keyPosition !== undefined ? forKey(guess) : guess
}

/** The plan for a column that the source itself calls personal. */
export function guessForClassified(column: ImportedColumn): PersonalPlan {
  const own =
    guessByName(column.name) ?? (column.sampled?.detected ? BY_SAMPLE[column.sampled.detected] : BY_SOURCE)
  return column.keyPosition === undefined ? own : forKey(own)
}

function guessValue(column: Parameters<typeof guessPersonal>[0]): PersonalGuess | undefined {
  // A flag says that there is an address, not which.
  if (column.logicalType === 'boolean') return undefined
  const { detected = null, share } = column.sampled ?? {}
  const named = guessByName(column.name)
  if (named) {
    const counted = share === undefined || detected === null ? {} : { share, looksLike: detected }
    return { ...named, reason: { by: 'name', ...counted } }
  }
  if (detected === null || share === undefined) return undefined
  return { ...BY_SAMPLE[detected], reason: { by: 'sample', share, looksLike: detected } }
}

/** Only whole columns are protected, so personal data inside of one makes all of it personal. */
function guessContent(column: Parameters<typeof guessPersonal>[0]): PersonalGuess | undefined {
  const inside = personalInside(column)
  return inside === undefined ? undefined : { ...REDACTED, reason: { by: 'content', of: inside } }
}

function personalInside(type: Pick<ImportedColumn, 'properties' | 'items'>): string | undefined {
  for (const property of type.properties ?? []) {
    if (guessValue(property)) return property.name
    const deeper = personalInside(property)
    if (deeper !== undefined) return deeper
  }
  return type.items === undefined ? undefined : personalInside(type.items)
}

/**
 * A key must stay apart: it is never masked, and never brought to a normal form in which two keys could be one. Its tokens have a domain of
 * their own, because they are made in another way.
 */
function forKey<Guess extends PersonalPlan>(guess: Guess): Guess {
  const domain = guess.plan.method === 'hmac' ? `${guess.plan.domain}_key` : 'identifier_key'
  return { ...guess, plan: { method: 'hmac', domain, normalize: 'none' } }
}
