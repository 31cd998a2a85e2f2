/**
 * The table of differences. Each case: what was, what is, and what is found from the one to the other and back.
 *
 * A finding is `CODE direction consumer producer element`, as it is in the output of the command line. It is written out,
 * and not taken from the grades, so that a grade that is changed by accident is seen.
 */

import { ACCESS } from './cases/access.ts'
import type { DiffCase } from './cases/diff-case.ts'
import { LEVELS } from './cases/levels.ts'
import { NESTED } from './cases/nested.ts'
import { PERSONAL } from './cases/personal.ts'
import { PRESENCE } from './cases/presence.ts'
import { REST } from './cases/rest.ts'
import { RULES } from './cases/rules.ts'
import { SPELLINGS } from './cases/spellings.ts'
import { STRUCTURE } from './cases/structure.ts'
import { TYPES } from './cases/types.ts'
import { VALUES } from './cases/values.ts'

/** All cases. */
export const DIFF_CASES: readonly DiffCase[] = [
  ...STRUCTURE,
  ...TYPES,
  ...NESTED,
  ...PRESENCE,
  ...VALUES,
  ...RULES,
  ...LEVELS,
  ...PERSONAL,
  ...ACCESS,
  ...REST,
  ...SPELLINGS,
]
