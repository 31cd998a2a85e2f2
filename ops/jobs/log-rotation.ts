/**
 * Keeps logs small: a log that has grown past the limit is copied to `NAME.log.1` (replacing an older one) and emptied.
 *
 * The processes hold their logs open for appending, so renaming would not help and truncating is safe. Lines written between copy and
 * truncation are lost; the other way, a signal that makes each process open its log anew, Kafka, Postgres and ClickHouse do not share.
 */
import { copyFile, readdir, rename, rm, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from '#ops/runtime/logger.ts'
import type { Job } from './job.ts'

/** What the job is made of. */
export type LogRotationOptions = {
  readonly cron: string
  readonly dir: string
  readonly maxBytes: number
  readonly logger: Logger
  readonly onSize?: (bytes: number) => void
}

/** Makes the job. */
export function logRotation({ cron, dir, maxBytes, logger, onSize }: LogRotationOptions): Job {
  return {
    name: 'log-rotation',
    cron,
    async run(signal) {
      let total = 0
      for (const name of await logNames(dir)) {
        if (signal.aborted) break
        const file = join(dir, name)
        // A process may have just rotated it itself.
        const size = await stat(file).then(
          (found) => found.size,
          () => 0,
        )
        total += size
        if (size <= maxBytes) continue
        await rotate(file)
        logger.info({ log: name, bytes: size }, 'a log was put aside')
      }
      onSize?.(total)
      return 'ok'
    },
  }
}

async function logNames(dir: string): Promise<readonly string[]> {
  try {
    return (await readdir(dir)).filter((name) => name.endsWith('.log')).sort()
  } catch {
    return []
  }
}

async function rotate(file: string): Promise<void> {
  const part = `${file}.1.part`
  try {
    await copyFile(file, part)
    await rename(part, `${file}.1`)
    await truncate(file, 0)
  } finally {
    await rm(part, { force: true })
  }
}
