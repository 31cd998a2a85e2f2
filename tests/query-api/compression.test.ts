/** What is compressed is sent as it comes: each piece can be read before the next one is there. */
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import {
  brotliDecompressSync,
  createBrotliDecompress,
  createGunzip,
  createZstdDecompress,
  gunzipSync,
  zstdDecompressSync,
} from 'node:zlib'
import { expect, test } from 'vitest'
import { COMPRESSION } from '#query-api/formats/compression.ts'

const { zlib } = COMPRESSION

test.each([
  ['gzip', zlib.createGzip, createGunzip],
  ['br', zlib.createBrotliCompress, createBrotliDecompress],
  ['zstd', zlib.createZstdCompress, createZstdDecompress],
] as [string, () => Duplex, () => Duplex][])('%s holds no row back', async (_name, compress, decompress) => {
  const packing = compress()
  const unpacked = packing.pipe(decompress())
  for (const row of ['["1"]\n', '["a second row"]\n', '["3"]\n']) {
    packing.write(row)
    const [piece] = (await once(unpacked, 'data')) as [Buffer]
    expect(piece.toString()).toBe(row)
  }
  packing.end()
})

test('short answers are compressed whole', () => {
  const bytes = Buffer.from('row '.repeat(1000))
  expect(gunzipSync(zlib.gzipSync(bytes))).toEqual(bytes)
  expect(brotliDecompressSync(zlib.brotliCompressSync(bytes))).toEqual(bytes)
  expect(zstdDecompressSync(zlib.zstdCompressSync(bytes))).toEqual(bytes)
})

test.each([
  ['application/json; charset=utf-8', true],
  ['application/x-ndjson; charset=utf-8', true],
  ['text/csv; charset=utf-8; header=present', true],
  ['application/vnd.apache.arrow.stream', true],
  ['application/problem+json', true],
  ['application/vnd.apache.parquet', false],
  ['text/event-stream', false],
  ['application/octet-stream', false],
])('%s: %s', (type, isCompressed) => {
  expect(COMPRESSION.customTypes.test(type)).toBe(isCompressed)
})
