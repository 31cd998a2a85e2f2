/** Configuration and command line. */
import { type ErrorEntry, entry } from './error-entry.ts'

/** See the header; `errors.ts` has all of them. */
export const CONFIGURATION_ERRORS = {
  MOGO_CONFIG_INVALID: entry(
    'fatal',
    500,
    '{file}: {count} fault(s) in the configuration:\n{faults}',
    'Mend each path named above; `mogo config --keys` lists every key.',
  ),
  MOGO_CONFIG_NOT_FOUND: entry(
    'fatal',
    500,
    'No mogo.yaml in {dir}.',
    'Run `mogo init` to write one, or name the project with --project DIR.',
  ),
  MOGO_CONFIG_SYNTAX: entry(
    'fatal',
    500,
    '{file}:{line}:{column}: not valid YAML: {detail}',
    'Mend the line named above.',
  ),
  MOGO_USAGE: entry('rejected', 400, '{detail}', 'See `mogo --help`.'),
  MOGO_SECRET_MISSING: entry(
    'fatal',
    500,
    'The secret for {name} cannot be read from {file}.',
    'Write the secret to that file (mode 0600), or correct the path in mogo.yaml.',
  ),
  MOGO_TLS_FILES: entry(
    'fatal',
    500,
    'The certificate in {certFile} and the key in {keyFile} cannot be used together.',
    'Write a certificate chain and its private key there as PEM, readable by the query API, or correct api.tls in mogo.yaml.',
  ),
  MOGO_INTERNAL: entry(
    'fatal',
    500,
    'An unexpected fault in {where}.',
    'Look into the log of that process; report it if it comes again.',
  ),
} as const satisfies Record<string, ErrorEntry>
