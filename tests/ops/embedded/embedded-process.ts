/**
 * A process of its own that runs embedded servers, for tests that end it. Prints a JSON line for each event, one with `ready` when all are
 * ready, one with `failed` if they are not, and one with `stopped`.
 *
 * Arguments: state folder, folder of the Java libraries, names of the servers.
 */
import { startEmbedded } from '#ops/embedded/start-embedded.ts'

const [stateDir = '', libDir = '', ...names] = process.argv.slice(2)
const say = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`)
const abort = new AbortController()
process.on('SIGINT', () => abort.abort())

try {
  const handle = await startEmbedded({
    stateDir,
    libDir,
    environment: process.env,
    servers: Object.fromEntries(names.map((name) => [name, {}])),
    signal: abort.signal,
    onEvent: say,
  })
  abort.signal.addEventListener('abort', () => void handle.stop())
  say({ ready: true, endpoints: handle.endpoints, orphansStopped: handle.orphansStopped })
  await handle.stopped
  say({ stopped: true })
} catch (error) {
  say({ failed: (error as { code?: string }).code ?? 'aborted', message: (error as Error).message })
}
