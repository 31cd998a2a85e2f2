/**
 * Row version = (epoch, LSN, Kafka offset) in 128 bits: 16 + 64 + 48.
 *
 * The LSN orders the changes of one key, because Postgres serialises them. The offset tells rows of one COPY apart, which share
 * an LSN. The epoch is raised when LSNs start anew (a restored or re-created source). Wall clocks are never used: they go back.
 */

const OFFSET_BITS = 48n
const LSN_BITS = 64n
const MAX_OFFSET = (1n << OFFSET_BITS) - 1n

/** The version as a decimal UInt128. `offset` below 2^48. */
export function versionOf(epoch: number, lsn: bigint, offset: bigint): string {
  return (
    (BigInt(epoch) << (LSN_BITS + OFFSET_BITS)) |
    (lsn << OFFSET_BITS) |
    (offset & MAX_OFFSET)
  ).toString()
}
