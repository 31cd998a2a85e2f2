/**
 * A type of ClickHouse -> type of the common form. The grammar is a name with arguments in brackets (types, numbers, texts); wrappers
 * (Nullable, LowCardinality, SimpleAggregateFunction) say something of the value and are taken off.
 */
import type { ImportedColumn, ImportedLogicalType, ImportedType, ImportedValue } from './imported-table.ts'

/** A type, taken apart. */
type Parsed = { readonly name: string; readonly args: readonly Argument[] }
type Argument = {
  readonly label: string | undefined
  readonly text: string
  readonly type: Parsed | undefined
}

/** What a type says. */
export type ClickHouseType = { readonly type: ImportedType; readonly nullable: boolean }

const MAX_DEPTH = 20
const WHOLE = /^(U?)Int(8|16|32|64|128|256)$/
const TARGETS: ReadonlySet<string> = new Set([
  'Int8',
  'UInt8',
  'UInt16',
  'UInt32',
  'Date',
  'LowCardinality(String)',
])
const TEXT: ReadonlySet<string> = new Set(['String', 'FixedString', 'UUID', 'IPv4', 'IPv6'])

/** Reads a type. What is not known becomes text with its own name as the physical type. */
export function clickhouseType(text: string): ClickHouseType {
  return read(text, parseType(text.trim(), 0), 0)
}

function read(text: string, parsed: Parsed | undefined, depth: number): ClickHouseType {
  if (!parsed || depth > MAX_DEPTH)
    return { type: { physicalType: text, logicalType: 'string' }, nullable: false }
  const { name, args } = parsed
  const inner = (index: number): ClickHouseType => read(args[index]?.text ?? '', args[index]?.type, depth + 1)
  const outer = (wrapped: ClickHouseType, nullable: boolean): ClickHouseType => ({
    type: { ...wrapped.type, physicalType: text },
    nullable,
  })
  if (name === 'Nullable') return { ...inner(0), nullable: true }
  if (name === 'LowCardinality') {
    const { type, nullable } = inner(0)
    const physicalType = `LowCardinality(${type.physicalType ?? ''})`
    return { type: { ...type, physicalType, ...targetOf(physicalType) }, nullable }
  }
  if (name === 'SimpleAggregateFunction') return outer(inner(1), inner(1).nullable)
  return { type: { physicalType: text, ...plain(name, args, inner), ...targetOf(text) }, nullable: false }
}

/** Types that the compiler would not choose by itself, and can keep. */
function targetOf(type: string): Pick<ImportedType, 'custom'> {
  return TARGETS.has(type) ? { custom: { targetType: type } } : {}
}

function plain(
  name: string,
  args: readonly Argument[],
  inner: (index: number) => ClickHouseType,
): Omit<ImportedType, 'physicalType'> {
  const whole = WHOLE.exec(name)
  if (whole) {
    const format = `${whole[1] === 'U' ? 'u' : 'i'}${whole[2]}`
    // 256 bits are more than the standard has a format for.
    return whole[2] === '256' ? { logicalType: 'number' } : { logicalType: 'integer', options: { format } }
  }
  if (/^Float(32|64)$/.test(name)) return { logicalType: 'number', options: { format: `f${name.slice(5)}` } }
  if (/^Decimal(32|64|128|256)?$/.test(name) || name === 'BFloat16') return { logicalType: 'number' }
  if (name === 'Bool') return { logicalType: 'boolean' }
  if (name === 'Date' || name === 'Date32') return { logicalType: 'date' }
  if (name === 'DateTime' || name === 'DateTime64')
    return { logicalType: 'timestamp', options: { timezone: true } }
  if (name === 'Time' || name === 'Time64') return { logicalType: 'time' }
  if (name === 'Enum8' || name === 'Enum16' || name === 'Enum')
    return { logicalType: 'string', values: args.flatMap(({ label }) => label ?? []) }
  if (TEXT.has(name)) return { logicalType: 'string', ...textOptions(name, args) }
  if (name === 'Array') {
    const { type } = inner(0)
    return { logicalType: 'array', items: type }
  }
  if (name === 'Nested')
    return { logicalType: 'array', items: { logicalType: 'object', properties: fields(args, inner) } }
  if (name === 'Tuple') return { logicalType: 'object', properties: fields(args, inner) }
  if (name === 'Map' || name === 'JSON' || name === 'Object') return { logicalType: 'object' }
  return { logicalType: 'string' as ImportedLogicalType }
}

function textOptions(
  name: string,
  args: readonly Argument[],
): { options?: Readonly<Record<string, ImportedValue>> } {
  if (name === 'UUID') return { options: { format: 'uuid' } }
  if (name === 'IPv4' || name === 'IPv6') return { options: { format: name.toLowerCase() } }
  // Bytes, so that the number of characters is this at most.
  const length = name === 'FixedString' ? Number(args[0]?.text) : Number.NaN
  return Number.isInteger(length) ? { options: { maxLength: length } } : {}
}

function fields(
  args: readonly Argument[],
  inner: (index: number) => ClickHouseType,
): readonly ImportedColumn[] {
  return args.map(({ label }, index) => {
    const { type, nullable } = inner(index)
    return { ...type, name: label ?? String(index + 1), required: !nullable }
  })
}

/** `Name`, `Name(arg, …)`; an argument may have a label: `a Int8`, `'x' = 1`. */
function parseType(text: string, depth: number): Parsed | undefined {
  const match = /^([A-Za-z][A-Za-z0-9]*)(?:\((.*)\))?$/s.exec(text)
  if (!match || depth > MAX_DEPTH) return undefined
  const [, name = '', list] = match
  if (list === undefined || list.trim() === '') return { name, args: [] }
  return { name, args: splitArguments(list).map((argument) => parseArgument(argument, depth)) }
}

function parseArgument(text: string, depth: number): Argument {
  const constant = /^'((?:[^'\\]|\\.|'')*)'\s*(?:=\s*-?\d+)?$/s.exec(text)
  if (constant) return { label: withoutEscapes(constant[1] ?? ''), text, type: undefined }
  const named = /^(?:`((?:[^`\\]|\\.|``)*)`|([A-Za-z_]\w*))\s+(\S.*)$/s.exec(text)
  const type = parseType(text, depth + 1)
  if (!named || type) return { label: undefined, text, type }
  const rest = named[3] ?? ''
  return {
    label: named[1] === undefined ? named[2] : withoutEscapes(named[1]),
    text: rest,
    type: parseType(rest, depth + 1),
  }
}

function withoutEscapes(text: string): string {
  const signs: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0', b: '\b', f: '\f' }
  return text.replaceAll(/\\(.)|(['`])\2/gs, (_all, char: string | undefined, quote: string | undefined) =>
    char === undefined ? (quote ?? '') : (signs[char] ?? char),
  )
}

/** Splits at the commas that stand in no brackets and no quotes. */
export function splitArguments(text: string): readonly string[] {
  const parts: string[] = []
  let from = 0
  let open = 0
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    if (quote !== '') {
      if (char === '\\') at++
      else if (char === quote) quote = ''
    } else if (char === "'" || char === '`' || char === '"') quote = char
    else if (char === '(') open++
    else if (char === ')') open--
    else if (char === ',' && open === 0) {
      parts.push(text.slice(from, at).trim())
      from = at + 1
    }
  }
  parts.push(text.slice(from).trim())
  return parts.filter((part) => part !== '')
}
