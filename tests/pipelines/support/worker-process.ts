/** A worker as a process of its own, so that a test can kill it. Options (with the secrets) are in the file named by the one argument. */
import { readFileSync } from 'node:fs'
import { pino } from 'pino'
import { buildWorker, type WorkerOptions } from '#pipelines/build-worker.ts'

const options = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Omit<WorkerOptions, 'logger'>
const worker = buildWorker({ ...options, logger: pino({ level: 'silent' }) })
process.once('SIGTERM', () => void worker.stop().then(() => process.exit(0)))
worker.failed.catch(() => process.exit(1))
await worker.start()
process.stdout.write('started\n')
