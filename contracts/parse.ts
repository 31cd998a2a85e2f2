/**
 * Text (YAML or JSON) -> contract, or all its faults at once.
 *
 * Contracts are untrusted input: size and alias expansion are bounded, and nothing in them is executed.
 */
import { type Document, LineCounter, parseDocument } from 'yaml'
import type { ContractFault, Place } from './fault.ts'
import { type Contract, contractSchema } from './model.ts'

/** Longest contract that is read, bytes of UTF-8. */
const MAX_LENGTH = 4 * 1024 * 1024

/** A parsed contract (undefined if it could not be read at all), its faults, and where each path stands. */
export type ParsedContract = {
  readonly contract: Contract | undefined
  readonly faults: readonly ContractFault[]
  /** Place of the node at a path, or of its nearest parent. */
  readonly locate: (path: readonly (string | number)[]) => Place
}

/** `schema[0].name` from its parts. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = ''
  for (const part of path)
    text += typeof part === 'number' ? `[${part}]` : `${text === '' ? '' : '.'}${String(part)}`
  return text
}

/** Parses one contract. Never throws. */
export function parseContract(text: string): ParsedContract {
  const lines = new LineCounter()
  const start: Place = { line: 1, column: 1 }
  const failed = (code: string, message: string, place: Place = start): ParsedContract => ({
    contract: undefined,
    faults: [{ severity: 'error', code, path: '', message, ...place }],
    locate: () => start,
  })
  if (text.length > MAX_LENGTH) return failed('CONTRACT_TOO_LARGE', `longer than ${MAX_LENGTH} bytes`)
  let document: Document.Parsed
  let value: unknown
  try {
    document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false })
    const syntax = document.errors[0]
    if (syntax) {
      const at = lines.linePos(syntax.pos[0])
      return failed('CONTRACT_SYNTAX', syntax.message.split('\n')[0] ?? 'not valid YAML', {
        line: at.line,
        column: at.col,
      })
    }
    value = document.toJS({ maxAliasCount: 100 })
  } catch {
    return failed('CONTRACT_SYNTAX', 'cannot be read as YAML (too many aliases, or too deep)')
  }
  const locate = (path: readonly (string | number)[]): Place => {
    for (let depth = path.length; depth > 0; depth--) {
      const node = document.getIn(path.slice(0, depth), true)
      const range =
        node && typeof node === 'object' && 'range' in node ? (node.range as readonly number[] | null) : null
      if (range) {
        const at = lines.linePos(range[0] ?? 0)
        return { line: at.line, column: at.col }
      }
    }
    return start
  }
  const result = contractSchema.safeParse(value)
  if (result.success) return { contract: result.data, faults: [], locate }
  const faults = result.error.issues.map((issue): ContractFault => {
    const path = issue.path.filter((part) => typeof part !== 'symbol')
    return {
      severity: 'error',
      code: 'CONTRACT_SHAPE',
      path: pathText(path),
      message: issue.message,
      ...locate(path),
    }
  })
  return { contract: undefined, faults, locate }
}
