/** Finds a Java that can run Kafka: JAVA_HOME first, then the PATH. */

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { MogoError } from '#contracts/errors.ts'

/** Kafka 4 brokers and Connect need Java 17. */
export const OLDEST_JAVA = 17

/** A Java that was found. */
export type Java = { readonly path: string; readonly major: number; readonly version: string }

/** Where to look. */
export type JavaEnvironment = { readonly javaHome?: string | undefined; readonly path?: string | undefined }

/**
 * Reads the version out of what `java -version` prints: `openjdk version "17.0.15" …`, and of old `java version "1.8.0_402"`.
 */
export function parseJavaVersion(text: string): { version: string; major: number } | undefined {
  const version = /version "([^"]+)"/.exec(text)?.[1]
  const parts = /^(\d+)(?:\.(\d+))?/.exec(version ?? '')
  if (version === undefined || parts === null) return undefined
  const first = Number(parts[1])
  return { version, major: first === 1 ? Number(parts[2] ?? 1) : first }
}

/**
 * Finds Java and checks its version. A JAVA_HOME that is set is taken at its word: another Java on the PATH does not stand in.
 *
 * @throws MogoError MOGO_JAVA_MISSING or MOGO_JAVA_OLD
 */
export async function findJava(environment: JavaEnvironment): Promise<Java> {
  const path = locateJava(environment)
  if (path === undefined) throw new MogoError('MOGO_JAVA_MISSING')
  const found = parseJavaVersion(await versionText(path))
  if (found === undefined) throw new MogoError('MOGO_JAVA_MISSING')
  if (found.major < OLDEST_JAVA) throw new MogoError('MOGO_JAVA_OLD', { found: found.version, path })
  return { path, ...found }
}

function locateJava({ javaHome, path }: JavaEnvironment): string | undefined {
  if (javaHome !== undefined && javaHome !== '') {
    const inHome = join(javaHome, 'bin', 'java')
    return existsSync(inHome) ? inHome : undefined
  }
  return (path ?? '')
    .split(delimiter)
    .filter((dir) => dir !== '')
    .map((dir) => join(dir, 'java'))
    .find((file) => existsSync(file))
}

function versionText(path: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(path, ['-version'], { timeout: 20_000 }, (_error, stdout, stderr) => resolve(stderr + stdout))
  })
}
