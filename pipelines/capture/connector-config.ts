/**
 * Contracts and settings -> the configuration of the Debezium connector. Pure; a test pins what comes out.
 *
 * It holds no secret: the password and the placeholder of unchanged values are named as `${file:…}` references that Connect
 * resolves. Chosen against the defaults, because the defaults lose or bend data: `event.converting.failure.handling.mode=fail` (a
 * value that cannot be converted would become NULL), `skipped.operations=none` (TRUNCATE would be dropped),
 * `decimal.handling.mode=string`, `time.precision.mode=isostring`, a heartbeat (WAL would pile up while the tables are quiet), exactly-once
 * delivery, `offset.mismatch.strategy=trust_offset` (a slot that was made anew would leave a gap in silence).
 */
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import {
  javaPattern,
  messageKey,
  messageKeyPattern,
  tableIncludeList,
  tablePattern,
} from '#contracts/export/debezium.ts'
import { mayStop, notCarried } from './carried-types.ts'
import { HEARTBEAT_TABLE, SIGNAL_TABLE } from './plan-source.ts'
import { quoteTable, tableText } from './postgres-names.ts'
import type { SourceTable } from './source-catalog.ts'

/** Settings of the connector beside the contracts. */
export type ConnectorSettings = {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly tls: boolean
  /** Reference of a Connect config provider. */
  readonly passwordReference: string
  readonly unavailableReference: string
  readonly publication: string
  readonly slot: string
  readonly topicPrefix: string
  readonly partitions: number
  readonly replicationFactor: number
  readonly retentionHours: number
  /** Raised when the LSNs of the source start anew; goes into every record as the header {@link EPOCH_HEADER}. */
  readonly epoch: number
}

/** A connector's configuration, as the Connect REST API takes it. */
export type ConnectorConfig = Readonly<Record<string, string>>

/** Header of every raw record: the epoch it was captured in. */
export const EPOCH_HEADER = 'mogo.epoch'
const EPOCH_KEY = 'transforms.epoch.value.literal'

/**
 * Largest message in a raw topic: a row with its large texts; under REPLICA IDENTITY FULL an UPDATE has it twice, and bytea is a third longer. Debezium stops at a
 * larger one, for all tables. Kafka takes requests of up to 100 MiB (`socket.request.max.bytes`).
 */
export const MAX_MESSAGE_BYTES = 96 * 1024 * 1024

/** Name of the connector. */
export function connectorName(topicPrefix: string): string {
  return `${topicPrefix}-postgres`
}

/** The epoch of a configuration; 1 if there is none yet. */
export function epochOf(config: ConnectorConfig | null): number {
  const epoch = Number(config?.[EPOCH_KEY] ?? 1)
  return Number.isInteger(epoch) && epoch > 0 ? epoch : 1
}

/** Topic settings of a raw topic. */
export function rawTopicSettings(retentionHours: number): Readonly<Record<string, string>> {
  return {
    'cleanup.policy': 'delete',
    'retention.ms': String(retentionHours * 3_600_000),
    'max.message.bytes': String(MAX_MESSAGE_BYTES),
  }
}

/** Makes the configuration. `tables` are the catalog's entries of the tables under contract. */
export function connectorConfig(
  datasets: readonly CompiledDataset[],
  tables: readonly SourceTable[],
  settings: ConnectorSettings,
): ConnectorConfig {
  const heartbeat = quoteTable(HEARTBEAT_TABLE)
  const topicDefaults = Object.entries({
    partitions: String(settings.partitions),
    'replication.factor': String(settings.replicationFactor),
    ...rawTopicSettings(settings.retentionHours),
  }).map(([name, value]) => [`topic.creation.default.${name}`, value])
  const keys = messageKeys(datasets, tables)
  const excluded = excludedColumns(datasets, tables)
  return {
    'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
    'tasks.max': '1',
    'plugin.name': 'pgoutput',
    'database.hostname': settings.host,
    'database.port': String(settings.port),
    'database.dbname': settings.database,
    'database.user': settings.user,
    'database.password': settings.passwordReference,
    'database.sslmode': settings.tls ? 'verify-full' : 'prefer',
    'topic.prefix': settings.topicPrefix,
    'table.include.list': tableIncludeList(datasets, [SIGNAL_TABLE]),
    ...(excluded === '' ? {} : { 'column.exclude.list': excluded }),
    ...(keys === '' ? {} : { 'message.key.columns': keys }),

    'publication.name': settings.publication,
    'publication.autocreate.mode': 'disabled',
    'publish.via.partition.root': 'true',
    'slot.name': settings.slot,
    'slot.drop.on.stop': 'false',
    'offset.mismatch.strategy': 'trust_offset',
    'snapshot.mode': 'initial',
    'signal.data.collection': tableText(SIGNAL_TABLE),
    'signal.enabled.channels': 'source',
    // A table that is read beside the stream is read in portions. Where one ends is said as text if there is a time in the key: Postgres takes it for
    // what the column is, and not for a text that has no place in that order. (The rest of the table would be left out, without a word.)
    'driver.stringtype': 'unspecified',
    'incremental.snapshot.chunk.size': '8192',
    'incremental.snapshot.watermarking.strategy': 'insert_delete',

    'decimal.handling.mode': 'string',
    'interval.handling.mode': 'string',
    'hstore.handling.mode': 'json',
    'binary.handling.mode': 'base64',
    'time.precision.mode': 'isostring',
    'include.unknown.datatypes': 'true',
    'unavailable.value.placeholder': settings.unavailableReference,
    'event.converting.failure.handling.mode': 'fail',
    'skipped.operations': 'none',
    'tombstones.on.delete': 'false',
    'provide.transaction.metadata': 'false',
    // Five headers per record that nobody reads.
    'extended.headers.enabled': 'false',

    'exactly.once.support': 'required',
    'transaction.boundary': 'poll',
    'poll.interval.ms': '20',
    'max.batch.size': '4096',
    'max.queue.size': '16384',
    'max.queue.size.in.bytes': String(64 * 1024 * 1024),
    // After a cut connection; Debezium's own pause is ten seconds.
    'retriable.restart.connector.wait.ms': '2000',
    'heartbeat.interval.ms': '10000',
    'heartbeat.action.query': `INSERT INTO ${heartbeat} (id, at) VALUES (1, now()) ON CONFLICT (id) DO UPDATE SET at = excluded.at`,

    'key.converter': JSON_CONVERTER,
    'key.converter.schemas.enable': 'false',
    'value.converter': JSON_CONVERTER,
    'value.converter.schemas.enable': 'false',
    'header.converter': JSON_CONVERTER,
    'header.converter.schemas.enable': 'false',
    transforms: 'epoch',
    'transforms.epoch.type': 'org.apache.kafka.connect.transforms.InsertHeader',
    'transforms.epoch.header': EPOCH_HEADER,
    [EPOCH_KEY]: String(settings.epoch),

    'errors.tolerance': 'none',
    'errors.log.enable': 'true',
    'errors.log.include.messages': 'false',
    'producer.override.max.request.size': String(MAX_MESSAGE_BYTES),
    'producer.override.buffer.memory': String(MAX_MESSAGE_BYTES + 32 * 1024 * 1024),
    'producer.override.batch.size': '131072',
    ...Object.fromEntries(topicDefaults),
  }
}

const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'

/**
 * Columns that no contract stores and that Debezium does not bring as they are: at some values it would stop, for good. All other
 * columns are captured, so that a contract that takes one in later finds its values in the topic.
 */
function excludedColumns(datasets: readonly CompiledDataset[], tables: readonly SourceTable[]): string {
  return tables
    .flatMap((table) => {
      const stored = new Set(
        datasets
          .filter((dataset) => tableText(dataset.source) === tableText(table))
          .flatMap(({ columns }) => columns.filter(({ target }) => target !== null))
          .map(({ source }) => source),
      )
      return table.columns
        .filter((column) => !stored.has(column.name) && (notCarried(column) !== undefined || mayStop(column)))
        .map(({ name }) => `${tablePattern(table)}\\.${javaPattern(name)}`)
    })
    .join(',')
}

/**
 * Message keys that differ from the primary key: where the contract's key differs, and where the tenant is not in the key. A
 * row that moves to another tenant then comes as a DELETE of the old and an INSERT of the new, in order.
 */
function messageKeys(datasets: readonly CompiledDataset[], tables: readonly SourceTable[]): string {
  return datasets
    .flatMap((dataset) => {
      const table = tables.find((candidate) => tableText(candidate) === tableText(dataset.source))
      const key = messageKey(dataset)
      const primary = table?.primaryKey ?? []
      if (key.length === primary.length && key.every((column) => primary.includes(column))) return []
      return [messageKeyPattern(dataset)]
    })
    .join(';')
}
