/** Rows a second of the validator on one core: valid rows, a flood of bad ones, and zod on the same rows as the floor. */

import { createValidator } from '../validator/create-validator.ts'
import { createReferenceValidator } from '../validator/reference-validator.ts'
import type { Row } from '../validator/row.ts'
import { BENCH_SCHEMA, benchDataset, benchRows } from './bench-rows.ts'
import { median } from './median.ts'

/** Figures. Rates are rows a second. */
export type ValidatorFigures = {
  readonly rows_per_s: number
  readonly bad_rows_per_s: number
  /** Time of a bad row by the time of a valid one. */
  readonly bad_flood_slowdown: number
  /** The plain validator, without generated code. */
  readonly reference_rows_per_s: number
  /** zod 4, compiled, with the same rules. */
  readonly zod_rows_per_s: number
  readonly zod_bad_rows_per_s: number
}

/** Few enough to stay in the cache, as rows do that were just decoded. */
const ROWS = 1_000
const ROUNDS = 9
/** Length of a round, milliseconds of the processor: the system counts them in steps of a few. */
const ROUND = 200

type Check = (row: Row) => number

/** Measures. */
export function measureValidator(): ValidatorFigures {
  const dataset = benchDataset()
  // A placeholder like that of the pipeline: it is asked about values that are broken.
  const placeholder = new Set(['a-secret-placeholder-of-32-characters'])
  const options = { isUnchanged: (value: unknown) => typeof value === 'string' && placeholder.has(value) }
  const validate = createValidator(dataset, options)
  const reference = createReferenceValidator(dataset, options)
  const valid = benchRows(ROWS, false)
  const bad = benchRows(ROWS, true)
  const generated: Check = (row) => validate(row).length
  const plain: Check = (row) => reference(row).length
  const zod: Check = (row) => {
    const result = BENCH_SCHEMA.safeParse(row)
    return result.success ? 0 : result.error.issues.length
  }
  for (const [name, check] of [
    ['generated', generated],
    ['plain', plain],
    ['zod', zod],
  ] as const) {
    if (valid.some((row) => check(row) > 0))
      throw new Error(`${name}: a valid row of the benchmark is refused`)
    if (bad.some((row) => check(row) === 0)) throw new Error(`${name}: a bad row of the benchmark passes`)
  }
  // In the process that validates, both kinds of rows have been seen before anything is measured.
  warmUp([generated, zod, plain], [valid, bad])
  // Taking turns, so that what slows the machine for a while slows both.
  const times = { valid: [] as number[], bad: [] as number[] }
  for (let round = 0; round < ROUNDS; round++) {
    times.valid.push(timePerRow(generated, valid))
    times.bad.push(timePerRow(generated, bad))
  }
  const floor = (check: Check, rows: readonly Row[]): number =>
    rate(median(Array.from({ length: 5 }, () => timePerRow(check, rows))))
  return {
    rows_per_s: rate(median(times.valid)),
    bad_rows_per_s: rate(median(times.bad)),
    bad_flood_slowdown: Math.round((median(times.bad) / median(times.valid)) * 100) / 100,
    reference_rows_per_s: floor(plain, valid),
    zod_rows_per_s: floor(zod, valid),
    zod_bad_rows_per_s: floor(zod, bad),
  }
}

function warmUp(checks: readonly Check[], tables: readonly (readonly Row[])[]): void {
  for (const check of checks)
    for (const rows of tables) for (let round = 0; round < 8; round++) timePerRow(check, rows, 30)
}

/**
 * Milliseconds of the processor a row, over one round. Not of the clock: what else the machine does is not a matter of the
 * validator, and it is one core that is spoken of.
 */
function timePerRow(check: Check, rows: readonly Row[], round = ROUND): number {
  let passes = 0
  let faults = 0
  const started = process.cpuUsage()
  let elapsed = 0
  do {
    for (let pass = 0; pass < 10; pass++) for (const row of rows) faults += check(row)
    passes += 10
    const used = process.cpuUsage(started)
    elapsed = (used.user + used.system) / 1000
  } while (elapsed < round)
  if (faults < 0) throw new Error('unreachable: keeps the engine from leaving out the work')
  return elapsed / (passes * rows.length)
}

function rate(millis: number): number {
  return Math.round(1000 / millis)
}
