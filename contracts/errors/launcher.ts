/** The launcher `./mogo`. It is a shell script and writes these texts itself. */
import { type ErrorEntry, entry } from './error-entry.ts'

/** See the header; `errors.ts` has all of them. */
export const LAUNCHER_ERRORS = {
  MOGO_NODE_MISSING: entry(
    'fatal',
    500,
    'Node 18 or newer with npm is needed to install the packages; this machine has {found}.',
    'Install it (Debian 12: apt-get install nodejs npm; else https://nodejs.org), then run ./mogo again.',
  ),
  MOGO_MAVEN_MISSING: entry(
    'fatal',
    500,
    'Maven is needed once, to bring the Java libraries; this machine has none.',
    'Install it (Debian: apt-get install maven), then run ./mogo again.',
  ),
  MOGO_INSTALL_FAILED: entry(
    'fatal',
    500,
    '{what} did not succeed.',
    'Check the network and the proxy or mirror settings (npm: .npmrc, Maven: ~/.m2/settings.xml), then run ./mogo again.',
  ),
  MOGO_STATE_UNWRITABLE: entry(
    'fatal',
    500,
    'The folder {dir} cannot be written.',
    'Give yourself write access to the project folder.',
  ),
} as const satisfies Record<string, ErrorEntry>
