/**
 * Row version = (epoch, position, order) in 128 bits: 16 + 64 + 48.
 *
 * The position is an LSN: that of the commit before the change's own transaction, so that changes are ordered as they were committed.
 * The order is that of changes in one transaction: their own LSNs, which hold in all partitions alike (a TRUNCATE in one of them tells before and
 * after in the others), or the Kafka offset where that is all there is. The epoch is raised when LSNs start anew (a restored or re-created
 * source). Wall clocks are never used: they go back.
 */

const ORDER_BITS = 48n
const LSN_BITS = 64n
const MAX_ORDER = (1n << ORDER_BITS) - 1n
const MAX_LSN = (1n << LSN_BITS) - 1n

/** The version as a decimal UInt128. Of `order` the lower 48 bits count: no transaction writes 280 TB of log. */
export function versionOf(epoch: number, position: bigint, order: bigint): string {
  return (
    (BigInt(epoch) << (LSN_BITS + ORDER_BITS)) |
    (position << ORDER_BITS) |
    (order & MAX_ORDER)
  ).toString()
}

/** The position in a version; 0 of one that is none. */
export function positionOfVersion(version: string): bigint {
  return /^\d+$/.test(version) ? (BigInt(version) >> ORDER_BITS) & MAX_LSN : 0n
}
