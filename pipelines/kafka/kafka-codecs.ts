/**
 * The codecs of Kafka's record batches.
 *
 * gzip and zstd are Node's own; a large batch is decompressed on Node's threads, so that the event loop goes on meanwhile. snappy and lz4 are
 * those of @platformatic/kafka (WebAssembly), which know the framing that Java's clients put around snappy's blocks.
 */
import { promisify } from 'node:util'
import { gunzip, gunzipSync, zstdDecompress, zstdDecompressSync } from 'node:zlib'
import { compressionsAlgorithms } from '@platformatic/kafka'

/** From here on (bytes, compressed) decompression goes to Node's threads. */
const LARGE = 512 * 1024

/** Places in a buffer are 32 bits; and no batch of ours comes near this. */
const MOST_BYTES = 1024 * 1024 * 1024

const limit = { maxOutputLength: MOST_BYTES }
const gunzipAside = promisify<Buffer, typeof limit, Buffer>(gunzip)
const zstdAside = promisify<Buffer, typeof limit, Buffer>(zstdDecompress)

/** Decompresses what follows the head of a batch. Throws, or rejects, if the bytes are not what the codec wrote. */
export type Decompress = (bytes: Buffer) => Buffer | Promise<Buffer>

const CODECS: readonly (Decompress | undefined)[] = [
  undefined,
  (bytes) => (bytes.length < LARGE ? gunzipSync(bytes, limit) : gunzipAside(bytes, limit)),
  (bytes) => compressionsAlgorithms.snappy.decompressSync(bytes),
  (bytes) => compressionsAlgorithms.lz4.decompressSync(bytes),
  (bytes) => (bytes.length < LARGE ? zstdDecompressSync(bytes, limit) : zstdAside(bytes, limit)),
]

/** The codec of a batch by the number in its attributes (1 gzip, 2 snappy, 3 lz4, 4 zstd); undefined if there is none. */
export function codecOf(number: number): Decompress | undefined {
  return CODECS[number]
}
