/**
 * The pending range as the metadata of a committed Kafka offset: `mogo1 pending=LAST`, or empty. The broker keeps offset and
 * metadata in one record, so they cannot disagree, and no further store is needed.
 */

const PREFIX = 'mogo1 pending='

/** Writes it. */
export function writeMetadata(pendingLast: bigint | null): string {
  return pendingLast === null ? '' : `${PREFIX}${pendingLast}`
}

/** Reads it; null for anything else that may stand there. */
export function readMetadata(metadata: string | null | undefined): bigint | null {
  const text = metadata?.startsWith(PREFIX) ? metadata.slice(PREFIX.length) : ''
  return /^\d{1,19}$/.test(text) ? BigInt(text) : null
}
