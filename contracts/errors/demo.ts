/** The demo project. */
import { type ErrorEntry, entry } from './error-entry.ts'

/** See the header; `errors.ts` has all of them. */
export const DEMO_ERRORS = {
  MOGO_DEMO_FOREIGN: entry(
    'rejected',
    409,
    'The source database has tables named like those of the demo, but they are not of its making.',
    'Use another database for the demo: postgres.database in its mogo.yaml.',
  ),
  MOGO_DEMO_SEEDED: entry(
    'rejected',
    409,
    'The source database holds other data: seed {seed}, {tenants} tenants, {customers} customers.',
    'Ask for the same, or throw the data away and fill it anew with --reseed.',
  ),
  MOGO_DEMO_EMPTY: entry(
    'rejected',
    409,
    'The source database holds no demo data.',
    'Fill it first with `mogo demo`.',
  ),
  MOGO_DEMO_STATEMENT: entry(
    'fatal',
    500,
    'The source database refuses a statement of the demo ({where}, SQLSTATE {state}).',
    'Look into the log of Postgres; a changed schema is the usual cause: use --reseed on a fresh database.',
  ),
} as const satisfies Record<string, ErrorEntry>
