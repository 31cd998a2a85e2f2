/** Contracts in git. */
import { type ErrorEntry, entry } from './error-entry.ts'

/** See the header; `errors.ts` has all of them. */
export const GIT_ERRORS = {
  MOGO_GIT_UNAVAILABLE: entry(
    'fatal',
    503,
    'Contracts of {dir} cannot be compared with former ones: {detail}.',
    'Run it inside of a git repository, on a machine that has git; `mogo contracts lint` and `diff OLD NEW` need none.',
  ),
  MOGO_GIT_REF: entry(
    'fatal',
    503,
    'The repository {dir} has no commit {ref}.',
    'Fetch it (`git fetch origin main`; in CI fetch the whole history), or name another one with --against.',
  ),
  MOGO_CONTRACT_SOURCE: entry(
    'rejected',
    400,
    '{source}: {detail}.',
    'Name a file, a folder, or REF:PATH of git; `mogo contracts diff --help` has examples.',
  ),
} as const satisfies Record<string, ErrorEntry>
