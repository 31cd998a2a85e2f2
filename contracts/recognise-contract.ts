/**
 * Is a text a contract of the standard, whatever its file is called? Told by its keys at the outermost level (`apiVersion` and `kind: DataContract`),
 * without reading all of it: one with faults, even of syntax, is one too.
 */
import { decodeText } from './parse/decode-text.ts'
import { syntaxOf } from './parse.ts'

const KIND_LINE = /^["']?kind["']?[ \t]*:[ \t]*["']?DataContract\b/im
const VERSION_LINE = /^["']?apiVersion["']?[ \t]*:/m
/** In a flow mapping, and so in JSON, keys may stand anywhere in a line. */
const KIND_INSIDE = /[{,\s]["']?kind["']?\s*:\s*["']?DataContract\b/i
const VERSION_INSIDE = /[{,\s]["']?apiVersion["']?\s*:/
const OTHER_FORMAT = /^["']?dataContractSpecification["']?[ \t]*:/m

/** Why the bytes of a file are no contract, in words; undefined if they are one. */
export function whyNoContract(bytes: Buffer, file: string): string | undefined {
  const text = decodeText(bytes)
  if (typeof text !== 'string') return 'it is not UTF-8'
  const content = text.replace(/^\ufeff/, '')
  if (content.trim() === '') return 'it is empty'
  const isFlow = syntaxOf(file) === 'json' || /^(?:\s|#.*\n|---[ \t]*\n)*\{/.test(content)
  const [kind, version] = isFlow ? [KIND_INSIDE, VERSION_INSIDE] : [KIND_LINE, VERSION_LINE]
  if (kind.test(content))
    return version.test(content) ? undefined : 'it has kind: DataContract, and no apiVersion'
  return OTHER_FORMAT.test(content)
    ? 'it is of another format, the Data Contract Specification'
    : 'it has no kind: DataContract'
}
