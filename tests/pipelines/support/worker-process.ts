/**
 * A worker as a process of its own, so that a test can kill it. Options (with the secrets) are in the file named by the first argument; the second
 * one, if there is one, is the file that it logs to, as the product's worker does.
 */
import { readFileSync } from 'node:fs'
import { pino } from 'pino'
import { createLogger } from '#ops/runtime/logger.ts'
import { buildWorker, type WorkerOptions } from '#pipelines/worker/build-worker.ts'

const [, , file = '', log] = process.argv
const options = JSON.parse(readFileSync(file, 'utf8')) as Omit<WorkerOptions, 'logger'>
const logger =
  log === undefined
    ? pino({ level: 'silent' })
    : createLogger('worker', 'debug', pino.destination({ dest: log, sync: true }))
const worker = buildWorker({ ...options, logger })
process.once('SIGTERM', () => void worker.stop().then(() => process.exit(0)))
worker.failed.catch(() => process.exit(1))
await worker.start()
process.stdout.write('started\n')
