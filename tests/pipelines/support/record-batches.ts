/** Record batches as another client writes them: the encoder of kafkajs, and what it cannot write, changed in its bytes. */
import { createRequire } from 'node:module'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { compressionsAlgorithms } from '@platformatic/kafka'
import { CompressionCodecs, CompressionTypes } from 'kafkajs'

const load = createRequire(import.meta.url)

type Encoder = { readonly buffer: Buffer }
type Long = { readonly low: number }

const { RecordBatch } = load('kafkajs/src/protocol/recordBatch/v0/index.js') as {
  RecordBatch: (options: Readonly<Record<string, unknown>>) => Promise<Encoder>
}
const encodeRecord = load('kafkajs/src/protocol/recordBatch/record/v0/index.js') as (
  record: Readonly<Record<string, unknown>>,
) => Encoder
const crc32c = load('kafkajs/src/protocol/recordBatch/crc32C/index.js') as (bytes: Buffer) => number
const longs = load('kafkajs/src/utils/long.js') as { fromValue(value: number): Long }

const codec = (compress: (bytes: Buffer) => Buffer) => () => ({
  compress: async ({ buffer }: Encoder) => compress(buffer),
  decompress: async (bytes: Buffer) => bytes,
})
CompressionCodecs[CompressionTypes.GZIP] = codec((bytes) => gzipSync(bytes))
CompressionCodecs[CompressionTypes.Snappy] = codec((bytes) =>
  compressionsAlgorithms.snappy.compressSync(bytes),
)
CompressionCodecs[CompressionTypes.LZ4] = codec((bytes) => compressionsAlgorithms.lz4.compressSync(bytes))
CompressionCodecs[CompressionTypes.ZSTD] = codec((bytes) => zstdCompressSync(bytes))

/** The numbers of the codecs in a batch's attributes. */
export const CODECS = [0, 1, 2, 3, 4] as const

/** A record of a batch; offsets rise, and may have gaps. */
export type TestRecord = {
  readonly offset: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers?: Readonly<Record<string, Buffer>>
}

/** What a batch is beside its records. */
export type BatchOptions = {
  readonly codec?: (typeof CODECS)[number]
  /** The first and the last offset, if they are not those of the records: compaction keeps them. */
  readonly baseOffset?: number
  readonly lastOffset?: number
  readonly producerId?: number
  readonly transactional?: boolean
}

/** Encodes a batch. */
export async function encodeBatch(
  records: readonly TestRecord[],
  options: BatchOptions = {},
): Promise<Buffer> {
  const baseOffset = options.baseOffset ?? records[0]?.offset ?? 0
  const lastOffset = options.lastOffset ?? records.at(-1)?.offset ?? baseOffset
  const { buffer } = await RecordBatch({
    compression: options.codec ?? 0,
    firstOffset: longs.fromValue(baseOffset),
    firstTimestamp: 1_700_000_000_000,
    maxTimestamp: 1_700_000_000_500,
    lastOffsetDelta: lastOffset - baseOffset,
    producerId: longs.fromValue(options.producerId ?? -1),
    transactional: options.transactional ?? false,
    records: records.map(({ offset, key, value, headers }) =>
      encodeRecord({
        offsetDelta: offset - baseOffset,
        timestampDelta: 3,
        key,
        value,
        headers: headers ?? {},
      }),
    ),
  })
  return buffer
}

/** The marker at the end of a transaction. */
export async function encodeMarker(
  offset: number,
  producerId: number,
  type: 'abort' | 'commit',
): Promise<Buffer> {
  const key = Buffer.from([0, 0, 0, type === 'abort' ? 0 : 1])
  const batch = await encodeBatch([{ offset, key, value: Buffer.alloc(6) }], {
    producerId,
    transactional: true,
  })
  batch.writeInt16BE(batch.readInt16BE(21) | 32, 21)
  return seal(batch)
}

/** Makes the checksum right again after the bytes of a batch were changed. */
export function seal(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(21)) >>> 0, 17)
  return batch
}
