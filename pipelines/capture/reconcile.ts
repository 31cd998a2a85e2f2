/**
 * Brings capture to what the contracts want: reads what is there, plans, applies, waits until changes flow.
 *
 * Order of application: Postgres (role, grants, identities, publication), then topics, then the connector, then snapshots of tables
 * that came under contract after the first snapshot. Every step is idempotent, so a crash in between is mended by the next run.
 *
 * A slot that lost changes, or is gone while the connector remembers how far it had read, stops everything: going on would leave
 * a gap that nobody sees. `resnapshot` is the way out: a new slot, a new epoch, everything read again.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { MogoError } from '#contracts/errors.ts'
import type { CaptureStatus } from '#contracts/events/pipeline-health.ts'
import { rawTopic } from '#contracts/events/topics.ts'
import { nearest } from '#contracts/nearest.ts'
import type { Settings } from '#ops/runtime/settings.ts'
import { bentValues, type UnguardedColumn, unguardedColumns } from './bent-values.ts'
import { captureLogin, connectorSettings, ownsCaptureRole, wantedTopics } from './capture-settings.ts'
import { captureStatus, overallState, slotFault } from './capture-status.ts'
import { checkSource, type SourceFault, uncheckedKey } from './check-source.ts'
import { createConnectRest } from './connect-rest.ts'
import { type ConnectorConfig, connectorConfig, connectorName, epochOf } from './connector-config.ts'
import { knownPartitions, type PartitionChanges, partitionChanges } from './follow-partitions.ts'
import { createTopics, findTopics, type WantedTopic } from './kafka-topics.ts'
import { type CaptureChange, planSource, type SourceChange } from './plan-source.ts'
import { connectPostgresCapture, type PostgresCapture } from './postgres-capture.ts'
import { tableText } from './postgres-names.ts'
import { scramVerifier } from './scram-verifier.ts'
import { snapshotId, unreadableKey } from './snapshot-id.ts'
import type { SourceCatalog } from './source-catalog.ts'
import { sendSuperseded } from './superseded-records.ts'
import { changesAtOnce, partitionWords, takeInPartitions } from './take-in-partitions.ts'
import { taskErrorText } from './task-error.ts'

/** Options of {@link createReconciler}. */
export type ReconcilerOptions = {
  readonly settings: Settings
  readonly datasets: readonly CompiledDataset[]
  /** How long apply waits for the connector and the slot. */
  readonly waitMillis?: number
  /** How long a request to Connect may be retried in all. */
  readonly connectMillis?: number
}

/** Plans, applies, looks. */
export type Reconciler = {
  plan(): Promise<readonly CaptureChange[]>
  /** Returns what was changed. */
  apply(options?: { readonly resnapshot?: boolean }): Promise<readonly CaptureChange[]>
  /**
   * Takes in partitions of captured tables that have come or gone, and nothing else, whatever else differs. Returns what was done, and what could not be:
   * that is no fault of the others.
   */
  followPartitions(): Promise<readonly CaptureChange[]>
  /**
   * Asks for all rows of these datasets' tables once more, beside the stream, and returns at once: for what no change tells, such as the default of
   * a column that came. Rows that went while nobody saw it stay; only `apply` with `resnapshot` removes those.
   *
   * @throws MogoError MOGO_DATASET_UNKNOWN, MOGO_CAPTURE_BEHIND, and what apply throws
   */
  snapshot(datasets: readonly string[]): Promise<readonly CaptureChange[]>
  status(): Promise<CaptureStatus>
}

type Plan = {
  readonly catalog: SourceCatalog
  readonly source: readonly SourceChange[]
  readonly topics: readonly WantedTopic[]
  readonly current: ConnectorConfig | null
  readonly wanted: ConnectorConfig
  /** `schema.table` of tables that need a snapshot beside the stream. */
  readonly snapshots: readonly string[]
  readonly partitions: readonly PartitionChanges[]
  readonly changes: readonly CaptureChange[]
  readonly unguarded: readonly UnguardedColumn[]
}

/** A snapshot that goes wrong at its beginning, for want of a right for example, has gone wrong by then. */
const SETTLED_MILLIS = 3000

/** Makes a reconciler. Nothing is connected until it is used. */
export function createReconciler(options: ReconcilerOptions): Reconciler {
  const { settings, datasets, waitMillis = 60_000 } = options
  const { postgres: config, kafka } = settings.project.config
  const name = connectorName(kafka.topicPrefix)
  const login = captureLogin(settings)
  const owner = settings.postgres('superuser')
  const rest = createConnectRest(settings.connect(), options.connectMillis)
  const sources = [...new Map(datasets.map(({ source }) => [tableText(source), source])).values()]
  const names = [name, config.slot, config.publication, login.user, ...sources.map(tableText)]

  async function withPostgres<T>(work: (postgres: PostgresCapture) => Promise<T>): Promise<T> {
    const postgres = await connectPostgresCapture(owner)
    try {
      return await work(postgres)
    } finally {
      await postgres.close()
    }
  }

  async function makePlan(postgres: PostgresCapture): Promise<Plan> {
    const [catalog, current] = await Promise.all([
      postgres.readCatalog({
        tables: sources,
        publication: config.publication,
        slot: config.slot,
        role: { name: login.user, password: login.password },
      }),
      rest.config(name),
    ])
    checkServer(catalog)
    refuseFaults(checkSource(datasets, catalog))
    const role = ownsCaptureRole(settings)
      ? { name: login.user, verifier: scramVerifier(login.password) }
      : null
    const { missing: topics, partitions } = await findTopics(
      settings.kafka('admin'),
      wantedTopics(datasets, settings),
    )
    const source = planSource(
      {
        ...{ datasets, publication: config.publication, role, login: login.user, database: login.database },
        partitionsOf: (table) => partitions.get(rawTopic(kafka.topicPrefix, table)) ?? kafka.partitions,
      },
      catalog,
    )
    const wanted = connectorConfig(datasets, catalog.tables, connectorSettings(settings, epochOf(current)))
    const captured = new Set(catalog.captured)
    // The first snapshot takes all tables; a table that comes later is not part of it.
    // Nor are rows that were hidden from it.
    const hidden = new Set(catalog.tables.filter(({ hidesRows }) => hidesRows).map(tableText))
    const isRead = (table: string) => captured.has(table) && !hidden.has(table)
    const snapshots = current ? sources.map(tableText).filter((table) => !isRead(table)) : []
    const altered = new Set(source.flatMap(({ kind, object }) => (kind === 'partition' ? [object] : [])))
    const partitionsChanged = current ? partitionChanges(catalog, snapshots, altered) : []
    const changes: CaptureChange[] = [
      ...source.map(({ kind, object, change }) => ({ kind, object, change })),
      ...topics.map(({ topic, partitions }) => ({
        kind: 'topic' as const,
        object: topic,
        change: `create, ${partitions} partition${partitions === 1 ? '' : 's'}`,
      })),
      ...connectorChanges(name, current, wanted),
      ...snapshots.map((table) => ({ kind: 'snapshot' as const, object: table, change: 'read all rows' })),
      ...partitionsChanged.flatMap(partitionWords),
    ]
    const unguarded = datasets.flatMap((dataset) =>
      catalog.tables
        .filter((table) => tableText(table) === tableText(dataset.source))
        .flatMap((table) => unguardedColumns(dataset, table)),
    )
    const found = { catalog, source, topics, current, wanted, snapshots }
    return { ...found, partitions: partitionsChanged, changes, unguarded }
  }

  function checkServer(catalog: SourceCatalog): void {
    const refuse = (detail: string, remedy: string): never => {
      throw new MogoError('MOGO_POSTGRES_CONFIG', { host: owner.host, port: owner.port, detail, remedy })
    }
    if (catalog.serverVersion < 130_000)
      refuse(
        'it is older than version 13',
        'Upgrade it: partitions and publications need version 13 or newer.',
      )
    if (catalog.walLevel !== 'logical')
      refuse(
        `wal_level is ${catalog.walLevel}, capture needs logical`,
        'ALTER SYSTEM SET wal_level = logical, then restart Postgres (managed services have a parameter for it).',
      )
    if (catalog.publication?.allTables)
      refuse(
        `the publication ${config.publication} is FOR ALL TABLES`,
        'Name another one at postgres.publication in mogo.yaml: only tables under contract may leave the source.',
      )
    if (!catalog.slot && catalog.freeSlots < 1)
      refuse('no replication slot is free', 'Raise max_replication_slots, or drop a slot that nobody uses.')
    if (ownsCaptureRole(settings)) return
    const role = catalog.role
    if (!role?.login || !role.replication)
      refuse(
        `the capture user ${login.user} may not replicate`,
        `ALTER ROLE "${login.user}" WITH LOGIN REPLICATION (or the role that your service has for it).`,
      )
    const unreadable = catalog.tables.filter((table) => !table.captureMaySelect).map(tableText)
    if (unreadable.length > 0)
      refuse(
        `the capture user ${login.user} may not read ${unreadable.join(', ')}`,
        `GRANT USAGE on the schema and SELECT on the tables to "${login.user}".`,
      )
    const hidden = catalog.tables.filter((table) => table.hidesRows).map(tableText)
    if (hidden.length > 0)
      refuse(
        `row-level security hides rows of ${hidden.join(', ')} from the capture user ${login.user}: a snapshot would leave them out`,
        `ALTER ROLE "${login.user}" WITH BYPASSRLS (or give it a policy FOR SELECT USING (true)); of tables that were captured before, have the rows read with \`mogo capture snapshot\`.`,
      )
  }

  /**
   * The names of tables in the signal that asks for their snapshot.
   *
   * @throws MogoError MOGO_CONTRACT_SOURCE_MISMATCH for names that cannot be said in one, and keys by which Debezium does not read
   */
  function snapshotIds({ catalog }: Plan, tables: readonly string[]): ReadonlyMap<string, string> {
    const wanted = sources.filter((source) => tables.includes(tableText(source)))
    refuseFaults(
      datasets.flatMap((dataset) => {
        const table = tableText(dataset.source)
        const found = catalog.tables.find((candidate) => tableText(candidate) === table)
        const column = found && tables.includes(table) ? unreadableKey(dataset, found) : undefined
        if (column === undefined) return []
        const message = `Debezium cannot read a table with money in its key (${column}) beside the stream; read all tables again: \`mogo capture apply --resnapshot\``
        return [{ table, message }]
      }),
    )
    refuseFaults(
      wanted
        .filter((source) => snapshotId(source) === undefined)
        .map((source) => ({
          table: tableText(source),
          message:
            'Debezium cannot be asked to read a table of this name beside the stream; rename it, or read all tables again: `mogo capture apply --resnapshot`',
        })),
    )
    return new Map(wanted.map((source) => [tableText(source), snapshotId(source) ?? '']))
  }

  /**
   * Looks for what a snapshot would change without a word in the tables that are going to be read.
   *
   * @throws MogoError MOGO_CONTRACT_SOURCE_MISMATCH
   */
  async function checkValues(
    postgres: PostgresCapture,
    catalog: SourceCatalog,
    isRead: (table: string) => boolean,
  ): Promise<void> {
    const faults: SourceFault[] = []
    for (const dataset of datasets) {
      const table = tableText(dataset.source)
      const found = catalog.tables.find((candidate) => tableText(candidate) === table)
      if (!found || !isRead(table)) continue
      const messages = [...(await postgres.findBentValues(found, bentValues(dataset, found)))]
      const key = uncheckedKey(dataset, found)
      if (key && (await postgres.hasDuplicates(found, key)))
        messages.push(
          `it has no primary key, and several rows are the same in what tells them apart by the contract (${key.join(', ')}): one of them would be stored. Name more columns as the key, or add a primary key`,
        )
      faults.push(...messages.map((message) => ({ table, message })))
    }
    refuseFaults(faults)
  }

  /** @throws MogoError MOGO_SLOT_LOST */
  async function checkSlot({ catalog, current }: Plan): Promise<void> {
    const hadRead = !catalog.slot && current !== null && (await rest.hasOffsets(name))
    const lost = slotFault(config.slot, catalog.slot, hadRead)
    if (lost) throw lost
  }

  async function startAnew(postgres: PostgresCapture, plan: Plan): Promise<ConnectorConfig> {
    const wanted = connectorConfig(
      datasets,
      plan.catalog.tables,
      connectorSettings(settings, epochOf(plan.current) + 1),
    )
    if (plan.current) {
      await rest.stop(name)
      await rest.deleteOffsets(name)
    }
    await postgres.dropSlot(config.slot)
    return wanted
  }

  return {
    plan: () => withPostgres(async (postgres) => (await makePlan(postgres)).changes),

    apply: ({ resnapshot = false } = {}) =>
      withPostgres(async (postgres) => {
        const plan = await makePlan(postgres)
        if (!resnapshot) await checkSlot(plan)
        const ids = resnapshot ? new Map<string, string>() : snapshotIds(plan, plan.snapshots)
        const isRead = (table: string) => resnapshot || !plan.current || plan.snapshots.includes(table)
        await checkValues(postgres, plan.catalog, isRead)
        const fresh = resnapshot || plan.current === null
        await postgres.apply(fresh ? plan.source : changesAtOnce(plan))
        await createTopics(settings.kafka('admin'), plan.topics)
        const wanted = resnapshot ? await startAnew(postgres, plan) : plan.wanted
        if (fresh) await postgres.noteCaptured(sources.map(tableText))
        // A table of an earlier version has none noted: those that it has now are taken for known.
        const isNoted = (table: string) => !fresh && plan.catalog.partitions?.has(table) === true
        await postgres.notePartitions(
          knownPartitions(
            plan.catalog.tables.filter(
              (table) => !isNoted(tableText(table)) || plan.snapshots.includes(tableText(table)),
            ),
          ),
        )
        if (!sameConfig(plan.current, wanted)) {
          // Stopped first: a task that still streams with the old configuration must not be taken for the new one.
          if (plan.current) await rest.stop(name)
          await rest.putConfig(name, wanted)
        }
        await waitUntilRunning(postgres)
        if (resnapshot) {
          // After the old connector has ended: no record of an older epoch can follow.
          const empty = await postgres.emptyTables(sources)
          const topics = empty.map((table) => rawTopic(kafka.topicPrefix, table))
          await sendSuperseded(settings.kafka('admin'), topics, epochOf(wanted))
        }
        if (!fresh) {
          const kept = sources.map(tableText).filter((table) => !plan.snapshots.includes(table))
          await postgres.noteCaptured(kept)
          if (plan.snapshots.length > 0) {
            await awaitWriters(postgres, plan.snapshots)
            await requestSnapshot(postgres, plan.snapshots, ids)
          }
        }
        const partitions = fresh ? [] : await followPartitions(postgres, plan)
        const anew: CaptureChange = {
          kind: 'snapshot',
          object: name,
          change: 'new slot, all tables read again',
        }
        const done = plan.changes.filter(({ kind }) => fresh || kind !== 'partition')
        return [...done, ...partitions, ...(resnapshot ? [anew] : [])]
      }),

    followPartitions: () =>
      withPostgres(async (postgres) => {
        const plan = await makePlan(postgres)
        await checkSlot(plan)
        // Without a connector there is nobody to read them, and without the list nothing is known of them.
        return plan.current && plan.catalog.partitions ? followPartitions(postgres, plan) : []
      }),

    snapshot: (wanted) =>
      withPostgres(async (postgres) => {
        const tables = [...new Set(wanted.map((dataset) => tableText(datasetOf(dataset).source)))]
        const plan = await makePlan(postgres)
        await checkSlot(plan)
        if (plan.changes.length > 0)
          throw new MogoError('MOGO_CAPTURE_BEHIND', { count: plan.changes.length })
        const ids = snapshotIds(plan, tables)
        await checkValues(postgres, plan.catalog, (table) => tables.includes(table))
        await waitUntilRunning(postgres)
        await requestSnapshot(postgres, tables, ids)
        return tables.map((table) => ({ kind: 'snapshot', object: table, change: 'read all rows again' }))
      }),

    status: () =>
      withPostgres((postgres) =>
        captureStatus({
          ...{ connector: name, slot: config.slot, role: login.user, postgres, rest, names },
          plan: () => makePlan(postgres),
        }),
      ),
  }

  function followPartitions(postgres: PostgresCapture, plan: Plan): Promise<readonly CaptureChange[]> {
    return takeInPartitions(postgres, plan, (root) => snapshotIds(plan, [root]).get(root) ?? '')
  }

  function requestSnapshot(
    postgres: PostgresCapture,
    tables: readonly string[],
    ids: ReadonlyMap<string, string>,
  ): Promise<void> {
    const patterns = tables.flatMap((table) => ids.get(table) ?? [])
    return postgres.requestSnapshot(`mogo-${randomUUID()}`, tables, patterns)
  }

  function datasetOf(wanted: string): CompiledDataset {
    const found = datasets.find((dataset) => dataset.name === wanted)
    if (found) return found
    const near = nearest(
      wanted,
      datasets.map((dataset) => dataset.name),
    )
    const suggestion = near === undefined ? '' : `, perhaps ${near}`
    throw new MogoError('MOGO_DATASET_UNKNOWN', { dataset: wanted.slice(0, 80), suggestion })
  }

  /**
   * What a transaction did before its table was in the publication is not streamed, however late it commits; a snapshot that it is not
   * part of would miss it for good.
   */
  async function awaitWriters(postgres: PostgresCapture, tables: readonly string[]): Promise<void> {
    const busy = await postgres.awaitWriters(
      sources.filter((source) => tables.includes(tableText(source))),
      waitMillis,
    )
    if (busy.length > 0)
      throw new MogoError('MOGO_SOURCE_BUSY', { tables: tables.join(', '), pids: busy.join(', ') })
  }

  /**
   * Waits for connector, task and slot; a failed task is restarted once, then told with its cause. How long the tables are read for the first time
   * depends on how large they are: that they are is enough, once it has gone well for a moment.
   */
  async function waitUntilRunning(postgres: PostgresCapture): Promise<void> {
    const deadline = Date.now() + waitMillis
    let restarted = false
    let readingSince: number | undefined
    let state = 'MISSING'
    while (Date.now() < deadline) {
      const status = await rest.status(name)
      state = overallState(status)
      if (state === 'RUNNING') {
        const slot = await postgres.readSlot(config.slot, login.user)
        if (slot?.active) return
        readingSince = slot?.snapshotting ? (readingSince ?? Date.now()) : undefined
        if (readingSince !== undefined && Date.now() - readingSince > SETTLED_MILLIS) return
      }
      // Stopped by us, or by someone who now applies.
      if (status?.connector.state === 'STOPPED' || status?.connector.state === 'PAUSED')
        await rest.resume(name)
      if (state === 'FAILED') {
        if (restarted) {
          const failed = [...(status?.tasks ?? []), ...(status ? [status.connector] : [])]
          const trace = failed.find((part) => part.state === 'FAILED')?.trace
          throw new MogoError('MOGO_CONNECTOR_FAILED', {
            connector: name,
            state,
            detail: taskErrorText(trace, names),
          })
        }
        restarted = true
        await rest.restartFailed(name)
        await delay(1000)
      }
      await delay(150)
    }
    throw new MogoError('MOGO_CONNECTOR_FAILED', {
      connector: name,
      state: state === 'RUNNING' ? 'RUNNING without its slot' : state,
      detail: `not ready after ${Math.round(waitMillis / 1000)} s; read the log with \`mogo logs connect\``,
    })
  }
}

/** Connect adds the connector's name to what it was given. */
function differingKeys(current: ConnectorConfig | null, wanted: ConnectorConfig): readonly string[] {
  const keys = new Set([...Object.keys(current ?? {}), ...Object.keys(wanted)])
  keys.delete('name')
  return [...keys].filter((key) => current?.[key] !== wanted[key]).sort()
}

function sameConfig(current: ConnectorConfig | null, wanted: ConnectorConfig): boolean {
  return current !== null && differingKeys(current, wanted).length === 0
}

function connectorChanges(
  name: string,
  current: ConnectorConfig | null,
  wanted: ConnectorConfig,
): readonly CaptureChange[] {
  const keys = differingKeys(current, wanted)
  if (keys.length === 0) return []
  return [
    { kind: 'connector', object: name, change: current ? `change ${keys.join(', ')}` : 'create, and start' },
  ]
}

/** @throws MogoError MOGO_CONTRACT_SOURCE_MISMATCH, with all faults */
function refuseFaults(faults: readonly SourceFault[]): void {
  if (faults.length === 0) return
  throw new MogoError('MOGO_CONTRACT_SOURCE_MISMATCH', {
    table: [...new Set(faults.map(({ table }) => table))].join(', '),
    faults: faults.map(({ table, message }) => `  ${table}: ${message}`).join('\n'),
  })
}
