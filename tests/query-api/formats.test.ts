/** Formats without an engine: however the bytes are cut into pieces, the answer is the same. */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { RecordBatchStreamWriter, tableFromArrays } from 'apache-arrow'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EngineFault } from '#query-api/engine/engine-fault.ts'
import { faultDetector } from '#query-api/engine/fault-mark.ts'
import { createArrowCounter } from '#query-api/formats/arrow-rows.ts'
import { chooseFormat } from '#query-api/formats/formats.ts'
import { createJsonEnvelope } from '#query-api/formats/json-envelope.ts'
import { engineParameters } from '#query-api/formats/parameters.ts'
import type { RowCounter } from '#query-api/formats/row-counter.ts'
import { createCsvCounter, createLineCounter } from '#query-api/formats/row-counters.ts'
import { writePieces } from '#query-api/queries/write-answer.ts'

const cut = (bytes: Buffer, places: readonly number[]): Buffer[] => {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b)
  const edges = [0, ...at, bytes.length]
  return edges
    .slice(1)
    .map((end, index) => bytes.subarray(edges[index], end))
    .filter((piece) => piece.length > 0)
}
async function through(
  counter: RowCounter,
  pieces: readonly Buffer[],
): Promise<{ text: Buffer; rows: number }> {
  const out: Buffer[] = []
  for await (const piece of writePieces(Readable.from(pieces), counter, undefined)) out.push(piece)
  return { text: Buffer.concat(out), rows: counter.rows() }
}
const NO_NOTES = { description: () => undefined, isTruncated: () => false }
const places = fc.array(fc.nat(), { maxLength: 12 })

describe('JSON', () => {
  const value = fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.constant(null), fc.boolean())
  test('is one document with the rows as they were', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(value, value), { maxLength: 20 }), places, async (rows, at) => {
        const lines = [['a', 'b"c'], ['String', 'Nullable(String)'], ...rows].map(
          (row) => `${JSON.stringify(row)}\n`,
        )
        const { text, rows: counted } = await through(
          createJsonEnvelope('q1', NO_NOTES),
          cut(Buffer.from(lines.join('')), at),
        )
        expect(JSON.parse(text.toString())).toEqual({
          queryId: 'q1',
          columns: [
            { name: 'a', type: 'String' },
            { name: 'b"c', type: 'Nullable(String)' },
          ],
          rows: JSON.parse(JSON.stringify(rows)),
          rowCount: rows.length,
          truncated: false,
        })
        expect(counted).toBe(rows.length)
      }),
      { numRuns: 300 },
    )
  })
})

describe('rows are counted', () => {
  test('in NDJSON and CSV', async () => {
    expect((await through(createLineCounter(), [Buffer.from('{}\n{'), Buffer.from('}\n')])).rows).toBe(2)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string(), { maxLength: 20 }), places, async (fields, at) => {
        const text = ['name', ...fields].map((field) => `"${field.replaceAll('"', '""')}"\n`).join('')
        expect((await through(createCsvCounter(), cut(Buffer.from(text), at))).rows).toBe(fields.length)
      }),
      { numRuns: 300 },
    )
  })

  test('in Arrow, as another implementation writes it', async () => {
    const table = tableFromArrays({
      n: Int32Array.from({ length: 5000 }, (_, i) => i),
      s: Array.from({ length: 5000 }, (_, i) => `x${i}`),
    })
    const bytes = Buffer.from(await RecordBatchStreamWriter.writeAll(table).toUint8Array())
    await fc.assert(
      fc.asyncProperty(places, async (at) => {
        const { text, rows } = await through(createArrowCounter(), cut(bytes, at))
        expect(rows).toBe(5000)
        expect(text.equals(bytes)).toBe(true)
      }),
      { numRuns: 50 },
    )
    expect((await through(createArrowCounter(), [Buffer.from('no arrow at all')])).rows).toBe(-1)
  })
})

describe('a fault of the engine in the body', () => {
  const tag = 'abcdefghijklmnop'
  const run = async (pieces: readonly Buffer[]): Promise<{ out: string; fault: unknown }> => {
    const out: Buffer[] = []
    try {
      await pipeline(Readable.from(pieces), faultDetector(tag), async (source: AsyncIterable<Buffer>) => {
        for await (const piece of source) out.push(piece)
      })
      return { out: Buffer.concat(out).toString(), fault: undefined }
    } catch (fault) {
      return { out: Buffer.concat(out).toString(), fault }
    }
  }

  test('is noticed however it is cut, and no part of it gets out', async () => {
    const body = Buffer.from(
      `["1"]\n["2"]\n\r\n__exception__\r\n${tag}\r\nCode: 395. DB::Exception: secret-value (X_Y) (version 1)\n9 ${tag}\r\n__exception__\r\n`,
    )
    await fc.assert(
      fc.asyncProperty(places, async (at) => {
        const { out, fault } = await run(cut(body, at))
        expect(fault).toBeInstanceOf(EngineFault)
        expect(fault).toMatchObject({ code: 395 })
        expect('["1"]\n["2"]\n\r\n'.startsWith(out)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  test('a body without one comes out whole', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), places, async (text, at) => {
        expect(await run(cut(Buffer.from(text), at))).toEqual({
          out: Buffer.from(text).toString(),
          fault: undefined,
        })
      }),
      { numRuns: 300 },
    )
  })
})

test.each([
  [undefined, 'application/json'],
  ['*/*', 'application/json'],
  ['text/*', 'text/csv'],
  ['text/html, application/xhtml+xml, */*;q=0.8', 'application/json'],
  ['application/x-ndjson', 'application/x-ndjson'],
  ['application/json;q=0.1, text/csv', 'text/csv'],
  ['application/vnd.apache.arrow.stream, application/json;q=0.5', 'application/vnd.apache.arrow.stream'],
  ['application/json;q=0, */*', 'application/x-ndjson'],
  ['image/png', undefined],
  ['text/csv;q=nonsense', undefined],
])('Accept %j -> %s', (accept, mediaType) => {
  expect(chooseFormat(accept)?.mediaType).toBe(mediaType)
})

test('parameters take the engine’s text form', () => {
  expect(
    engineParameters({ a: "x'y\\z\n\t", b: 5, c: null, d: ["p'q", 'r\\s', null, 1, true], e: true }),
  ).toEqual({ a: "x'y\\\\z\\n\\t", b: '5', c: '\\N', d: "['p\\'q','r\\\\s',NULL,1,true]", e: 'true' })
})
