/** Contracts, and what they are drafted from. */
import { type ErrorEntry, entry } from './error-entry.ts'

/** See the header; `errors.ts` has all of them. */
export const CONTRACT_ERRORS = {
  MOGO_CONTRACT_INVALID: entry(
    'rejected',
    422,
    '{count} fault(s) in the contracts:\n{faults}',
    'Mend each place named above; `mogo contracts lint` checks again.',
  ),
  MOGO_CONTRACT_NONE: entry(
    'fatal',
    422,
    'No contract in {dir}.',
    'Name another folder, or a file; write a contract (NAME.odcs.yaml), or draft them from your tables: `mogo contracts import --from postgres`.',
  ),
  MOGO_CONTRACT_SOURCE_MISMATCH: entry(
    'fatal',
    422,
    'The source table {table} does not fit its contract:\n{faults}',
    'Correct the contract or the table; `mogo capture plan` checks again.',
  ),
  MOGO_TOPIC_TAKEN: entry(
    'fatal',
    409,
    'The topic {topic} cannot be made beside {other}: Kafka takes names that differ in . and _ alone for one.',
    'Rename one of the two tables, or take it out of the contracts.',
  ),
  MOGO_IMPORT_UNREADABLE: entry(
    'rejected',
    404,
    'The file {file} cannot be read.',
    'Check the path and the rights on the file.',
  ),
  MOGO_IMPORT_TOO_LARGE: entry(
    'rejected',
    413,
    '{file} is too large to be imported: {detail}.',
    'Split it, or import a part of it.',
  ),
  MOGO_IMPORT_SYNTAX: entry(
    'rejected',
    422,
    '{file} is not {format}: {detail}.',
    'Mend the file, or name its kind with --from.',
  ),
  MOGO_IMPORT_REFUSED: entry('rejected', 422, '{file} at {path}: {detail}.', '{remedy}'),
  MOGO_IMPORT_EMPTY: entry('rejected', 422, 'There is nothing to import in {source}: {detail}.', '{remedy}'),
} as const satisfies Record<string, ErrorEntry>
