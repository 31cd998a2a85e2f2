/** A case of the table of differences, and how cases are written. */
import type { Fragment } from '../fragments.ts'

/** One case. */
export type DiffCase = {
  readonly name: string
  readonly older: Fragment
  readonly newer: Fragment
  readonly forth: readonly string[]
  readonly back: readonly string[]
}

const list = (findings: string | readonly string[]): readonly string[] =>
  typeof findings === 'string' ? [findings] : findings

/** A case; `back` is what is found the other way round. */
export const both = (
  name: string,
  older: Fragment,
  newer: Fragment,
  forth: string | readonly string[],
  back: string | readonly string[],
): DiffCase => ({ name, older, newer, forth: list(forth), back: list(back) })

/** A case that is the same in both directions. */
export const same = (
  name: string,
  older: Fragment,
  newer: Fragment,
  found: string | readonly string[],
): DiffCase => both(name, older, newer, found, found)

/** A case in which nothing is found. */
export const none = (name: string, older: Fragment, newer: Fragment): DiffCase =>
  both(name, older, newer, [], [])

/** The column that most cases are about. */
export const AT = 'orders.amount'
