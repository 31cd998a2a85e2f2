/** `mogo up | down | status | logs`: the life of a project. */
import { spawn } from 'node:child_process'
import { createReadStream, existsSync, mkdirSync, openSync, readdirSync, statSync, watch } from 'node:fs'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import colors from 'picocolors'
import { MogoError } from '#contracts/errors.ts'
import type { Project } from '#ops/runtime/load-config.ts'
import { type Endpoints, readEndpoints } from '#ops/runtime/settings.ts'
import { stackStatus, stopStack } from '../control-client.ts'
import { DEMO_DIR, findProject, ROOT } from '../find-project.ts'
import { FORMATS, type Format, line, note, printRows } from '../output.ts'
import { lastLook } from '../pipeline-health.ts'
import { verdict } from '../pipeline-report.ts'
import { runStack, untilAborted } from '../run-stack.ts'
import { seedDemoOnce } from '../seed-demo.ts'

/** Adds the commands. */
export function addLifeCommands(program: Command): void {
  program
    .command('up')
    .description('Start the embedded servers and all processes of the project; Ctrl-C stops them')
    .option('--detach', 'return when everything is ready, and leave it running')
    .addHelpText('after', '\nExamples:\n  mogo up\n  mogo up --detach && mogo status')
    .action(async (options: { detach?: boolean }, command: Command) => {
      const project = findProject(command.optsWithGlobals()['project'], process.cwd())
      const running = stackStatus(project.stateDir)
      if (running) throw new MogoError('MOGO_ALREADY_RUNNING', { pid: running.supervisorPid })
      if (options.detach) {
        process.exitCode = await detach(project)
        return
      }
      line(`${colors.bold(project.config.name)}  ${colors.dim(project.dir)}`)
      process.exitCode = await runStack(project, process.env, {
        // The demo's tables are part of the demo: without them there would be nothing to capture.
        ...(project.dir === DEMO_DIR ? { prepareSource: seedDemoOnce } : {}),
        work: async (stack, signal) => {
          for (const text of whereEverythingIs(stack.endpoints)) line(text)
          process.send?.({ ready: true })
          if (!process.send) line(colors.dim('Ctrl-C stops everything.'))
          await untilAborted(signal)
          return 0
        },
      })
    })

  program
    .command('down')
    .description('Stop the running project')
    .action(async (_options: unknown, command: Command) => {
      const project = findProject(command.optsWithGlobals()['project'], process.cwd())
      await stopStack(project.stateDir)
      line(`${project.config.name} is stopped.`)
    })

  program
    .command('status')
    .description('What runs, since when, where, and in one line whether the pipeline is well')
    .addOption(new Option('--format <format>').choices([...FORMATS]).default('table'))
    .action(async (options: { format: Format }, command: Command) => {
      const project = findProject(command.optsWithGlobals()['project'], process.cwd())
      const status = stackStatus(project.stateDir)
      const rows = (status?.processes ?? []).map((record) => ({
        name: record.name,
        status: record.status,
        pid: record.process?.pid ?? null,
        ports: Object.entries(record.ports)
          .map(([name, port]) => `${name}:${port}`)
          .join(' '),
        since: record.since,
        restarts: record.restarts,
        detail: record.detail ?? '',
      }))
      printRows(options.format, ['name', 'status', 'pid', 'ports', 'since', 'restarts', 'detail'], rows)
      if (!status) {
        note(`${project.config.name} is not running. Start it with \`mogo up\`.`)
        process.exitCode = 3
        return
      }
      const isReady = rows.every((row) => row.status === 'ready')
      if (!isReady) process.exitCode = 1
      if (options.format !== 'table') return
      const endpoints = readEndpoints(project.stateDir)
      const health = await lastLook(endpoints)
      line(`\nThe pipeline is ${health ? verdict(health) : 'not looked at yet; see `mogo pipeline status`.'}`)
      if (isReady) for (const text of whereEverythingIs(endpoints)) line(text)
    })

  program
    .command('logs')
    .description('Print the log of a server or process')
    .argument('<name>', 'postgres, kafka, connect, clickhouse, identity, worker, query-api, lineage, ops')
    .option('-f, --follow', 'go on as the log grows')
    .option('-n, --lines <count>', 'only the last lines', '200')
    .action(async (name: string, options: { follow?: boolean; lines: string }, command: Command) => {
      const project = findProject(command.optsWithGlobals()['project'], process.cwd())
      const dir = join(project.stateDir, 'logs')
      const file = join(dir, `${name}.log`)
      if (!/^[a-z-]+$/.test(name) || !existsSync(file)) {
        const known = existsSync(dir)
          ? readdirSync(dir)
              .filter((log) => log.endsWith('.log'))
              .map((log) => log.slice(0, -4))
          : []
        throw new MogoError('MOGO_USAGE', {
          detail: `There is no log of ${name}${known.length > 0 ? `; there are: ${known.join(', ')}` : ''}.`,
        })
      }
      await printLog(file, Number(options.lines), options.follow === true)
    })
}

/** Where a person finds what. */
export function whereEverythingIs(endpoints: Endpoints): readonly string[] {
  const api = endpoints.api?.url
  return [
    '',
    ...(api ? [`  query API   ${colors.cyan(api)}    docs ${colors.cyan(`${api}/docs`)}`] : []),
    ...(endpoints.identity ? [`  identity    ${endpoints.identity.issuer}`] : []),
    ...(endpoints.postgres
      ? [`  Postgres    ${endpoints.postgres.host}:${endpoints.postgres.port}    (mogo psql)`]
      : []),
    ...(endpoints.clickhouse ? [`  ClickHouse  ${endpoints.clickhouse.url}    (mogo clickhouse)`] : []),
    '',
  ]
}

/** Starts `mogo up` in the background and waits until it says that it is ready. */
async function detach(project: Project): Promise<number> {
  const logs = join(project.stateDir, 'logs')
  mkdirSync(logs, { recursive: true, mode: 0o700 })
  const log = join(logs, 'supervisor.log')
  const out = openSync(log, 'a', 0o600)
  const up = ['up', '--project', project.dir]
  const child = spawn(process.execPath, [...process.execArgv, join(ROOT, 'ops/cli/main.ts'), ...up], {
    detached: true,
    stdio: ['ignore', out, out, 'ipc'],
    env: { ...process.env, CI: '1', NO_COLOR: '1' },
  })
  const from = statSync(log).size
  note(`starting ${project.config.name} …`)
  const abort = (): void => {
    if (child.pid !== undefined) process.kill(child.pid, 'SIGTERM')
  }
  process.once('SIGINT', abort)
  process.once('SIGTERM', abort)
  const code = await new Promise<number>((resolve) => {
    child.once('message', () => resolve(0))
    child.once('exit', (status) => resolve(status ?? 1))
  })
  createReadStream(log, { start: from }).pipe(process.stdout)
  if (code === 0) {
    child.disconnect()
    child.unref()
  }
  return code
}

async function printLog(file: string, lines: number, follow: boolean): Promise<void> {
  const size = statSync(file).size
  // The tail of a large log without reading all of it; a line is well below 2 kB on average.
  const start = Math.max(0, size - Math.max(lines, 1) * 2048)
  let text = ''
  for await (const chunk of createReadStream(file, { start, encoding: 'utf8' })) text += chunk
  const all = text.split('\n')
  const kept = all.slice(Math.max(start > 0 ? 1 : 0, all.length - lines - 1)).join('\n')
  process.stdout.write(kept)
  if (!follow) return
  let position = size
  let reading = Promise.resolve()
  const watcher = watch(file, () => {
    reading = reading.then(async () => {
      const now = statSync(file).size
      if (now < position) position = 0
      for await (const chunk of createReadStream(file, { start: position, end: now - 1 }))
        process.stdout.write(chunk)
      position = now
    })
  })
  await new Promise<void>((resolve) => process.once('SIGINT', () => resolve()))
  watcher.close()
}
