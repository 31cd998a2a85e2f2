/** The checksum of Kafka's record batches. */
import { createRequire } from 'node:module'
import type * as native from '@node-rs/crc32'
import { crc32c as portableCrc32c } from '@platformatic/kafka'

/** CRC-32C (Castagnoli), unsigned. The processor's instruction where the optional package is there; WebAssembly costs four times as much. */
export const crc32c: (bytes: Uint8Array) => number = nativeCrc32c() ?? portableCrc32c

function nativeCrc32c(): ((bytes: Uint8Array) => number) | null {
  try {
    const { crc32c: compute } = createRequire(import.meta.url)('@node-rs/crc32') as typeof native
    return (bytes) => compute(bytes)
  } catch {
    return null
  }
}
