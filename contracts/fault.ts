/** Faults of a contract, each with its place. */
import { printable } from './check/printable.ts'

/** A place in a file: 1-based line and column. */
export type Place = { readonly line: number; readonly column: number }

/** A path inside a document: keys and positions. */
export type DocumentPath = readonly (string | number)[]

/**
 * What a fault means. `error`: the contract is wrong, or cannot be kept. `warning`: it can be read, and somebody should look.
 * `info`: worth knowing.
 */
export type Severity = 'error' | 'warning' | 'info'

/** One fault of a contract file. Messages name columns and rules, never example values. */
export type ContractFault = Place & {
  readonly severity: Severity
  /** Stable code, `CONTRACT_…`. */
  readonly code: string
  /** Path inside the document, such as `schema[0].properties[3].customProperties`. */
  readonly path: string
  readonly message: string
  /** What could stand there. */
  readonly expected?: string
  /** What was probably meant, or how it is mended. */
  readonly suggestion?: string
}

/** Longest key that is said in full. */
const LONGEST_KEY = 200

/** `schema[0].name` from its parts. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else {
      text += `${text === '' ? '' : '.'}${shortKey(String(part))}`
    }
  }
  return text
}

/** A key as it is said in faults: those of hostile contracts may be of any length. */
export function shortKey(key: string): string {
  return key.length > LONGEST_KEY ? `${key.slice(0, LONGEST_KEY)}…` : key
}

/** `file:line:column: message (CODE at path)`, fit for terminals. */
export function faultLine(file: string, fault: ContractFault): string {
  return `  ${file}:${fault.line}:${fault.column}: ${fault.severity}: ${printable(fault.message)} (${fault.code} at ${printable(fault.path) || 'document'})`
}
