/** What a process depends on: Postgres, Kafka, Kafka Connect, ClickHouse, the identity provider. */
import { type ErrorEntry, entry } from './error-entry.ts'

/** See the header; `errors.ts` has all of them. */
export const DEPENDENCY_ERRORS = {
  MOGO_POSTGRES_UNREACHABLE: entry(
    'retriable',
    503,
    'Postgres at {host}:{port} cannot be reached: {detail}',
    'Check host, port and network; `mogo doctor` tests the connection.',
  ),
  MOGO_POSTGRES_AUTH: entry(
    'fatal',
    503,
    'Postgres at {host}:{port} refuses the user {user} on the database {database}.',
    'Check the user and the password file at {path} in mogo.yaml.',
  ),
  MOGO_POSTGRES_CONFIG: entry('fatal', 503, 'Postgres at {host}:{port}: {detail}', '{remedy}'),
  MOGO_KAFKA_UNREACHABLE: entry(
    'retriable',
    503,
    'Kafka at {brokers} cannot be reached: {detail}',
    'Check kafka.brokers in mogo.yaml and the network; `mogo doctor` tests the connection.',
  ),
  MOGO_KAFKA_AUTH: entry(
    'fatal',
    503,
    'Kafka at {brokers} refuses the user {user}.',
    'Check the user and the password file under kafka in mogo.yaml.',
  ),
  MOGO_KAFKA_RECORDS_DAMAGED: entry(
    'fatal',
    502,
    'The records of {topic}/{partition} from offset {offset} on cannot be read: {detail}.',
    "Reading of this partition is tried again and again, and nothing is committed past it. Look at the broker's disk and log; if the records are lost, take a new copy with `mogo capture apply --resnapshot`.",
  ),
  MOGO_CONNECT_UNREACHABLE: entry(
    'retriable',
    503,
    'Kafka Connect at {url} cannot be reached: {detail}',
    'Check connect.url in mogo.yaml; `mogo doctor` tests the connection.',
  ),
  MOGO_CONNECT_REJECTED: entry(
    'fatal',
    502,
    'Kafka Connect refuses the connector {connector}: {detail}',
    'Mend what is named above, then run `mogo capture apply` again.',
  ),
  MOGO_CONNECTOR_FAILED: entry(
    'fatal',
    502,
    'The connector {connector} is {state}: {detail}',
    'Mend the cause named above, then run `mogo capture apply` (it restarts failed tasks).',
  ),
  MOGO_CAPTURE_FAILED: entry('fatal', 502, 'Capture could not be set up: {code}: {detail}', '{remedy}'),
  MOGO_CAPTURE_BEHIND: entry(
    'rejected',
    409,
    'Capture is not as the contracts say: {count} change(s) are to be made first.',
    'See them with `mogo capture plan`, make them with `mogo capture apply`; what that reads for the first time need not be read again.',
  ),
  MOGO_SLOT_LOST: entry(
    'fatal',
    500,
    'The replication slot {slot} has lost changes (wal_status {status}): the copy can no longer be kept right from it.',
    'Raise max_slot_wal_keep_size, then drop the slot and take a new snapshot: `mogo capture apply --resnapshot`.',
  ),
  MOGO_ALERT: entry('fatal', 500, 'The alert {alert} fires: {detail}', '{remedy}'),
  MOGO_SOURCE_BUSY: entry(
    'retriable',
    503,
    'Transactions that wrote to {tables} before it came under capture are still open in the source (process ids {pids}).',
    'Let them end (or end them with pg_terminate_backend), then run `mogo capture apply` again: a snapshot now would miss what they commit.',
  ),
  MOGO_CLICKHOUSE_UNREACHABLE: entry(
    'retriable',
    503,
    'ClickHouse at {url} cannot be reached: {detail}',
    'Check clickhouse.url in mogo.yaml; `mogo doctor` tests the connection.',
  ),
  MOGO_CLICKHOUSE_AUTH: entry(
    'fatal',
    503,
    'ClickHouse at {url} refuses the user {user}.',
    'Check the user and the password file under clickhouse in mogo.yaml.',
  ),
  MOGO_CLICKHOUSE_VERSION: entry(
    'fatal',
    503,
    'ClickHouse {version} at {url} has known holes in its row security.',
    'Bring it to one of {safe}, or newer in the same line.',
  ),
  MOGO_CLICKHOUSE_REJECTED: entry(
    'fatal',
    502,
    'ClickHouse refuses a statement for {table} (code {engineCode}).',
    'Look into the log of ClickHouse; the contract may ask for a change that its table cannot make.',
  ),
  MOGO_IDENTITY_UNREACHABLE: entry(
    'retriable',
    503,
    'The identity provider {issuer} cannot be reached: {detail}',
    'Check identity.issuer in mogo.yaml and the network.',
  ),
  MOGO_IDENTITY_REFUSED: entry(
    'rejected',
    401,
    'The identity provider {issuer} refuses to give {username} a token ({reason}).',
    'Check the user name and the secret.',
  ),
} as const satisfies Record<string, ErrorEntry>
