/**
 * The PII plan: how a column's personal data is treated before it is stored. It stands in the custom property `piiPlan`.
 *
 *   hmac    one-way join token                       siv     reversible token (AES-SIV)
 *   ff1     reversible token of the same format      vault   token; the value is kept in a store, under a key of its subject
 *   bucket  the range that the value lies in         mask    its shape, and a few characters of it
 *   redact  a constant                               drop    nothing is stored
 *
 * Each method has exactly its own options: one that would be ignored is a fault, because somebody relies on it.
 */
import { z } from 'zod'
import { ff1Symbols } from './ff1-alphabet.ts'

/** What `normalize` may say: the form in which equal things are equal. */
const normalize = z.enum(['none', 'trim', 'lower', 'email', 'phone']).default('none')

/** Tokens of one domain and tenant are equal for equal values, whatever the column. */
const domain = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'expected lower case letters, digits and _')

/** Column with the data subject, for erasure. */
const subject = z.string().min(1).max(200).optional()

/** NULL stays NULL. */
const keepNull = z.enum(['keep']).default('keep')

/** `token`: NULL is protected like a value, so that a row does not show whether there is one. */
const anyNull = z.enum(['keep', 'token']).default('keep')

/** Another name is another key: the tokens of one domain can be made anew without touching the others. */
const keyRef = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$/, 'expected letters, digits, _ . and -')
  .optional()

/** Decimal numbers are kept as text, so that no digit is lost. */
const decimal = z
  .union([z.number(), z.string()])
  .refine(
    (value) => typeof value === 'string' || !Number.isInteger(value) || Number.isSafeInteger(value),
    'YAML has lost digits of this number; write it in quotes',
  )
  .transform(String)
  .refine((text) => /^-?\d{1,40}(\.\d{1,20})?$/.test(text), 'expected a decimal number')

const oneCharacter = z.string().refine((text) => [...text].length === 1, 'expected one character')

const kept = z.int().min(0).max(20).optional()

const hmac = z.strictObject({
  method: z.literal('hmac'),
  domain,
  normalize,
  onNull: anyNull,
  subject,
  keyRef,
})
const siv = z.strictObject({ method: z.literal('siv'), domain, normalize, onNull: anyNull, subject, keyRef })
const ff1 = z.strictObject({
  method: z.literal('ff1'),
  domain,
  normalize,
  onNull: keepNull,
  subject,
  keyRef,
  /** `digits`, `hex`, `alphanumeric`, or the characters themselves. */
  alphabet: z
    .string()
    .max(500)
    .refine((text) => text.isWellFormed(), 'expected valid text')
    .refine(isAlphabet, 'expected digits, hex, alphanumeric, or at least two characters, each once'),
  /** Characters that stay where they are, such as the dashes of a card number. */
  preserve: z.string().max(20).optional(),
  /** Fewest characters of the alphabet in a value; shorter ones are quarantined. */
  minLength: z.int().min(2).max(128).optional(),
})
const vault = z.strictObject({
  method: z.literal('vault'),
  domain,
  normalize,
  onNull: keepNull,
  subject: z.string().min(1).max(200),
})
const bucket = z.strictObject({
  method: z.literal('bucket'),
  normalize,
  onNull: keepNull,
  subject,
  /** Numbers: ranges of this width, from 0 in both directions. */
  width: decimal.refine((text) => !/^-|^0*(\.0*)?$/.test(text), 'expected a number above 0').optional(),
  /** Numbers: where one range ends and the next begins, ascending. */
  boundaries: z.array(decimal).min(1).max(100).optional(),
  /** Dates and timestamps. */
  unit: z.enum(['day', 'week', 'month', 'quarter', 'year', 'decade']).optional(),
  /** Texts, such as postal codes: how many characters are kept from the start. */
  keep: z.int().min(1).max(20).optional(),
})
const mask = z.strictObject({
  method: z.literal('mask'),
  normalize,
  onNull: keepNull,
  subject,
  keepFirst: kept,
  keepLast: kept,
  /** Stands for every character that is not kept; without it letters become x and digits 9. */
  with: oneCharacter.optional(),
})
const redact = z.strictObject({
  method: z.literal('redact'),
  normalize,
  onNull: anyNull,
  subject,
  /** Stands where the value was. */
  with: z.string().min(1).max(100).optional(),
})
const drop = z.strictObject({ method: z.literal('drop'), normalize, onNull: keepNull, subject })

/** The plan as it stands in the contract. */
export const piiPlanSchema = z.discriminatedUnion('method', [
  hmac,
  siv,
  ff1,
  vault,
  bucket,
  mask,
  redact,
  drop,
])
/** See {@link piiPlanSchema}. */
export type PiiPlan = z.output<typeof piiPlanSchema>

/** The plan of one method. */
export type PlanOf<Method extends PiiPlan['method']> = Extract<PiiPlan, { readonly method: Method }>

/** Options of each method, `method` left out. */
export const PII_OPTIONS: ReadonlyMap<string, readonly string[]> = new Map(
  piiPlanSchema.options.map((option) => [
    option.shape.method.value,
    Object.keys(option.shape).filter((key) => key !== 'method'),
  ]),
)

/** Two symbols at least, none twice. */
function isAlphabet(text: string): boolean {
  const symbols = ff1Symbols(text)
  return symbols.length >= 2 && new Set(symbols).size === symbols.length
}
