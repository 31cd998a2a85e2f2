/**
 * Watches the disk of the state folder: a full one stops Postgres and Kafka in ways that are worse to mend than a warning is to read.
 *
 * Levels: `plenty`, `low` (below 2 GB), `full` (below 500 MB). A level is said when it is reached, and again when it is left by a tenth, so
 * that a disk at the border does not fill the log.
 */
import { statfs } from 'node:fs/promises'
import { MogoError } from '#contracts/errors.ts'
import type { Logger } from '#ops/runtime/logger.ts'
import type { Job } from './job.ts'

/** How much room there is. */
export type DiskLevel = 'plenty' | 'low' | 'full'

const MB = 1024 * 1024
const LOW = 2048 * MB
const FULL = 500 * MB
const MARGIN = 1.1

/** The level for so many free bytes, given the level before. */
export function diskLevel(free: number, before: DiskLevel): DiskLevel {
  const below = (limit: number, wasBelow: boolean) => free < (wasBelow ? limit * MARGIN : limit)
  if (below(FULL, before === 'full')) return 'full'
  return below(LOW, before !== 'plenty') ? 'low' : 'plenty'
}

/** What the job is made of. */
export type DiskWatchOptions = {
  readonly cron: string
  readonly dir: string
  readonly logger: Logger
  /** Free bytes; by default of the disk of `dir`. */
  readonly freeBytes?: () => Promise<number>
  readonly onFree?: (bytes: number) => void
}

/** Makes the job. */
export function diskWatch(options: DiskWatchOptions): Job {
  const { dir, logger, freeBytes = () => freeBytesOf(dir) } = options
  let level: DiskLevel = 'plenty'
  return {
    name: 'disk-watch',
    cron: options.cron,
    async run() {
      const free = await freeBytes()
      options.onFree?.(free)
      const now = diskLevel(free, level)
      const fault = new MogoError('MOGO_DISK_FULL', {
        free: Math.floor(free / MB),
        dir,
        needed: (now === 'full' ? FULL : LOW) / MB,
      })
      if (now !== level) {
        if (now === 'plenty')
          logger.info({ freeMb: Math.floor(free / MB) }, 'there is room on the disk again')
        else logger[now === 'full' ? 'error' : 'warn']({ err: fault }, `${fault.message} ${fault.remedy}`)
      }
      level = now
      return level === 'plenty' ? 'ok' : 'attention'
    },
  }
}

async function freeBytesOf(dir: string): Promise<number> {
  const { bavail, bsize } = await statfs(dir)
  return bavail * bsize
}
