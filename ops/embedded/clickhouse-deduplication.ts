/**
 * What a kill -9 leaves in the deduplication logs of ClickHouse's tables (MergeTree without replication).
 *
 * The engine notes the block of an insert in the log before it puts the part in its place, under a lock (MergeTreeSink: `addPart`, then
 * `renameTempPartAndAdd`). If it dies in between, the log knows a block that is not there, and an insert that is repeated is dropped: its rows are lost,
 * from the table or from the table behind a view. The lock lets one insert through at a time and gives out block numbers, so such an entry is of the
 * highest number, beyond all parts. It is taken out before the engine starts again.
 *
 * A line of a log is `operation TAB part TAB block`; operation 1 adds. A part is called `partition_min_max_level`, with a mutation behind it if there was one.
 */
import { type Dirent, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const LOGS = 'deduplication_logs'
const ADDED = '1'
/** Of a part in its place: not `tmp_insert_…`, `delete_tmp_…`, `detached`. */
const PART = /^[^_]+_(\d+)_(\d+)_\d+(?:_\d+)?$/

/** Mends the logs of all tables below a data folder; returns how many entries were taken out. The engine must not run. */
export function mendDeduplicationLogs(dataDir: string): number {
  let taken = 0
  for (const shelf of folders(join(dataDir, 'store')))
    for (const table of folders(shelf)) taken += mendTable(table)
  return taken
}

function mendTable(table: string): number {
  const logs = entries(join(table, LOGS)).filter(({ name }) => /^deduplication_log_\d+\.txt$/.test(name))
  if (logs.length === 0) return 0
  const highest = Math.max(0, ...entries(table).map(({ name }) => Number(PART.exec(name)?.[2] ?? 0)))
  let taken = 0
  for (const { name } of logs) {
    const file = join(table, LOGS, name)
    const lines = readFileSync(file, 'utf8').split('\n')
    const kept = lines.filter((line) => !isBeyond(line, highest))
    if (kept.length === lines.length) continue
    taken += lines.length - kept.length
    writeFileSync(file, kept.join('\n'))
  }
  return taken
}

function isBeyond(line: string, highest: number): boolean {
  const [operation, part = ''] = line.split('\t')
  return operation === ADDED && Number(PART.exec(part)?.[1] ?? 0) > highest
}

function folders(dir: string): readonly string[] {
  return entries(dir)
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(dir, name))
}

function entries(dir: string): readonly Dirent[] {
  try {
    return readdirSync(dir, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
