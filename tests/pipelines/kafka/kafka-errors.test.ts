/** What faults of Kafka are called. */
import { describe, expect, it } from 'vitest'
import { MogoError } from '#contracts/errors.ts'
import { parseBroker } from '#ops/runtime/kafka/kafka-broker-connection.ts'
import { WireFault } from '#ops/runtime/kafka/kafka-wire.ts'
import { backoffMillis } from '#pipelines/kafka/backoff.ts'
import { kafkaFault, protocolErrorName } from '#pipelines/kafka/kafka-errors.ts'

const connection = {
  brokers: ['a:9092', 'b:9092'],
  tls: false,
  sasl: { mechanism: 'plain' as const, username: 'worker', password: 'secret' },
}

describe('faults of Kafka', () => {
  it('are told by their names, never by their texts', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1'), { code: 'ECONNREFUSED' })
    expect(kafkaFault(refused, connection)).toMatchObject({
      code: 'MOGO_KAFKA_UNREACHABLE',
      params: { brokers: 'a:9092, b:9092', detail: 'ECONNREFUSED' },
    })
    expect(kafkaFault(new TypeError('a value'), connection).message).not.toContain('a value')
    expect(kafkaFault('a value', connection)).toMatchObject({ params: { detail: 'no answer' } })
  })

  it('are a refused login wherever that lies', () => {
    const kafkajs = Object.assign(new Error('x'), { name: 'KafkaJSSASLAuthenticationError' })
    for (const cause of [kafkajs, new Error('retries', { cause: kafkajs }), new WireFault('LoginRefused')])
      expect(kafkaFault(cause, connection)).toMatchObject({
        code: 'MOGO_KAFKA_AUTH',
        params: { user: 'worker' },
      })
  })

  it('stay what they are if they are of the catalogue', () => {
    const fault = new MogoError('MOGO_NOT_RUNNING')
    expect(kafkaFault(fault, connection)).toBe(fault)
  })

  it('have names by their numbers', () => {
    expect([protocolErrorName(6), protocolErrorName(29999)]).toEqual([
      'NOT_LEADER_OR_FOLLOWER',
      'error 29999',
    ])
  })
})

describe('the way to a broker', () => {
  it.each([
    ['kafka:9092', { host: 'kafka', port: 9092 }],
    ['10.0.0.1:19092', { host: '10.0.0.1', port: 19092 }],
    ['[::1]:9092', { host: '::1', port: 9092 }],
  ])('is read from %s', (text, address) => {
    expect(parseBroker(text)).toEqual(address)
  })

  it('is tried again after pauses that grow up to a limit, and differ', () => {
    expect([0, 1, 2, 20].map((tries) => backoffMillis(tries, 1))).toEqual([100, 200, 400, 3000])
    expect([0, 20].map((tries) => backoffMillis(tries, 0))).toEqual([50, 1500])
  })
})
