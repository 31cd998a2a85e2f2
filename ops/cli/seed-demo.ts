/** Fills the tables of the demo project before anything is captured: what `demo` asks for, or, with `up`, what it would by default. */
import { isMogoError } from '#contracts/errors.ts'
import { type SeedResult, seedDatabase } from '#ops/demo/seed.ts'
import type { Settings } from '#ops/runtime/settings.ts'
import type { Progress } from './progress.ts'

/** What is seeded. */
export type DemoSeed = {
  readonly tenants: number
  readonly customers: number
  readonly seed: number
  /** Empty the tables first, if they hold other data. */
  readonly reseed?: boolean
}

/** What `./mogo demo` seeds without options. */
export const DEMO_SEED: DemoSeed = { tenants: 12, customers: 1200, seed: 7 }

/** Seeds with signs of life. @throws MogoError MOGO_DEMO_SEEDED if the tables hold other data */
export async function seedDemo(
  settings: Settings,
  progress: Progress,
  signal: AbortSignal,
  wanted: DemoSeed,
): Promise<SeedResult> {
  const seeded = await seedDatabase({
    connection: settings.postgres('app'),
    ...wanted,
    signal,
    onProgress: ({ table, rows, done }) => {
      if (done) progress.step(`seed: ${table} ${rows.toLocaleString('en')} rows`)
    },
  })
  if (seeded.outcome === 'already')
    progress.step(`seed: ${seeded.total.toLocaleString('en')} rows are there already`)
  return seeded
}

/** Seeds only where nothing is there yet: `up` leaves the tables as they are, whatever they hold. */
export async function seedDemoOnce(
  settings: Settings,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  try {
    await seedDemo(settings, progress, signal, DEMO_SEED)
  } catch (error) {
    if (!isMogoError(error) || error.code !== 'MOGO_DEMO_SEEDED') throw error
    progress.step('seed: the tables hold rows already')
  }
}
