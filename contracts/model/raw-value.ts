/** Parts of a value whose shape nobody has checked yet. */

/** An object of unknown content. */
export type Raw = Readonly<Record<string, unknown>>

/** Is it an object with keys (no list, no null)? */
export function isRecord(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The text; undefined for anything else. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** The finite number; undefined for anything else. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** The texts of a list; what else is in it is left out. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
}

/** One text or a list of them, as a list. */
export function listOf(value: unknown): readonly string[] {
  return typeof value === 'string' ? [value] : textsOf(value)
}

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> }

/** Without the keys whose value is undefined: an absent key and an undefined one are two things to a reader. */
export function compact<T extends object>(fields: T): Defined<T> {
  const kept: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) kept[key] = value
  return kept as Defined<T>
}

/** The value at a path of a document; undefined if there is none. */
export function valueAt(document: unknown, path: readonly (string | number)[]): unknown {
  let value = document
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Readonly<Record<string | number, unknown>>)[part]
  }
  return value
}
