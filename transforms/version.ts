/**
 * Row version = (epoch, position, Kafka offset) in 128 bits: 16 + 64 + 48.
 *
 * The position is an LSN: that of the commit before the change's own transaction, so that changes are ordered as they were committed.
 * The offset orders changes of one transaction. The epoch is raised when LSNs start anew (a restored or re-created source). Wall
 * clocks are never used: they go back.
 */

const OFFSET_BITS = 48n
const LSN_BITS = 64n
const MAX_OFFSET = (1n << OFFSET_BITS) - 1n
const MAX_LSN = (1n << LSN_BITS) - 1n

/** The version as a decimal UInt128. `offset` below 2^48. */
export function versionOf(epoch: number, position: bigint, offset: bigint): string {
  return (
    (BigInt(epoch) << (LSN_BITS + OFFSET_BITS)) |
    (position << OFFSET_BITS) |
    (offset & MAX_OFFSET)
  ).toString()
}

/** The position in a version; 0 of one that is none. */
export function positionOfVersion(version: string): bigint {
  return /^\d+$/.test(version) ? (BigInt(version) >> OFFSET_BITS) & MAX_LSN : 0n
}
