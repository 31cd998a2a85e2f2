/** Commits that wait in a member of the group while the group goes on without it; with a kafkajs of our own, so that the moment can be chosen. */
import type { Consumer, Kafka, TopicPartitionOffsetAndMetadata } from 'kafkajs'
import { expect, it } from 'vitest'
import { createKafkaGroup } from '#pipelines/kafka/kafka-group.ts'

/** A consumer that notes its commits and answers them when told. */
function fakeKafka() {
  const listeners = new Map<string, (event: { payload: unknown }) => void>()
  const sent: string[][] = []
  const answers: (() => void)[] = []
  const emit = (name: string, payload: unknown = {}): void => listeners.get(name)?.({ payload })
  const consumer = {
    events: { GROUP_JOIN: 'join', COMMIT_OFFSETS: 'commit', CRASH: 'crash' },
    on: (name: string, listener: (event: { payload: unknown }) => void) => listeners.set(name, listener),
    pause: () => {},
    connect: async () => {},
    subscribe: async () => {},
    run: async () => emit('join', { memberAssignment: { t: [0, 1] } }),
    disconnect: async () => {},
    async commitOffsets(entries: readonly TopicPartitionOffsetAndMetadata[]) {
      sent.push(entries.map(({ partition, offset }) => `${partition}:${offset}`))
      await new Promise<void>((resolve) => answers.push(resolve))
      emit('commit')
    },
  }
  const kafka = { consumer: () => consumer as unknown as Consumer } as unknown as Kafka
  return { kafka, sent, answers, emit }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

it('does not send, in a later generation, what was to be committed in an earlier one', async () => {
  const { kafka, sent, answers, emit } = fakeKafka()
  const group = createKafkaGroup({
    kafka,
    groupId: 'g',
    joined: () => {},
    left: () => {},
    crashed: () => {},
  })
  const own = (partitions: readonly number[]) =>
    group.own(partitions.map((partition) => ({ topic: 't', partition })))
  const commit = (partition: number, offset: string) =>
    group.commit({ topic: 't', partition, offset, metadata: '' })
  await group.join(['t'])
  own([0, 1])
  const first = commit(0, '10')
  await turn()
  // These wait for the answer to the first, which comes when the group has gone on: lane 0 may be another member's, further on than this.
  const waiting = [commit(0, '20'), commit(1, '5')]
  emit('join', { memberAssignment: { t: [1] } })
  own([1])
  const later = commit(1, '3')
  answers[0]?.()
  await turn()
  answers[1]?.()
  expect(await Promise.all([first, ...waiting, later])).toEqual(['moved', 'refused', 'refused', 'kept'])
  expect(sent).toEqual([['0:10'], ['1:3']])
})
