/** The pipeline worker. */
import { type ErrorEntry, entry } from './error-entry.ts'

/** See the header; `errors.ts` has all of them. */
export const WORKER_ERRORS = {
  MOGO_DECODE_NOT_JSON: entry(
    'rejected',
    422,
    'The record at {topic}/{partition}/{offset} is not a JSON change event.',
    'Look at it with `mogo quarantine show`.',
  ),
  MOGO_DECODE_SHAPE: entry(
    'rejected',
    422,
    'The record at {topic}/{partition}/{offset} is not a Debezium envelope: {detail}',
    'Look at it with `mogo quarantine show`.',
  ),
  MOGO_REPLAY_EXPIRED: entry(
    'rejected',
    410,
    'Offset {offset} of partition {partition} has expired: the topic begins at {low}.',
    'Replay from the beginning of what is left, or read the source again with `mogo capture apply --resnapshot`.',
  ),
  MOGO_REPLAY_RANGE: entry(
    'rejected',
    404,
    'The topic {topic} has no partition {partition}.',
    'Leave --partition out for a topic of one partition, or name one that there is.',
  ),
  MOGO_SCHEMA_CHANGED: entry(
    'fatal',
    503,
    'The table of the dataset {dataset} waits: {change}.',
    'Move the contract (the worker reads it again by itself), or change the source back; `schemaChange` in the contract says what is done with such changes.',
  ),
  MOGO_TABLE_MISMATCH: entry(
    'fatal',
    500,
    'The ClickHouse table {table} does not fit its contract: {detail}',
    'Publish a new major version of the contract; or drop the table, make it anew with `mogo pipeline replay DATASET --from-beginning`, and take a new snapshot with `mogo capture apply --resnapshot`.',
  ),
  MOGO_TABLE_GONE: entry(
    'fatal',
    503,
    'The ClickHouse table {table} of the dataset {dataset} is gone, though rows were loaded into it: a new one would lack them.',
    'Rename it back; the worker goes on by itself. If it was dropped on purpose, `mogo pipeline replay {dataset} --from-beginning` makes it anew from what Kafka still has, and `mogo capture apply --resnapshot` then reads all of the source.',
  ),
  MOGO_QUARANTINE_UNKNOWN: entry(
    'rejected',
    404,
    'There is no quarantined record at {place} that you may see.',
    'Look at `mogo quarantine ls --status all`; a place is topic/partition/offset.',
  ),
  MOGO_QUARANTINE_SETTLED: entry(
    'rejected',
    409,
    'The record at {place} is {status}: nothing of it is left to open, to replay or to drop.',
    'Look at `mogo quarantine ls`: it lists those that are open.',
  ),
  MOGO_QUARANTINE_SEALED: entry(
    'fatal',
    500,
    'The record at {place} cannot be opened: it was sealed with another key ring, or moved from another place.',
    'Give the worker the key ring that it was sealed with.',
  ),
  MOGO_QUARANTINE_FLOOD: entry(
    'retriable',
    503,
    'Most of the latest records of {datasets} break the contract; the worker has paused there.',
    'Look at `mogo quarantine ls`, mend the contract or the source, then run `mogo quarantine resume DATASET`.',
  ),
  MOGO_COUNTS_BROKEN: entry(
    'fatal',
    500,
    'Records read do not equal stored + quarantined + filtered in {topic}/{partition}.',
    'This must not happen: stop the worker and report it with its log.',
  ),
} as const satisfies Record<string, ErrorEntry>
