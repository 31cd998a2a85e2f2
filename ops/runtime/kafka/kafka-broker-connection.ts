/** A connection to one broker of Kafka, for calls of our own: logged in, and knowing what the broker understands. */
import {
  apiVersionsV1,
  type Connection,
  metadataV8,
  metadataV12,
  saslAuthenticateV0,
  saslAuthenticateV1,
  saslAuthenticateV2,
  saslHandshakeV1,
  saslPlain,
  saslScramSha,
} from '@platformatic/kafka'
import type { KafkaConnection } from '../settings.ts'
import { AnswerBuffers, type Lease } from './answer-buffers.ts'
import { type BrokerAddress, KafkaWire, WireFault, type WireLimits } from './kafka-wire.ts'

/** An open connection. Its requests are answered one after the other. */
export type BrokerConnection = {
  readonly calls: Connection
  /** Which versions of an API the broker understands. */
  offered(api: { readonly key: number }): ApiRange
  /** True if the broker knows ids of topics. */
  readonly topicIds: boolean
  /** Of the memory that an answer lies in. */
  leaseOf(bytes: Uint8Array): Lease | undefined
  /** False once it is closed, or its login is about to expire. */
  isUsable(): boolean
  /** Closes at once: what is under way rejects. */
  close(): void
}

/** Versions of an API; none if `maxVersion` is below `minVersion`. */
export type ApiRange = { readonly minVersion: number; readonly maxVersion: number }

/** Opens a connection. `opened` is called before it is connected, so that it can be closed meanwhile. Rejects if that fails. */
export type ConnectTo<Opened extends BrokerConnection = BrokerConnection> = (
  address: BrokerAddress,
  opened: (close: () => void) => void,
) => Promise<Opened>

type Login = NonNullable<KafkaConnection['sasl']>

const LIMITS = { connectMillis: 5000, requestMillis: 30_000 }
/** A login that the broker ends after a time is used for this part of it. */
const LOGIN_SHARE = 0.8

/** Makes {@link ConnectTo}: connections are logged in, and have the name `clientId` in the broker's log. */
export function connectTo(to: KafkaConnection, clientId: string, limits: WireLimits = LIMITS): ConnectTo {
  const buffers = new AnswerBuffers()
  return (address, opened) => connectToBroker({ to, clientId, limits, buffers }, address, opened)
}

type Connecting = {
  readonly to: KafkaConnection
  readonly clientId: string
  readonly limits: WireLimits
  readonly buffers: AnswerBuffers
}

async function connectToBroker(
  { to, clientId, limits, buffers }: Connecting,
  address: BrokerAddress,
  opened: (close: () => void) => void,
): Promise<BrokerConnection> {
  const wire = new KafkaWire(clientId, limits, buffers)
  const close = (): void => wire.close()
  const { calls } = wire
  opened(close)
  try {
    await wire.connect(address, to.tls)
    const { apiKeys } = await apiVersionsV1.api.async(calls, clientId, '1')
    const offered = (api: { readonly key: number }): ApiRange =>
      apiKeys.find(({ apiKey }) => apiKey === api.key) ?? { minVersion: 0, maxVersion: -1 }
    const lifetime = to.sasl ? await logIn(calls, to.sasl, offered(saslAuthenticateV2.api)) : 0
    const expires = lifetime > 0 ? performance.now() + lifetime * LOGIN_SHARE : Number.POSITIVE_INFINITY
    return {
      ...{ calls, offered, close },
      leaseOf: (bytes) => buffers.leaseOf(bytes),
      topicIds: offered(metadataV12.api).maxVersion >= metadataV12.api.version,
      isUsable: () => wire.isOpen && performance.now() < expires,
    }
  } catch (error) {
    close()
    throw error
  }
}

/** The topics' partitions, as the broker knows them. A fault of one topic is in its `errorCode`. */
export async function askMetadata(
  { calls, topicIds }: BrokerConnection,
  topics: readonly string[],
): Promise<Awaited<ReturnType<typeof metadataV12.api.async>>> {
  const api = topicIds ? metadataV12.api : metadataV8.api
  try {
    return await api.async(calls, [...topics], false, false)
  } catch (error) {
    // One topic that is away makes a fault of the whole answer.
    const response = error instanceof Error && 'response' in error ? error.response : undefined
    if (response) return response as Awaited<ReturnType<typeof metadataV12.api.async>>
    throw error
  }
}

/** Reads `host:port`; an IPv6 address stands in brackets. */
export function parseBroker(text: string): BrokerAddress {
  const colon = text.lastIndexOf(':')
  return { host: text.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: Number(text.slice(colon + 1)) }
}

/** Logs in; returns how long the broker lets it stand, in milliseconds, or 0 for as long as the connection. */
async function logIn(calls: Connection, login: Login, offered: ApiRange): Promise<number> {
  const { mechanism, username, password } = login
  const versions = [saslAuthenticateV2.api, saslAuthenticateV1.api, saslAuthenticateV0.api]
  const api = versions.find(({ version }) => version <= offered.maxVersion) ?? saslAuthenticateV2.api
  try {
    await saslHandshakeV1.api.async(calls, mechanism.toUpperCase())
    const { sessionLifetimeMs } =
      mechanism === 'plain'
        ? await saslPlain.authenticate(api, calls, username, password)
        : await saslScramSha.authenticate(
            api,
            calls,
            mechanism === 'scram-sha-256' ? 'SHA-256' : 'SHA-512',
            username,
            password,
          )
    return Number(sessionLifetimeMs ?? 0)
  } catch (error) {
    throw isRefusal(error) ? new WireFault('LoginRefused') : error
  }
}

/** Told apart from a connection that broke meanwhile, which the login's errors wrap as well. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('apiId' in error && REFUSALS.has(String(error.apiId))) return true
  const inner = 'errors' in error && Array.isArray(error.errors) ? error.errors : []
  return isRefusal(error.cause) || inner.some(isRefusal)
}

const REFUSALS: ReadonlySet<string> = new Set(['SASL_AUTHENTICATION_FAILED', 'UNSUPPORTED_SASL_MECHANISM'])
