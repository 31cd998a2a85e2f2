/**
 * The parts that the shapes are made of: zod schemas whose faults can be said in plain words.
 *
 * *Closed* objects know their keys, so that an unknown one gets a suggestion. *Chosen* shapes look at one key (a type) and hold the object to
 * the shape of that type only: a union would say the faults of every alternative.
 */
import { z } from 'zod'
import { isRecord, type Raw } from '../model/raw-value.ts'

/** The message of a fault about a key that must be there and is not. */
export const MISSING = 'missing'

/** Keys of the closed objects, by the mark that stands in the message of a fault about an unknown key. */
const keysByMark = new Map<string, readonly string[]>()

/** An object that has these keys and no other. `what` names it in faults: "a server of type kafka". */
export function closed<T extends z.ZodRawShape>(what: string, shape: T) {
  const mark = `${keysByMark.size} ${what}`
  keysByMark.set(mark, Object.keys(shape))
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? mark : undefined),
  })
}

/** What a mark stands for; undefined for another message. */
export function closedObject(
  mark: string,
): { readonly what: string; readonly keys: readonly string[] } | undefined {
  const keys = keysByMark.get(mark)
  return keys && { what: mark.slice(mark.indexOf(' ') + 1), keys }
}

/** A shape that depends on the object itself. What is no object is refused. */
export function chosen(choose: (raw: Raw) => z.ZodType): z.ZodType {
  return forwarded((value) => (isRecord(value) ? choose(value) : mapping))
}

/** A shape that depends on the value. */
export function forwarded(choose: (value: unknown) => z.ZodType): z.ZodType {
  return z.unknown().check((context) => {
    const { value } = context
    // Not safeParse: it would make an error, with all its texts, at every level.
    const result = choose(value)._zod.run({ value, issues: [] }, { async: false })
    if (result instanceof Promise) return
    // With `continue`, checks that come after this one are made too.
    for (const issue of result.issues) context.issues.push({ ...issue, continue: true })
  })
}

/** A mapping of any content. */
export const mapping = z.looseObject({})
/** A text. */
export const text = z.string()
/** A finite number. */
export const number = z.number()
/** A whole number. */
export const wholeNumber = z.number().refine(Number.isInteger, 'a whole number')
/** A whole number, zero or more. */
export const count = z
  .number()
  .refine((value) => Number.isInteger(value) && value >= 0, 'a whole number, zero or more')
/** true or false. */
export const flag = z.boolean()
/** Any value, but there must be one. */
export const anything = z.custom<unknown>((value) => value !== undefined, MISSING)
/** Any value that is no list and no mapping. */
export const scalar = z
  .custom<unknown>((value) => value !== undefined, { error: MISSING, abort: true })
  .refine(
    (value) => typeof value !== 'object' || value === null,
    'a text, a number, true or false; no list and no mapping',
  )
/** A text of a given form, said in words. */
export function textLike(form: RegExp, expected: string) {
  return z.string().regex(form, expected)
}

/** A list of at least so many elements, no two of them equal. */
export function uniqueList<T extends z.ZodType>(element: T, least: number) {
  return z
    .array(element)
    .min(least, `a list of at least ${least}`)
    .refine(
      (items) => new Set(items.map(canonical)).size === items.length,
      'a list without the same element twice',
    )
}

/** Text that is equal for equal values, whatever the order of keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    isRecord(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  )
}
