/**
 * Text (YAML or JSON) -> contract, or all its faults at once.
 *
 * Contracts are untrusted input: size, aliases and depth are bounded, and nothing in them is executed. Two checks that the
 * YAML library has are made here instead, because they take time in the square of the input there: that keys are unique
 * (a Set per map), and how often aliases are used (counted before any is followed).
 */
import { type Document, isScalar, LineCounter, parseDocument, visit } from 'yaml'
import type { ContractFault, Place } from './fault.ts'
import { type Contract, contractSchema } from './model.ts'

/** Longest contract that is read, bytes of UTF-8. */
const MAX_BYTES = 4 * 1024 * 1024
/** Most aliases (`*name`) in one contract. */
const MAX_ALIASES = 500
/** Most brackets that may be open at once, wherever they stand: real contracts have a handful. */
const MAX_OPEN_BRACKETS = 1_000
/** Most faults of syntax that are said: what follows the first ones is often only their echo. */
const MAX_SYNTAX_FAULTS = 10

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

const START: Place = { line: 1, column: 1 }

/** Parses one contract. Never throws. */
export function parseContract(text: string): ParsedContract {
  if (Buffer.byteLength(text) > MAX_BYTES)
    return unreadable([{ code: 'CONTRACT_TOO_LARGE', message: `longer than ${MAX_BYTES} bytes`, ...START }])
  if (opensTooManyBrackets(text))
    return unreadable([{ code: 'CONTRACT_SYNTAX', message: 'nested too deeply', ...START }])
  const lines = new LineCounter()
  const placeAt = (position: number): Place => {
    const at = lines.linePos(position)
    return { line: at.line, column: at.col }
  }
  let document: Document.Parsed
  let value: unknown
  try {
    document = parseDocument(text, {
      lineCounter: lines,
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'error',
    })
    const syntax = [
      ...document.errors.map((error) => ({
        code: 'CONTRACT_SYNTAX',
        message: syntaxMessage(error.message),
        ...placeAt(error.pos[0]),
      })),
      ...structureFaults(document, placeAt),
    ]
    if (syntax.length > 0) return unreadable(syntax)
    value = document.toJS({ maxAliasCount: 100 })
  } catch {
    return unreadable([
      {
        code: 'CONTRACT_SYNTAX',
        message: 'cannot be read as YAML (aliases that multiply, or too deep)',
        ...START,
      },
    ])
  }
  const locate = (path: readonly (string | number)[]): Place => {
    for (let depth = path.length; depth > 0; depth--) {
      const node = document.getIn(path.slice(0, depth), true)
      const range =
        node && typeof node === 'object' && 'range' in node ? (node.range as readonly number[] | null) : null
      if (range) return placeAt(range[0] ?? 0)
    }
    return START
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

type SyntaxFault = Place & { readonly code: string; readonly message: string }

function unreadable(faults: readonly SyntaxFault[]): ParsedContract {
  return {
    contract: undefined,
    faults: faults.slice(0, MAX_SYNTAX_FAULTS).map((fault) => ({ severity: 'error', path: '', ...fault })),
    locate: () => START,
  }
}

/** A look at the brackets alone, quotes or not: the parser takes minutes over megabytes of `[`. */
function opensTooManyBrackets(text: string): boolean {
  let open = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 0x5b || code === 0x7b) open++
    else if (code === 0x5d || code === 0x7d) open = Math.max(0, open - 1)
    if (open > MAX_OPEN_BRACKETS) return true
  }
  return false
}

/** Messages of the YAML library in our words, where its own speak to programmers; never more than its first line. */
function syntaxMessage(message: string): string {
  if (message.startsWith('Maximum call stack')) return 'nested too deeply'
  if (message.startsWith('Source contains multiple documents'))
    return 'more than one document (---); a contract is one'
  return message.split('\n')[0] ?? 'not valid YAML'
}

/** Keys that stand twice in one map, and too many aliases. */
function structureFaults(document: Document.Parsed, placeAt: (position: number) => Place): SyntaxFault[] {
  const faults: SyntaxFault[] = []
  let aliases = 0
  visit(document, {
    Alias(_key, alias) {
      aliases++
      if (aliases !== MAX_ALIASES + 1) return undefined
      const message = `more than ${MAX_ALIASES} aliases`
      faults.push({ code: 'CONTRACT_SYNTAX', message, ...placeAt(alias.range?.[0] ?? 0) })
      return visit.BREAK
    },
    Map(_key, map) {
      const seen = new Set<unknown>()
      for (const { key } of map.items) {
        if (!isScalar(key)) continue
        if (seen.has(key.value))
          faults.push({
            code: 'CONTRACT_SYNTAX',
            message: `the key ${String(key.value)} stands twice in one map`,
            ...placeAt(key.range?.[0] ?? 0),
          })
        seen.add(key.value)
      }
    },
  })
  return faults
}
