/** Faults of a contract, each with its place. */

/** A place in a file: 1-based line and column. */
export type Place = { readonly line: number; readonly column: number }

/** One fault of a contract file. Messages name columns and rules, never example values. */
export type ContractFault = Place & {
  readonly severity: 'error' | 'warning'
  /** Stable code, `CONTRACT_…`. */
  readonly code: string
  /** Path inside the document, such as `schema[0].properties[3].customProperties`. */
  readonly path: string
  readonly message: string
}

/** `file:line:column: message (CODE at path)`. */
export function faultLine(file: string, fault: ContractFault): string {
  return `  ${file}:${fault.line}:${fault.column}: ${fault.severity}: ${fault.message} (${fault.code} at ${fault.path || 'document'})`
}
