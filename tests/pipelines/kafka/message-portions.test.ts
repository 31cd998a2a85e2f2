/** Messages in portions: in order, each within the limits, and none left out. */
import { expect, it } from 'vitest'
import { messagePortions } from '#pipelines/kafka/message-portions.ts'

const KIB = 1024
const sizes = (portions: readonly (readonly number[])[]) => portions.map((portion) => [...portion])
const portionsOf = (messages: readonly number[]) => messagePortions(messages, (bytes) => bytes)

it('fill up to the limit, and a larger message goes alone', () => {
  expect(portionsOf([])).toEqual([])
  expect(sizes(portionsOf([300 * KIB, 212 * KIB, 1, 600 * KIB, 2, 3]))).toEqual([
    [300 * KIB, 212 * KIB],
    [1],
    [600 * KIB],
    [2, 3],
  ])
})

it('have no more messages than a request should', () => {
  const portions = portionsOf(Array.from({ length: 1201 }, () => 1))
  expect(portions.map(({ length }) => length)).toEqual([500, 500, 201])
})
