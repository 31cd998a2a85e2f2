/** Who leads the partitions of topics: asked of any broker that answers, on a connection that is closed afterwards. */
import { askMetadata, type BrokerConnection, type ConnectTo, parseBroker } from './kafka-broker-connection.ts'
import type { BrokerAddress } from './kafka-wire.ts'

/** A broker that leads partitions. */
export type Leader = BrokerAddress & { readonly nodeId: number }

/** What is known of a topic that exists. */
export type TopicLeaders = {
  /** Changes if the topic is made anew; empty if the broker has no ids. */
  readonly topicId: string
  /** By partition; one without a leader is left out. */
  readonly leaders: ReadonlyMap<number, Leader>
  /** How many partitions there are, with a leader or without. */
  readonly partitions: number
}

/** By topic; one that does not exist, or must not be read, is left out. */
export type Leaders = ReadonlyMap<string, TopicLeaders>

/** Asks the brokers (`host:port`) in turn, beginning anywhere. Rejects with the last fault if none answers. */
export async function askLeaders(
  connect: ConnectTo,
  brokers: readonly string[],
  topics: readonly string[],
  opened: (close: () => void) => void,
): Promise<Leaders> {
  const addresses = brokers.map(parseBroker)
  const start = Math.floor(Math.random() * addresses.length)
  let fault: unknown = new Error('no broker is configured')
  for (const address of [...addresses.slice(start), ...addresses.slice(0, start)]) {
    try {
      return await askAndClose(await connect(address, opened), topics)
    } catch (error) {
      fault = error
    }
  }
  throw fault
}

async function askAndClose(broker: BrokerConnection, topics: readonly string[]): Promise<Leaders> {
  try {
    return await leadersOf(broker, topics)
  } finally {
    broker.close()
  }
}

/** Asks the broker of a connection, which stays open. */
export async function leadersOf(broker: BrokerConnection, topics: readonly string[]): Promise<Leaders> {
  const answer = await askMetadata(broker, topics)
  const nodes = new Map(answer.brokers.map(({ nodeId, host, port }) => [nodeId, { nodeId, host, port }]))
  const found = new Map<string, TopicLeaders>()
  for (const { name, errorCode, topicId, partitions } of answer.topics) {
    if (errorCode !== 0 || !name) continue
    const leaders = new Map<number, Leader>()
    for (const { partitionIndex, leaderId } of partitions) {
      const leader = nodes.get(leaderId)
      if (leader) leaders.set(partitionIndex, leader)
    }
    found.set(name, { topicId: broker.topicIds ? topicId : '', leaders, partitions: partitions.length })
  }
  return found
}
