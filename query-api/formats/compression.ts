/**
 * How answers are compressed: fast levels, since what is compressed is sent once, and every piece is flushed, so that rows that are there
 * are sent and not held back until more come. Parquet is compressed inside already, and is left as it is.
 */
import {
  brotliCompressSync,
  constants,
  createBrotliCompress,
  createGzip,
  createZstdCompress,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib'

const GZIP = { level: 1 }
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }
const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

/** Options of @fastify/compress. */
export const COMPRESSION = {
  threshold: 1024,
  encodings: ['zstd' as const, 'br' as const, 'gzip' as const],
  customTypes:
    /^(application\/(json|x-ndjson|problem\+json|vnd\.apache\.arrow\.stream)|text\/(?!event-stream))/,
  zlib: {
    createGzip: () => createGzip({ ...GZIP, flush: constants.Z_SYNC_FLUSH }),
    createBrotliCompress: () => createBrotliCompress({ ...BROTLI, flush: constants.BROTLI_OPERATION_FLUSH }),
    createZstdCompress: () => createZstdCompress({ ...ZSTD, flush: constants.ZSTD_e_flush }),
    gzipSync: (bytes: Buffer) => gzipSync(bytes, GZIP),
    brotliCompressSync: (bytes: Buffer) => brotliCompressSync(bytes, BROTLI),
    zstdCompressSync: (bytes: Buffer) => zstdCompressSync(bytes, ZSTD),
  },
}
