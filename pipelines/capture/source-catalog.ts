/**
 * What capture needs to know of a Postgres: the *catalog*, read in one go by {@link readCatalog} in postgres-capture.ts and
 * then only looked at. Planner and checks work on this value, so they are tested without a server.
 */
import type { TableName } from './postgres-names.ts'

/** Kinds of types: `base` are those that are written in C, of Postgres or of an extension. */
export type TypeKind = 'base' | 'composite' | 'enum' | 'range' | 'multirange'

/** A column of a source table. */
export type SourceColumn = {
  readonly name: string
  /** As `format_type` writes it: `character varying(3)`, `shop.order_status`. */
  readonly type: string
  /** The type beneath a domain, and beneath domains of domains; or null. */
  readonly baseType: string | null
  /** What the type is, beneath domains. */
  readonly typeKind: TypeKind
  /** What the type of its elements is, of an array; else null. */
  readonly elementKind: TypeKind | 'domain' | null
  readonly notNull: boolean
  /** Generated columns are not part of logical replication (unless stored and published, which capture does not ask for). */
  readonly generated: boolean
}

/** REPLICA IDENTITY: what an UPDATE or DELETE tells of the old row. */
export type ReplicaIdentity = 'default' | 'full' | 'nothing' | 'index'

/** A source table, or the root of a partitioned one. */
export type SourceTable = TableName & {
  readonly kind: 'table' | 'partitioned' | 'other'
  readonly identity: ReplicaIdentity
  readonly columns: readonly SourceColumn[]
  /** Columns of the primary key; empty if there is none. */
  readonly primaryKey: readonly string[]
  /** Column lists of unique, complete (not partial, all NOT NULL) indexes, the primary key's too. */
  readonly uniqueKeys: readonly (readonly string[])[]
  /** Leaves of a partitioned table. */
  readonly partitions: readonly SourcePartition[]
  /** The capture role may read it (and its schema). */
  readonly captureMaySelect: boolean
  /** Row-level security hides rows of it from the capture role: a snapshot would leave them out without a word, the stream would not. */
  readonly hidesRows: boolean
  /** Other tables inherit from it (INHERITS): their rows are part of what is read of it, but not of its changes. */
  readonly hasChildren: boolean
  /** Names of its CHECK constraints that hold for all rows. */
  readonly checks: readonly string[]
  /** Its rows, or those of a partition of it, may be so large that Postgres keeps values apart (TOAST): an UPDATE then leaves out those it does not change. */
  readonly mayBeLarge: boolean
}

/** A leaf of a partitioned table. */
export type SourcePartition = TableName & {
  /** What counts in the log; new ones do not take over that of the root. */
  readonly identity: ReplicaIdentity
  /** Which rows of the root stand in it: an expression over its columns. */
  readonly condition: string
  /** Which table it is, and when it was attached: another value whenever it, or what it is a part of, was attached anew. */
  readonly attached: string
}

/** A partition that is known: when it was attached, see {@link SourcePartition}, and its name then. */
export type KnownPartition = { readonly attached: string; readonly partition: string }

/** The role that Debezium logs in as. */
export type SourceRole = {
  readonly name: string
  readonly login: boolean
  /** REPLICATION, superuser, or a managed service's role for it. */
  readonly replication: boolean
  /** The stored password is the wanted one; null if it cannot be known (not a superuser here). */
  readonly passwordFits: boolean | null
  /** May write the heartbeat and signal tables; false while they do not exist. */
  readonly maySignal: boolean
  /** May connect to the database. */
  readonly mayConnect: boolean
}

/** The publication. */
export type SourcePublication = {
  readonly allTables: boolean
  readonly viaRoot: boolean
  /** insert, update, delete and truncate. */
  readonly allOperations: boolean
  /** `plain` is false if it has a row filter or a column list. */
  readonly tables: readonly (TableName & { readonly plain: boolean })[]
}

/** The replication slot. */
export type SourceSlot = {
  /** Somebody reads it. */
  readonly active: boolean
  /** Nobody reads it yet, because the tables are being read for the first time. */
  readonly snapshotting: boolean
  /** reserved, extended, unreserved, lost. */
  readonly walStatus: string
  /** Bytes of log between what was confirmed and now. */
  readonly lagBytes: number
  /** Bytes of log that the server keeps for the slot; null if it keeps none any more. */
  readonly retainedBytes: number | null
  /** Bytes that may still be written before the slot is in danger; null if there is no limit. */
  readonly safeBytes: number | null
  /** Since when nobody reads it; null if somebody does, or the server does not say. */
  readonly inactiveSeconds: number | null
  /** What was confirmed: a position in the log, bytes as text. */
  readonly confirmed: string
  /** Why Postgres gave it up; empty if it did not. */
  readonly invalidation: string
}

/** See above. */
export type SourceCatalog = {
  readonly serverVersion: number
  readonly walLevel: string
  readonly freeSlots: number
  /** The identity that plans and applies is a superuser. */
  readonly superuser: boolean
  /** Only tables that were asked for; one that is missing here is missing there. */
  readonly tables: readonly SourceTable[]
  readonly heartbeatTable: boolean
  readonly signalTable: boolean
  /** `schema.table` of the tables whose rows have been, or are being, snapshotted. */
  readonly captured: readonly string[]
  readonly capturedTable: boolean
  /** Partitions of captured tables (`schema.table`) that are known; null where the list of them does not exist. */
  readonly partitions: ReadonlyMap<string, readonly KnownPartition[]> | null
  readonly role: SourceRole | null
  readonly publication: SourcePublication | null
  readonly slot: SourceSlot | null
}
