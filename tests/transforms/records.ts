/** Records as Debezium writes them, for tests of transforms. */
import type { RawRecord } from '#transforms/record.ts'

/** A raw record with a body; what is not given does not matter. */
export function rawRecord(body: unknown, more: Partial<RawRecord> = {}): RawRecord {
  const value =
    body === null || Buffer.isBuffer(body)
      ? body
      : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  return { topic: 'mogo.public.things', partition: 0, offset: 7n, key: null, value, headers: {}, ...more }
}

/** The parts of an envelope. */
export type EnvelopeParts = {
  readonly op?: string
  readonly before?: unknown
  readonly after?: unknown
  readonly sequence?: string
  readonly lsn?: unknown
  readonly millis?: unknown
}

/** An envelope in Debezium's order: images, then the source block with its long `ts_ns`. */
export function envelope(parts: EnvelopeParts): object {
  return {
    before: parts.before ?? null,
    after: parts.after ?? null,
    source: {
      version: '3.7.0.Final',
      connector: 'postgresql',
      ts_ms: parts.millis === undefined ? 1_767_225_600_123 : parts.millis,
      snapshot: 'false',
      db: 'shop',
      ...(parts.sequence === undefined ? {} : { sequence: parts.sequence }),
      ts_us: 1_767_225_600_123_456,
      ts_ns: 1_767_225_600_123_456_000,
      schema: 'public',
      table: 'things',
      txId: 1,
      lsn: parts.lsn === undefined ? 4_711 : parts.lsn,
      xmin: null,
    },
    transaction: null,
    op: parts.op ?? 'c',
    ts_ms: 1_767_225_600_200,
    ts_us: 1_767_225_600_200_000,
    ts_ns: 1_767_225_600_200_000_000,
  }
}

/** A master secret of tests. */
export const MASTER = 'a master secret of tests, with 32 bytes or more'
