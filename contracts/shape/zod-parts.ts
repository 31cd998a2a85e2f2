/**
 * The parts that the shapes are made of: zod schemas whose faults can be said in plain words.
 *
 * *Closed* objects know their keys, so that an unknown one gets a suggestion; of an *open* one it is a warning only. *Chosen* shapes look at one
 * key (a type) and hold the object to the shape of that type only: a union would say the faults of every alternative.
 */
import { z } from 'zod'
import { isRecord, type Raw } from '../model/raw-value.ts'
import type { StandardVersion } from './api-version.ts'

/** The message of a fault about a key that must be there and is not. */
export const MISSING = 'missing'

/** An object that knows its keys. */
export type KnownObject = {
  /** Its name in faults: "a server of type kafka". */
  readonly what: string
  readonly keys: readonly string[]
  /** The standard lets other keys pass. */
  readonly open: boolean
}

/** The objects, by the mark that stands in the message of a fault about an unknown key. */
const byMark = new Map<string, KnownObject>()

/** An object that has these keys and no other. `what` names it in faults: "a server of type kafka". */
export function closed<T extends z.ZodRawShape>(what: string, shape: T) {
  return known(what, shape, false)
}

/** An object as most are: closed since 3.1; the schema of 3.0 lets other keys pass. */
export function closedSince31<T extends z.ZodRawShape>(version: StandardVersion, what: string, shape: T) {
  return known(what, shape, version === '3.0')
}

function known<T extends z.ZodRawShape>(what: string, shape: T, open: boolean) {
  const mark = `${byMark.size} ${what}`
  byMark.set(mark, { what, keys: Object.keys(shape), open })
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? mark : undefined),
  })
}

/** What a mark stands for; undefined for another message. */
export function knownObject(mark: string): KnownObject | undefined {
  return byMark.get(mark)
}

/** Marks an issue that is a warning: the standard knows what stands there, in a later version than the document says. */
export type NewerIssue = { readonly newIn: StandardVersion; readonly use?: string }

/**
 * A shape of a later version in a document of 3.0. Published documents of 3.0 have it, so it is read and said as a warning. `what` is named in the
 * fault; `use` is what the older version has for it.
 */
export function newIn31(what: string, shape: z.ZodType, use?: string): z.ZodType {
  return forwarded(() => shape).check((context) => {
    if (context.value === undefined) return
    const params: NewerIssue = { newIn: '3.1', ...(use !== undefined && { use }) }
    context.issues.push({ code: 'custom', message: what, params, input: undefined, path: [], continue: true })
  })
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
