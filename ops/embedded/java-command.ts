/** Command lines of the Java servers: class path, heap, logging. */

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { MogoError } from '#contracts/errors.ts'
import type { CommandLine } from './server.ts'

/** The Java of this machine, and where the libraries are. */
export type JavaSetup = {
  readonly java: string
  readonly libDir: string
  /** `use` class archives (see class-archives.ts), `make` them at exit, or `none`. */
  readonly archives: 'use' | 'make' | 'none'
}

/** What a Java program is started with. */
export type JavaProgram = JavaSetup & {
  readonly mainClass: string
  readonly args: readonly string[]
  readonly heapMb: number
  /** log4j2 configuration; tools have none and stay silent. */
  readonly logConfig?: string
  readonly properties?: Readonly<Record<string, string>>
  /** A tool that runs for a second: no optimising compiler. */
  readonly shortLived?: boolean
}

/**
 * Builds the command line. Two cores and small heaps: the serial collector needs the least memory, and its pauses are a few ms here.
 *
 * @throws MogoError MOGO_SERVER_START_FAILED if the jars are missing
 */
export function javaCommand(name: string, program: JavaProgram): CommandLine {
  if (
    !existsSync(program.libDir) ||
    !readdirSync(program.libDir).some((file) => /^kafka_2\.13-.*\.jar$/.test(file))
  ) {
    throw new MogoError('MOGO_SERVER_START_FAILED', {
      server: name,
      detail: `the Java libraries are missing in ${program.libDir}; run ./mogo, which brings them`,
    })
  }
  const properties = {
    'java.awt.headless': 'true',
    'java.net.preferIPv4Stack': 'true',
    'file.encoding': 'UTF-8',
    ...(program.logConfig === undefined ? {} : { 'log4j2.configurationFile': program.logConfig }),
    'log4j2.disable.jmx': 'true',
    ...program.properties,
  }
  return {
    command: program.java,
    args: [
      `-Xmx${program.heapMb}m`,
      `-Xms${Math.min(program.heapMb, 64)}m`,
      '-XX:+UseSerialGC',
      '-XX:+ExitOnOutOfMemoryError',
      '-XX:-UsePerfData',
      '-Xshare:auto',
      ...archiveOptions(name, program),
      ...compilerOptions(name),
      ...Object.entries(properties).map(([key, value]) => `-D${key}=${value}`),
      '-cp',
      join(program.libDir, '*'),
      program.mainClass,
      ...program.args,
    ],
  }
}

/**
 * On a few cores the optimizing compiler takes, in the first minutes, more than it gives back: with Java's own thresholds a change took 0.3 to 2 s to arrive at
 * 500 a second, with the quick compiler alone 0.12 s. But reading large tables is hours of the same few methods in Connect: it optimizes what
 * has run ten times as often as Java waits for. A million rows then take 52 s instead of 67 s, and changes arrive as soon as before.
 */
function compilerOptions(name: string): string[] {
  if (name !== 'connect') return ['-XX:TieredStopAtLevel=1']
  return Object.entries({
    Tier4InvocationThreshold: 50_000,
    Tier4MinInvocationThreshold: 6000,
    Tier4CompileThreshold: 150_000,
    Tier4BackEdgeThreshold: 400_000,
  }).map(([option, value]) => `-XX:${option}=${value}`)
}

/** File of a server's class archive. */
export function archiveFile(libDir: string, name: string): string {
  return join(libDir, `${name}.jsa`)
}

function archiveOptions(name: string, { archives, libDir, shortLived }: JavaProgram): string[] {
  if (archives === 'none' || shortLived === true) return []
  const file = archiveFile(libDir, name)
  // Java goes on without an archive that does not fit; it need not say so.
  if (archives === 'use') return [`-XX:SharedArchiveFile=${file}`, '-Xlog:disable', '-Xlog:all=error:stderr']
  return [`-XX:ArchiveClassesAtExit=${file}.new`, '-Xlog:disable', '-Xlog:all=error:stderr']
}

/**
 * Renders a Java properties file. Keys and values are escaped as java.util.Properties reads them.
 */
export function renderProperties(entries: Readonly<Record<string, string | number | boolean>>): string {
  const escaped = (text: string): string =>
    text
      .replaceAll('\\', '\\\\')
      .replaceAll('\n', '\\n')
      .replaceAll('\r', '\\r')
      .replaceAll('\t', '\\t')
      .replace(/^ /, '\\ ')
      .replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return Object.entries(entries)
    .map(([key, value]) => `${escaped(key).replace(/[=: #!]/g, '\\$&')}=${escaped(String(value))}\n`)
    .join('')
}

/**
 * Renders the log4j2 configuration. Only the class and the place of an exception are logged: its text may quote a record.
 *
 * @param levels logger name -> level, beside WARN for all
 */
export function renderLog4j(levels: Readonly<Record<string, string>> = {}): string {
  const loggers = Object.entries(levels).map(
    ([name, level], i) => `logger.l${i}.name=${name}\nlogger.l${i}.level=${level}\n`,
  )
  return `# Written by mogo before every start.
status=ERROR
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z'}{UTC} %-5p %c{1}: %m %replace{%ex{full}}{(?m)^(?:(Caused by: )?([\\\\w.$]+(?:Exception|Error))\\\\b.*|(\\\\s+at .*)|.*)$}{$1$2$3}%n%ex{none}
rootLogger.level=WARN
rootLogger.appenderRef.out.ref=out
${loggers.join('')}`
}
