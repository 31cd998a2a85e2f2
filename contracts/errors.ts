/**
 * The error catalogue: every fault that a person may meet has one entry here, with a stable code.
 *
 * Terms. A *code* (`MOGO_…`) never changes its meaning and, once retired, is never used again. The *class* says what a
 * process does with the fault:
 *   - `retriable`  the dependency may come back: retry with jitter and a budget;
 *   - `rejected`   the input is wrong: say so, count it, go on with the next;
 *   - `fatal`      going on could lose or leak data, or is pointless: stop loudly.
 * `status` is the HTTP status if the fault is answered over HTTP; `remedy` is the sentence that tells the reader what to do.
 *
 * Templates name columns, files, hosts and codes, never a data value: `{name}` places are filled from `params`, which
 * must hold no personal data either.
 */

/** What a process does with a fault. */
export type ErrorClass = 'retriable' | 'rejected' | 'fatal'

/** One catalogue entry. */
export type ErrorEntry = {
  readonly class: ErrorClass
  readonly status: number
  /** One sentence with `{param}` places: what is wrong, and where. */
  readonly message: string
  /** One sentence: what to do about it. */
  readonly remedy: string
}

const entry = (cls: ErrorClass, status: number, message: string, remedy: string): ErrorEntry => ({
  class: cls,
  status,
  message,
  remedy,
})

/** The catalogue. Keys are the stable codes. Grouped by the part that raises them. */
export const ERRORS = {
  // --- configuration and command line
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
  MOGO_INTERNAL: entry(
    'fatal',
    500,
    'An unexpected fault in {where}.',
    'Look into the log of that process; report it if it comes again.',
  ),

  // --- the launcher ./mogo (a shell script: it writes these texts itself)
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

  // --- contracts in git
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

  // --- embedded servers and processes
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

  // --- dependencies
  MOGO_POSTGRES_UNREACHABLE: entry(
    'retriable',
    503,
    'Postgres at {host}:{port} cannot be reached: {detail}',
    'Check host, port and network; `mogo doctor` tests the connection.',
  ),
  MOGO_POSTGRES_AUTH: entry(
    'fatal',
    503,
    'Postgres at {host}:{port} refuses the user {user} on the database {database}.',
    'Check the user and the password file at {path} in mogo.yaml.',
  ),
  MOGO_POSTGRES_CONFIG: entry('fatal', 503, 'Postgres at {host}:{port}: {detail}', '{remedy}'),
  MOGO_KAFKA_UNREACHABLE: entry(
    'retriable',
    503,
    'Kafka at {brokers} cannot be reached: {detail}',
    'Check kafka.brokers in mogo.yaml and the network; `mogo doctor` tests the connection.',
  ),
  MOGO_KAFKA_AUTH: entry(
    'fatal',
    503,
    'Kafka at {brokers} refuses the user {user}.',
    'Check the user and the password file under kafka in mogo.yaml.',
  ),
  MOGO_CONNECT_UNREACHABLE: entry(
    'retriable',
    503,
    'Kafka Connect at {url} cannot be reached: {detail}',
    'Check connect.url in mogo.yaml; `mogo doctor` tests the connection.',
  ),
  MOGO_CONNECT_REJECTED: entry(
    'fatal',
    502,
    'Kafka Connect refuses the connector {connector}: {detail}',
    'Mend what is named above, then run `mogo capture apply` again.',
  ),
  MOGO_CONNECTOR_FAILED: entry(
    'fatal',
    502,
    'The connector {connector} is {state}: {detail}',
    'Mend the cause named above, then run `mogo capture apply` (it restarts failed tasks).',
  ),
  MOGO_CAPTURE_FAILED: entry('fatal', 502, 'Capture could not be set up: {code}: {detail}', '{remedy}'),
  MOGO_SLOT_LOST: entry(
    'fatal',
    500,
    'The replication slot {slot} has lost changes (wal_status {status}): the copy can no longer be kept right from it.',
    'Raise max_slot_wal_keep_size, then drop the slot and take a new snapshot: `mogo capture apply --resnapshot`.',
  ),
  MOGO_SOURCE_BUSY: entry(
    'retriable',
    503,
    'Transactions that wrote to {tables} before it came under capture are still open in the source (process ids {pids}).',
    'Let them end (or end them with pg_terminate_backend), then run `mogo capture apply` again: a snapshot now would miss what they commit.',
  ),
  MOGO_CLICKHOUSE_UNREACHABLE: entry(
    'retriable',
    503,
    'ClickHouse at {url} cannot be reached: {detail}',
    'Check clickhouse.url in mogo.yaml; `mogo doctor` tests the connection.',
  ),
  MOGO_CLICKHOUSE_AUTH: entry(
    'fatal',
    503,
    'ClickHouse at {url} refuses the user {user}.',
    'Check the user and the password file under clickhouse in mogo.yaml.',
  ),
  MOGO_CLICKHOUSE_VERSION: entry(
    'fatal',
    503,
    'ClickHouse {version} at {url} has known holes in its row security.',
    'Bring it to one of {safe}, or newer in the same line.',
  ),
  MOGO_CLICKHOUSE_REJECTED: entry(
    'fatal',
    502,
    'ClickHouse refuses a statement for {table} (code {engineCode}).',
    'Look into the log of ClickHouse; the contract may ask for a change that its table cannot make.',
  ),
  MOGO_IDENTITY_UNREACHABLE: entry(
    'retriable',
    503,
    'The identity provider {issuer} cannot be reached: {detail}',
    'Check identity.issuer in mogo.yaml and the network.',
  ),
  MOGO_IDENTITY_REFUSED: entry(
    'rejected',
    401,
    'The identity provider {issuer} refuses to give {username} a token ({reason}).',
    'Check the user name and the secret.',
  ),

  // --- contracts
  MOGO_CONTRACT_INVALID: entry(
    'rejected',
    422,
    '{count} fault(s) in the contracts:\n{faults}',
    'Mend each place named above; `mogo contracts lint` checks again.',
  ),
  MOGO_CONTRACT_NONE: entry(
    'fatal',
    422,
    'No contract (*.odcs.yaml) in {dir}.',
    'Write one, or draft them from your tables: `mogo contracts import --from postgres`.',
  ),
  MOGO_CONTRACT_SOURCE_MISMATCH: entry(
    'fatal',
    422,
    'The source table {table} does not fit its contract:\n{faults}',
    'Correct the contract or the table; `mogo capture plan` checks again.',
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

  // --- worker
  MOGO_DECODE_NOT_JSON: entry(
    'rejected',
    422,
    'The record at {topic}/{partition}/{offset} is not a JSON change event.',
    'Look at it with `mogo quarantine show`.',
  ),
  MOGO_DECODE_SHAPE: entry(
    'rejected',
    422,
    'The record at {topic}/{partition}/{offset} is not a Debezium envelope: {detail}',
    'Look at it with `mogo quarantine show`.',
  ),
  MOGO_TABLE_MISMATCH: entry(
    'fatal',
    500,
    'The ClickHouse table {table} does not fit its contract: {detail}',
    'Publish a new major version of the contract, or drop the table and take a new snapshot.',
  ),
  MOGO_COUNTS_BROKEN: entry(
    'fatal',
    500,
    'Records read do not equal stored + quarantined + filtered in {topic}/{partition}.',
    'This must not happen: stop the worker and report it with its log.',
  ),

  // --- query API
  MOGO_AUTH_MISSING: entry(
    'rejected',
    401,
    'The request has no bearer token.',
    'Send an access token: `Authorization: Bearer …`.',
  ),
  MOGO_AUTH_MALFORMED: entry(
    'rejected',
    401,
    'The bearer token is not a signed JWT.',
    'Ask the identity provider {issuer} for an access token.',
  ),
  MOGO_AUTH_SIGNATURE: entry(
    'rejected',
    401,
    'The signature of the token does not fit any key of {issuer}.',
    'Ask the identity provider for a new token.',
  ),
  MOGO_AUTH_EXPIRED: entry(
    'rejected',
    401,
    'The token has expired.',
    'Ask the identity provider for a new token.',
  ),
  MOGO_AUTH_NOT_YET: entry(
    'rejected',
    401,
    'The token is not valid yet.',
    'Check the clock of this machine and of the identity provider.',
  ),
  MOGO_AUTH_AUDIENCE: entry(
    'rejected',
    401,
    'The token is for another audience; this API is {audience}.',
    'Ask for a token with the audience (resource) of this API.',
  ),
  MOGO_AUTH_ISSUER: entry(
    'rejected',
    401,
    'The token comes from an issuer that this API does not trust.',
    'Ask {issuer} for a token.',
  ),
  MOGO_AUTH_CLAIM: entry(
    'rejected',
    403,
    'The token has no usable claim {claim}.',
    'Ask the administrator of the identity provider to add it.',
  ),
  MOGO_ACCESS_NO_ROLE: entry(
    'rejected',
    403,
    'None of your roles ({roles}) may read {what}.',
    'Ask the data team for one of the roles: {allowed}.',
  ),
  MOGO_DATASET_UNKNOWN: entry(
    'rejected',
    404,
    'There is no dataset {dataset} that you may read.',
    'GET /v1/datasets lists yours{suggestion}.',
  ),
  MOGO_COLUMN_UNKNOWN: entry(
    'rejected',
    404,
    'There is no column {column} in {dataset} that you may read.',
    'GET /v1/datasets/{dataset} lists yours{suggestion}.',
  ),
  MOGO_QUERY_UNKNOWN: entry(
    'rejected',
    404,
    'There is no recorded query {query} that you may look into.',
    'Take the id from the header x-mogo-query-id of an answer; it is recorded within a second.',
  ),
  MOGO_QUERY_SYNTAX: entry(
    'rejected',
    400,
    'The SQL cannot be parsed{at}{near}.',
    'Mend the SQL at that place; it is the ClickHouse dialect, one SELECT.',
  ),
  MOGO_QUERY_NOT_SELECT: entry(
    'rejected',
    403,
    'Only one SELECT may be run; this is {kind}.',
    'Ask with SELECT (WITH … SELECT is fine).',
  ),
  MOGO_QUERY_FORBIDDEN: entry('rejected', 403, '{what} may not be used in a query.', '{remedy}'),
  MOGO_QUERY_FUNCTION: entry(
    'rejected',
    403,
    'The function {name} is not among those that a query may use.',
    'Use another one{suggestion}; GET /v1/functions lists them.',
  ),
  MOGO_QUERY_TABLE: entry(
    'rejected',
    403,
    'There is no table {name} that you may read.',
    'GET /v1/datasets lists yours{suggestion}.',
  ),
  MOGO_QUERY_COLUMN: entry('rejected', 403, 'There is no column {name} that you may read.', '{remedy}'),
  MOGO_QUERY_COLUMN_DENIED: entry(
    'rejected',
    403,
    'Your role ({roles}) may not read the column {column} of {dataset}.',
    '{remedy}',
  ),
  MOGO_QUERY_FAILED: entry(
    'rejected',
    422,
    'The query failed in the engine ({reason}).',
    'Check the types and functions in the SQL.',
  ),
  MOGO_QUERY_LIMIT: entry(
    'rejected',
    422,
    'The query went past the limit of {limit}.',
    'Ask for less: filter, aggregate, or add LIMIT.',
  ),
  MOGO_QUERY_CANCELLED: entry(
    'rejected',
    499,
    'The caller went away before the answer was complete.',
    'Ask again; for a long answer take a streaming format (NDJSON, CSV, Arrow).',
  ),
  MOGO_QUERY_BUSY: entry(
    'retriable',
    429,
    'Too many of your queries run at the same time; {limit} may.',
    'Wait until one of them has ended.',
  ),
  MOGO_QUERY_FORMAT: entry(
    'rejected',
    406,
    'The format asked for is not offered.',
    'Accept one of: {formats}.',
  ),
  MOGO_REQUEST_INVALID: entry(
    'rejected',
    400,
    'The request does not fit its schema: {detail}',
    'See /openapi.json for what is expected.',
  ),
  MOGO_REQUEST_TOO_LARGE: entry(
    'rejected',
    413,
    'The body of the request is too large.',
    'Send less at once; /openapi.json names the limits.',
  ),
  MOGO_REQUEST_MEDIA_TYPE: entry(
    'rejected',
    415,
    'The media type of the request is not understood.',
    'Send JSON: `Content-Type: application/json`.',
  ),
  MOGO_ROUTE_UNKNOWN: entry(
    'rejected',
    404,
    'There is nothing at {method} {path}.',
    'See /openapi.json for the routes.',
  ),
  MOGO_ACCESS_NOT_RECORDED: entry(
    'retriable',
    503,
    'The access could not be recorded, so it is not answered.',
    'Try again in a moment; `mogo doctor` looks at Kafka.',
  ),
  MOGO_UNAVAILABLE: entry(
    'retriable',
    503,
    '{what} is not available at the moment.',
    'Try again in a moment; `mogo status` shows the parts.',
  ),

  // --- demo project
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

/** A stable error code. */
export type ErrorCode = keyof typeof ERRORS

/** Values for the places of a template: names, counts, paths; never data. */
export type ErrorParams = Readonly<Record<string, string | number>>

const fill = (template: string, params: ErrorParams): string =>
  template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name]
    return value === undefined ? whole : String(value)
  })

/**
 * A fault with a code from the catalogue.
 *
 * `message` is the filled template, `remedy` the filled remedy. The original cause is kept for the log's error class and
 * code only: its text may carry data values, so nothing prints it.
 */
export class MogoError extends Error {
  readonly code: ErrorCode
  readonly params: ErrorParams

  constructor(code: ErrorCode, params: ErrorParams = {}, options: { readonly cause?: unknown } = {}) {
    super(fill(ERRORS[code].message, params), options)
    this.name = 'MogoError'
    this.code = code
    this.params = params
  }

  get class(): ErrorClass {
    return ERRORS[this.code].class
  }

  /** HTTP status of the fault. */
  get status(): number {
    return ERRORS[this.code].status
  }

  /** What the reader should do. */
  get remedy(): string {
    return fill(ERRORS[this.code].remedy, this.params)
  }
}

/** True for a fault of the catalogue (of one code, if given). */
export function isMogoError(error: unknown, code?: ErrorCode): error is MogoError {
  return error instanceof MogoError && (code === undefined || error.code === code)
}
