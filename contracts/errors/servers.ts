/** Embedded servers and processes. */
import { type ErrorEntry, entry } from './error-entry.ts'

/** See the header; `errors.ts` has all of them. */
export const SERVER_ERRORS = {
  MOGO_PORT_TAKEN: entry(
    'fatal',
    500,
    'Port {port} for {server} is taken by another process.',
    'Stop that process, or set another port (or none, for a free one) at {path} in mogo.yaml.',
  ),
  MOGO_DISK_FULL: entry(
    'fatal',
    500,
    'Only {free} MB are free on the disk of {dir}; {needed} MB are needed.',
    'Free some space, or move stateDir in mogo.yaml to another disk.',
  ),
  MOGO_JAVA_MISSING: entry(
    'fatal',
    500,
    'No Java was found; Kafka and Kafka Connect need Java 17 or newer.',
    'Install it (Debian: apt-get install openjdk-17-jre-headless), or set JAVA_HOME.',
  ),
  MOGO_JAVA_OLD: entry(
    'fatal',
    500,
    'Java {found} at {path} is too old; Kafka and Kafka Connect need Java 17 or newer.',
    'Install a newer one (Debian: apt-get install openjdk-17-jre-headless), or set JAVA_HOME.',
  ),
  MOGO_PLATFORM_UNSUPPORTED: entry(
    'fatal',
    500,
    'There is no embedded {server} for {platform}.',
    'Point {path} in mogo.yaml at a server of your own.',
  ),
  MOGO_SERVER_START_FAILED: entry(
    'fatal',
    503,
    '{server} could not be started: {detail}.',
    'Read its log with `mogo logs {server}`.',
  ),
  MOGO_SCOPES_REJECTED: entry(
    'rejected',
    422,
    'ClickHouse does not take the access scopes {names}: {detail}; it goes on with the former ones.',
    'Mend the roles of the contracts that they come from.',
  ),
  MOGO_SERVER_CRASHED: entry(
    'retriable',
    503,
    '{server} ended unexpectedly ({detail}).',
    'It is being restarted; read its log with `mogo logs {server}`.',
  ),
  MOGO_DATA_VERSION: entry(
    'fatal',
    500,
    'The data of {server} in {dir} was written by version {found}; the embedded server is version {expected}.',
    'Go on with the release that wrote it, or move the folder away to begin anew (its data is then not used).',
  ),
  MOGO_DATA_BROKEN: entry(
    'fatal',
    500,
    'The data of {server} in {dir} is not usable: {detail}.',
    'Restore the folder from a backup, or move it away to begin anew (its data is then not used).',
  ),
  MOGO_ALREADY_RUNNING: entry(
    'rejected',
    409,
    'This project is already running (supervisor pid {pid}).',
    'Use `mogo status` to look at it, `mogo down` to stop it.',
  ),
  MOGO_NOT_RUNNING: entry('rejected', 503, 'This project is not running.', 'Start it with `mogo up`.'),
  MOGO_STATE_FOREIGN: entry(
    'fatal',
    500,
    'The state folder {dir} belongs to the project {owner}, not to {project}.',
    'Give this project a folder of its own: `mogo init DIR`, or set stateDir in mogo.yaml.',
  ),
} as const satisfies Record<string, ErrorEntry>
