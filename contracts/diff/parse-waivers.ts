/**
 * A file of waivers -> waivers, or all its faults at once.
 *
 *     - code: DIFF_ENUM_VALUE_ADDED
 *       path: orders.status            # glob over dataset.column
 *       contract: urn:shop:orders      # may be left out
 *       version: 2.0.0                 # may be left out: the one that brings the change
 *       reason: All readers map unknown states to "other" since March.
 *       expires: 2026-12-31
 *       approvedBy: data council       # may be left out
 */
import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { type ContractFault, type Place, pathText } from '../fault.ts'
import { nearest } from '../nearest.ts'
import type { PlacedWaiver } from './apply-waivers.ts'
import { DIFF_CODES } from './grades.ts'

/** Longest file that is read, bytes. */
const MAX_BYTES = 1024 * 1024
/** Most waivers: each is held against each change. */
const MAX_WAIVERS = 1_000

/** YAML reads 1.0 as a number. */
const VERSION = 'expected a version in quotes, such as "2.0.0"'

const waiverSchema = z.strictObject({
  code: z.string(),
  contract: z.string().min(1).optional(),
  version: z.string(VERSION).min(1, VERSION).optional(),
  path: z.string().min(1).max(200),
  reason: z.string().trim().min(1, 'a reason is required'),
  expires: z.iso.date('expected a date such as 2026-12-31'),
  approvedBy: z.string().min(1).optional(),
})

/** Waivers, and what is wrong with the file. */
export type ParsedWaivers = {
  readonly waivers: readonly PlacedWaiver[]
  readonly faults: readonly ContractFault[]
}

/** Parses the file. Never throws; a waiver with a fault does not waive. */
export function parseWaivers(text: string): ParsedWaivers {
  if (Buffer.byteLength(text) > MAX_BYTES) return unreadable(`longer than ${MAX_BYTES} bytes`)
  const lines = new LineCounter()
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  let value: unknown
  let locate: (path: readonly PropertyKey[]) => Place
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
    const [error] = document.errors
    if (error) return unreadable(error.message.split('\n')[0] ?? 'not YAML', placeAt(error.pos[0]))
    value = document.toJS({ maxAliasCount: 10 }) ?? []
    locate = (path) => {
      for (let depth = path.length; depth > 0; depth--) {
        const node = document.getIn(path.slice(0, depth), true)
        if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range))
          return placeAt(Number(node.range[0]))
      }
      return { line: 1, column: 1 }
    }
  } catch {
    return unreadable('not YAML, or nested too deeply')
  }
  if (!Array.isArray(value)) return unreadable('expected a list of waivers')
  if (value.length > MAX_WAIVERS) return unreadable(`more than ${MAX_WAIVERS} waivers`)
  const waivers: PlacedWaiver[] = []
  const faults: ContractFault[] = []
  for (const [index, item] of value.entries()) {
    const result = waiverSchema.safeParse(item)
    if (!result.success) {
      for (const issue of result.error.issues)
        faults.push(fault('WAIVER_SHAPE', [index, ...issue.path], issue.message, locate))
      continue
    }
    const { data: waiver } = result
    if (DIFF_CODES.some((code) => code === waiver.code))
      waivers.push({ waiver, place: locate([index]), index })
    else {
      const near = nearest(waiver.code, DIFF_CODES)
      const unknown = fault('WAIVER_CODE', [index, 'code'], 'there is no difference of that code', locate)
      faults.push(near === undefined ? unknown : { ...unknown, suggestion: near })
    }
  }
  return { waivers, faults }
}

function fault(
  code: string,
  path: readonly PropertyKey[],
  message: string,
  locate: (path: readonly PropertyKey[]) => Place,
): ContractFault {
  return { severity: 'error', code, path: pathText(path), message, ...locate(path) }
}

function unreadable(message: string, place: Place = { line: 1, column: 1 }): ParsedWaivers {
  return { waivers: [], faults: [{ severity: 'error', code: 'WAIVER_SYNTAX', path: '', message, ...place }] }
}
