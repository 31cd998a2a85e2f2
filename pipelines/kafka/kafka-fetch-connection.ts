/** Connections that records are fetched on. */
import {
  type BrokerConnection,
  type ConnectTo,
  connectTo,
} from '#ops/runtime/kafka/kafka-broker-connection.ts'
import { WireFault } from '#ops/runtime/kafka/kafka-wire.ts'
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import { type FetchCall, fetchCall } from './kafka-fetch-api.ts'

/** A connection, and how its broker is asked for records. */
export type FetchConnection = BrokerConnection & { readonly fetch: FetchCall }

const CLIENT_ID = 'mogo-worker-fetch'
const FETCH_KEY = 1

/** Makes {@link ConnectTo}; a broker before Kafka 2.3, whose Fetch is older than version 11, is refused. */
export function connectForFetch(to: KafkaConnection): ConnectTo<FetchConnection> {
  const connect = connectTo(to, CLIENT_ID)
  return async (address, opened) => {
    const connection = await connect(address, opened)
    const fetch = fetchCall(connection.offered({ key: FETCH_KEY }))
    if (fetch) return { ...connection, fetch }
    connection.close()
    throw new WireFault('BrokerTooOld')
  }
}
