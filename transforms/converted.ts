/** What a conversion gives: the JSON text of a cell, or the code of what is wrong with the value. */
import type { RawValue } from './record.ts'

/** JSON text of the value, or the code of what is wrong. */
export type Converted =
  | { readonly ok: true; readonly json: string }
  | { readonly ok: false; readonly code: string }

/** Converts a value that is not NULL. */
export type Convert = (value: RawValue) => Converted

/** The cell of NULL. */
export const NULL_CELL = 'null'

/** A cell. */
export const done = (json: string): Converted => ({ ok: true, json })

/** A fault. */
export const wrong = (code: string): Converted => ({ ok: false, code })
