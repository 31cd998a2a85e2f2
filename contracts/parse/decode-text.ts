/**
 * Bytes of a file -> text. Contracts are UTF-8, as YAML and JSON are exchanged (RFC 8259, section 8.1); a byte order mark is fine. What is
 * not UTF-8 is said with its place, and never read as something else: a name would silently become another one.
 */
import { isUtf8 } from 'node:buffer'

/** Why bytes are no text, and where: 1-based line and column. */
export type EncodingFault = { readonly message: string; readonly line: number; readonly column: number }

/** The text, or the fault. */
export function decodeText(bytes: Buffer): string | EncodingFault {
  const other = otherEncoding(bytes)
  if (other !== undefined) return { message: `the file is ${other}; save it as UTF-8`, line: 1, column: 1 }
  if (isUtf8(bytes)) return bytes.toString('utf8')
  const at = firstInvalid(bytes)
  const lines = bytes
    .toString('utf8', 0, at)
    .replace(/^\ufeff/, '')
    .split('\n')
  return {
    message: `byte ${at + 1} of the file is not UTF-8 (it may be saved as Latin-1 or Windows-1252); save the file as UTF-8`,
    line: lines.length,
    column: (lines.at(-1)?.length ?? 0) + 1,
  }
}

/** UTF-16 and UTF-32, told by their byte order mark, or by the empty bytes beside the first characters. */
function otherEncoding(bytes: Buffer): string | undefined {
  const [a, b, c, d] = bytes
  if ((a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff))
    return 'UTF-32'
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return 'UTF-16'
  if (bytes.length < 4) return undefined
  if ((a === 0 && b === 0 && c === 0) || (b === 0 && c === 0 && d === 0)) return 'UTF-32'
  return (a === 0 && c === 0) || (b === 0 && d === 0) ? 'UTF-16' : undefined
}

/** Offset of the first byte that belongs to no character (RFC 3629, section 4). */
function firstInvalid(bytes: Buffer): number {
  let at = 0
  while (at < bytes.length) {
    const length = characterLength(bytes, at)
    if (length === 0) return at
    at += length
  }
  return at
}

/** Bytes of the character at an offset; 0 if there is none. */
function characterLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0
  if (first < 0x80) return 1
  const length = first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : 4
  if (first < 0xc2 || first > 0xf4) return 0
  return isUtf8(bytes.subarray(at, at + length)) && at + length <= bytes.length ? length : 0
}
