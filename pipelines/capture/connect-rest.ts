/**
 * A thin client of the Kafka Connect REST API. A request is retried with jitter while Connect rebalances (409), starts (503) or
 * cannot be reached, within a budget of about 20 seconds; what Connect refuses is told as it is said, without values.
 */
import { ConstantBackoff, ExponentialBackoff, handleWhen, retry } from 'cockatiel'
import { z } from 'zod'
import { isMogoError, MogoError } from '#contracts/errors.ts'
import type { ConnectConnection } from '#ops/runtime/settings.ts'
import type { ConnectorConfig } from './connector-config.ts'

const statusSchema = z.object({
  connector: z.object({ state: z.string(), trace: z.string().optional() }),
  tasks: z.array(z.object({ id: z.int(), state: z.string(), trace: z.string().optional() })),
})
const offsetsSchema = z.object({ offsets: z.array(z.object({ offset: z.unknown() })) })

/** State of a connector and its tasks: RUNNING, FAILED, PAUSED, STOPPED, UNASSIGNED, RESTARTING. */
export type ConnectorStatus = z.output<typeof statusSchema>

/** The client. `null` stands for "there is no such connector". */
export type ConnectRest = {
  config(name: string): Promise<ConnectorConfig | null>
  putConfig(name: string, config: ConnectorConfig): Promise<void>
  status(name: string): Promise<ConnectorStatus | null>
  /** True if Connect has stored how far the connector has read. */
  hasOffsets(name: string): Promise<boolean>
  /** Restarts the connector and its failed tasks. */
  restartFailed(name: string): Promise<void>
  stop(name: string): Promise<void>
  resume(name: string): Promise<void>
  deleteOffsets(name: string): Promise<void>
}

/** Makes a client. `budgetMillis`: how long a request may be retried in all. */
export function createConnectRest(connection: ConnectConnection, budgetMillis = 20_000): ConnectRest {
  const base = connection.url.replace(/\/$/, '')
  const authorization = `Basic ${Buffer.from(`${connection.username}:${connection.password}`).toString('base64')}`
  const headers = {
    accept: 'application/json',
    'content-type': 'application/json',
    ...(connection.username === '' ? {} : { authorization }),
  }

  async function once(method: string, path: string, body: unknown, connector: string): Promise<unknown> {
    let response: Response
    try {
      response = await fetch(`${base}${path}`, {
        method,
        headers,
        signal: AbortSignal.timeout(15_000),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    } catch (cause) {
      const code = (cause as { cause?: { code?: unknown } }).cause?.code
      throw unreachable(typeof code === 'string' ? code : 'no answer in time', cause)
    }
    const text = await response.text()
    if (response.ok) return text === '' ? undefined : JSON.parse(text)
    if (response.status === 404) return NOT_FOUND
    if (response.status === 409) throw unreachable('it is rebalancing')
    if (response.status === 401 || response.status === 403)
      throw new MogoError('MOGO_CONNECT_REJECTED', { connector, detail: 'the login is refused' })
    // Connect answers 500 for a worker that has not read its topics yet: indistinguishable from a real fault but by trying again.
    if (response.status >= 500) throw unreachable(`status ${response.status}`)
    throw new MogoError('MOGO_CONNECT_REJECTED', { connector, detail: refusal(text) })
  }
  const unreachable = (detail: string, cause?: unknown) =>
    new MogoError('MOGO_CONNECT_UNREACHABLE', { url: base, detail }, { cause })

  async function request(method: string, path: string, connector: string, body?: unknown): Promise<unknown> {
    const deadline = Date.now() + budgetMillis
    const policy = retry(
      handleWhen((error) => isMogoError(error, 'MOGO_CONNECT_UNREACHABLE') && Date.now() < deadline),
      { maxAttempts: 200, backoff: new ExponentialBackoff({ initialDelay: 100, maxDelay: 1500 }) },
    )
    return policy.execute(() => once(method, path, body, connector))
  }

  const at = (name: string, rest = '') => `/connectors/${encodeURIComponent(name)}${rest}`
  return {
    async config(name) {
      const answer = await request('GET', at(name, '/config'), name)
      return answer === NOT_FOUND ? null : z.record(z.string(), z.string()).parse(answer)
    },
    async putConfig(name, config) {
      await request('PUT', at(name, '/config'), name, config)
    },
    async status(name) {
      const answer = await request('GET', at(name, '/status'), name)
      return answer === NOT_FOUND ? null : statusSchema.parse(answer)
    },
    async hasOffsets(name) {
      const answer = await request('GET', at(name, '/offsets'), name)
      return answer !== NOT_FOUND && offsetsSchema.parse(answer).offsets.some(({ offset }) => offset != null)
    },
    async restartFailed(name) {
      await request('POST', at(name, '/restart?includeTasks=true&onlyFailed=true'), name)
    },
    async stop(name) {
      await request('PUT', at(name, '/stop'), name)
      await until(async () => {
        const status = await this.status(name)
        return status === null || (status.connector.state === 'STOPPED' && status.tasks.length === 0)
      })
    },
    async resume(name) {
      await request('PUT', at(name, '/resume'), name)
    },
    async deleteOffsets(name) {
      await request('DELETE', at(name, '/offsets'), name)
    },
  }
}

const NOT_FOUND = Symbol('not found')

async function until(done: () => Promise<boolean>): Promise<void> {
  const waiting = retry(
    handleWhen((error) => error === UNDONE),
    { maxAttempts: 100, backoff: new ConstantBackoff(200) },
  )
  await waiting.execute(async () => {
    if (!(await done())) throw UNDONE
  })
}
const UNDONE = new Error('not yet')

/** Connect's message lists faults by configuration key; values that it quotes are cut. */
function refusal(text: string): string {
  try {
    const { message } = z.object({ message: z.string() }).parse(JSON.parse(text))
    return message
      .replaceAll(/Invalid value .*? for configuration/g, 'Invalid value for configuration')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('You can also find'))
      .join(' ')
      .slice(0, 600)
  } catch {
    return 'no reason is given'
  }
}
