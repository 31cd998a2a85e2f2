/**
 * The import rule: which folder may import which, held by `npm run imports`.
 *
 *   contracts                     nothing of ours
 *   ops/runtime                   contracts
 *   transforms                    contracts
 *   pipelines, query-api          contracts, transforms, ops/runtime
 *   lineage                       contracts, ops/runtime
 *   ops (cli, jobs, demo, …)      contracts, transforms, ops
 *
 * What passes between processes is an event type or a contract in `contracts/`, so that a process never needs another's code.
 * Imports of types count too: a type is a dependency like any other. Each rule's comment says how to mend a broken edge.
 */

/** Files of ours. */
const OWN = '^(contracts|transforms|pipelines|query-api|lineage|ops|tests)/'

/** A folder that may import files of ours only from the given places (regular expressions after `^`). */
const mayImport = (name, from, places, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from },
  to: { path: OWN, pathNot: `^(${places.join('|')})/` },
})

/** A vendor's client belongs in files that are named after the vendor: behind a port everywhere else. */
const vendor = (name, packages, files, example) => ({
  name: `${name}-only-in-its-files`,
  severity: 'error',
  comment: `Only a file named after its vendor imports ${packages}. Mend: put the call behind a function or a port, and that into a file such as ${example}; import the file instead of the client.`,
  from: { path: '^(contracts|transforms|pipelines|query-api|lineage|ops)/', pathNot: files },
  to: { path: `(^|/)node_modules/(${packages})/` },
})

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    mayImport(
      'contracts-stand-alone',
      '^contracts/',
      ['contracts'],
      'contracts/ imports nothing of ours. Mend: take what is needed as an argument (a port, as in import/postgres-catalog.ts), or move the file to the folder that needs both.',
    ),
    mayImport(
      'runtime-knows-contracts-only',
      '^ops/runtime/',
      ['contracts', 'ops/runtime'],
      'ops/runtime is under every process, so it imports contracts/ only. Mend: pass the value or the function in from the entry file, or move the file to its process.',
    ),
    mayImport(
      'transforms-know-contracts-only',
      '^transforms/',
      ['contracts', 'transforms'],
      'transforms/ are pure steps: they import contracts/ only and do no I/O. Mend: give what is needed as an argument of the factory.',
    ),
    mayImport(
      'pipelines-edges',
      '^pipelines/',
      ['contracts', 'transforms', 'ops/runtime', 'pipelines'],
      'pipelines/ imports contracts/, transforms/ and ops/runtime/. Mend: what another process must know goes over Kafka as an event of contracts/events; what the command line needs is started as a process.',
    ),
    mayImport(
      'query-api-edges',
      '^query-api/',
      ['contracts', 'transforms', 'ops/runtime', 'query-api'],
      'query-api/ imports contracts/, transforms/ and ops/runtime/. Mend: what another process must know goes over Kafka as an event of contracts/events, or over its HTTP routes.',
    ),
    mayImport(
      'lineage-edges',
      '^lineage/',
      ['contracts', 'ops/runtime', 'lineage'],
      'lineage/ imports contracts/ and ops/runtime/. Mend: shared terms of lineage stand in contracts/events/lineage-edge.ts.',
    ),
    mayImport(
      'ops-edges',
      '^ops/(?!runtime/)',
      ['contracts', 'transforms', 'ops'],
      'ops/ (cli, jobs, demo, embedded, compare) imports contracts/, transforms/ and ops/; never a process of the product. Mend: start the process, or ask its HTTP routes.',
    ),
    vendor('kafkajs', 'kafkajs|@platformatic/kafka|@node-rs/crc32', '/kafka-[^/]+\\.ts$', 'kafka-source.ts'),
    vendor('clickhouse', '@clickhouse/client', '/clickhouse-[^/]+\\.ts$', 'clickhouse-sink.ts'),
    vendor('postgres', 'pg|pg-copy-streams', '/postgres-[^/]+\\.ts$', 'postgres-session.ts'),
    vendor('chdb', 'ffi-rs|@chdb', '^ops/embedded/clickhouse-[^/]+\\.ts$', 'clickhouse-child.ts'),
    vendor('oidc-provider', 'oidc-provider', '^ops/embedded/identity-[^/]+\\.ts$', 'identity-provider.ts'),
    {
      name: 'no-cycle',
      severity: 'error',
      comment:
        'Files that import each other cannot be read, tested or moved apart. Mend: put what both need (often a type) into a third file.',
      from: { path: OWN },
      to: { circular: true },
    },
    {
      name: 'resolvable',
      severity: 'error',
      comment:
        'The import leads nowhere. Mend: own files are imported with their extension, `./x.ts` or `#folder/x.ts`.',
      from: { path: OWN },
      to: { couldNotResolve: true },
    },
    {
      name: 'product-without-tests',
      severity: 'error',
      comment: 'The product never imports tests/. Mend: move what it needs into the product.',
      from: { pathNot: '^tests/' },
      to: { path: '^tests/' },
    },
    {
      name: 'product-without-dev-dependencies',
      severity: 'error',
      comment:
        'A package that the product runs with stands in dependencies. Mend: move it there in package.json, or import it in tests only.',
      from: { path: OWN, pathNot: '^tests/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only', 'npm', 'npm-optional'] },
    },
    {
      name: 'declared-packages-only',
      severity: 'error',
      comment:
        'The package is not in package.json: it is there by chance. Mend: add it to dependencies, with its exact version.',
      from: { path: OWN },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.cjs', '.mjs', '.json', '.d.ts'],
      conditionNames: ['node', 'import', 'types', 'default'],
      exportsFields: ['exports'],
      mainFields: ['main', 'types'],
    },
  },
}
