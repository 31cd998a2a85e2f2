/**
 * Makes the class archives (see class-archives.ts). Run by `./mogo` after it has brought the Java libraries; a failure costs nothing but speed.
 *
 * Argument: the folder of the libraries.
 */

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { archivesFit, keepArchives } from './class-archives.ts'
import { findJava } from './java.ts'
import { startEmbedded } from './start-embedded.ts'

const libDir = process.argv[2]
if (libDir === undefined) {
  process.stderr.write('usage: class-archives-main.ts LIBDIR\n')
  process.exit(2)
}
const java = await findJava({ javaHome: process.env['JAVA_HOME'], path: process.env['PATH'] })
if (archivesFit(libDir, java)) process.exit(0)
const stateDir = join(libDir, 'class-archives.tmp')
const abort = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => abort.abort())
rmSync(stateDir, { recursive: true, force: true })
try {
  const embedded = await startEmbedded({
    ...{ stateDir, libDir, environment: process.env, signal: abort.signal, makeClassArchives: true },
    servers: { kafka: {}, connect: {} },
  })
  await embedded.stop()
  abort.signal.throwIfAborted()
  keepArchives(libDir, java)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'the archives could not be made'}\n`)
  process.exitCode = 1
} finally {
  rmSync(stateDir, { recursive: true, force: true })
}
