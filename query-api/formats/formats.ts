/**
 * Formats of answers: what a caller may accept, and how the engine's bytes become it.
 *
 * All stream. Integers of 64 bits and more, decimals, and inf/nan are strings in JSON and NDJSON (the engine quotes them by the
 * scope's settings): most readers would cut their digits. CSV, Arrow and Parquet carry them as they are.
 *
 * An answer that is cut off, by a fault, never looks whole: JSON lacks its end, a Parquet file its footer, and all of them the last chunk
 * of the HTTP message. One that a limit of the caller's has ended is whole and says so; Parquet cannot be ended that way, since its
 * footer tells of rows that were written before the limit was seen.
 */
import { LRUCache } from 'lru-cache'
import { createArrowCut } from './arrow-cut.ts'
import { createArrowCounter } from './arrow-rows.ts'
import { createJsonEnvelope } from './json-envelope.ts'
import { createParquetCounter } from './parquet-rows.ts'
import type { AnswerNotes, RowCounter } from './row-counter.ts'
import { createCsvCounter, createLineCounter } from './row-counters.ts'
import { type AnswerLimit, createCsvCut, createLineCut, type RowCut } from './row-cut.ts'

/** One format. */
export type AnswerFormat = {
  readonly mediaType: string
  /** Other media types that mean the same. */
  readonly also: readonly string[]
  /** Value of the answer's content-type. */
  readonly contentType: string
  /** Name of the engine's format. */
  readonly engineFormat: string
  readonly begin: (queryId: string, notes: AnswerNotes) => RowCounter
  /** Ends an answer of the engine at a limit; `undefined` if this format cannot. */
  readonly cut: ((limit: AnswerLimit) => RowCut) | undefined
}

/** One document. */
export const JSON_FORMAT: AnswerFormat = {
  mediaType: 'application/json',
  also: [],
  contentType: 'application/json; charset=utf-8',
  engineFormat: 'JSONCompactEachRowWithNamesAndTypes',
  begin: createJsonEnvelope,
  cut: (limit) => createLineCut(limit, 2),
}

/** The first is the default. */
export const FORMATS: readonly AnswerFormat[] = [
  JSON_FORMAT,
  {
    mediaType: 'application/x-ndjson',
    also: ['application/ndjson', 'application/jsonl'],
    contentType: 'application/x-ndjson; charset=utf-8',
    engineFormat: 'JSONEachRow',
    begin: createLineCounter,
    cut: (limit) => createLineCut(limit, 0),
  },
  {
    mediaType: 'text/csv',
    also: [],
    contentType: 'text/csv; charset=utf-8; header=present',
    engineFormat: 'CSVWithNames',
    begin: createCsvCounter,
    cut: createCsvCut,
  },
  {
    mediaType: 'application/vnd.apache.arrow.stream',
    also: [],
    contentType: 'application/vnd.apache.arrow.stream',
    engineFormat: 'ArrowStream',
    begin: createArrowCounter,
    cut: createArrowCut,
  },
  {
    mediaType: 'application/vnd.apache.parquet',
    also: ['application/x-parquet'],
    contentType: 'application/vnd.apache.parquet',
    engineFormat: 'Parquet',
    begin: createParquetCounter,
    cut: undefined,
  },
]

/** Callers send the same few headers over and over; one that is longer is no usual one. */
const chosen = new LRUCache<string, { readonly format: AnswerFormat | undefined }>({ max: 200 })
const LONGEST_KNOWN = 300

/** The format that an Accept header prefers (RFC 9110, 12.5.1); `undefined` if it accepts none. */
export function chooseFormat(accept: string | undefined): AnswerFormat | undefined {
  const header = accept?.trim() || '*/*'
  const known = chosen.get(header)
  if (known) return known.format
  const format = preferred(header)
  if (header.length <= LONGEST_KNOWN) chosen.set(header, { format })
  return format
}

function preferred(accept: string): AnswerFormat | undefined {
  const ranges = parseAccept(accept)
  let best: { readonly format: AnswerFormat; readonly quality: number } | undefined
  for (const format of FORMATS) {
    const quality = qualityOf(format, ranges)
    if (quality > (best?.quality ?? 0)) best = { format, quality }
  }
  return best?.format
}

type Range = { readonly type: string; readonly quality: number }

function parseAccept(accept: string): readonly Range[] {
  return accept
    .split(',')
    .slice(0, 50)
    .map((part) => {
      const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase())
      const quality = Number(parameters.find((piece) => piece.startsWith('q='))?.slice(2) ?? 1)
      return { type, quality: quality >= 0 && quality <= 1 ? quality : 0 }
    })
}

/** The most specific range decides. */
function qualityOf(format: AnswerFormat, ranges: readonly Range[]): number {
  const names = [format.mediaType, ...format.also]
  const main = `${format.mediaType.split('/')[0]}/*`
  const exact = ranges.find(({ type }) => names.includes(type))
  const found = exact ?? ranges.find(({ type }) => type === main) ?? ranges.find(({ type }) => type === '*/*')
  return found?.quality ?? 0
}
