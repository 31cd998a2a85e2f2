/**
 * The process that is the embedded ClickHouse: it loads libchdb, which is the whole server, makes it listen, and keeps it alive until its
 * standard input closes or a signal ends it.
 *
 * Arguments: path of libchdb.so, then the engine's own command line. (koffi cannot load it: the engine checks its stack.)
 */

import { DataType, load, open } from 'ffi-rs'

const [library, ...argv] = process.argv.slice(2)
if (library === undefined || argv.length === 0) {
  process.stderr.write('usage: clickhouse-child.ts LIBCHDB ARGS…\n')
  process.exit(2)
}
open({ library: 'chdb', path: library })
// Runs until the engine ends. What it returns is a pointer to a result that must not be read.
load({
  library: 'chdb',
  funcName: 'chdb_query_cmdline',
  retType: DataType.U64,
  paramsType: [DataType.I32, DataType.StringArray],
  paramsValue: [argv.length, argv],
})
process.exit(0)
