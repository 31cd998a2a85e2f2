/** The byte path is the plain path, made faster: of what it takes every byte is the same, and it takes nearly all that is usual. */
import { describe, expect, test } from 'vitest'
import { BothPaths } from './support/both-paths.ts'
import { checkDrawn } from './support/draw.ts'
import { randomDataset, usualDataset } from './support/random-dataset.ts'
import { damaged, randomEnvelope, usualEnvelope } from './support/random-envelope.ts'
import { contractOrder, randomImage, randomOrder, usualImage } from './support/random-image.ts'

const RECORDS = 20

describe('a record that the byte path takes', () => {
  test('makes the row of the plain path, whatever the contract, the values and the envelope', () => {
    let taken = 0
    checkDrawn(150, 1, (draw) => {
      const dataset = randomDataset(draw)
      const paths = new BothPaths(dataset)
      let order = randomOrder(draw, dataset)
      for (let offset = 0; offset < RECORDS; offset++) {
        if (draw.chance(5)) order = randomOrder(draw, dataset)
        const envelope = randomEnvelope(draw, randomImage(draw, order), randomImage(draw, order))
        if (paths.take(Buffer.from(envelope), offset)) taken++
      }
    })
    expect(taken).toBeGreaterThan(300)
  })

  test('makes the row of the plain path, whatever happened to its bytes', () => {
    let taken = 0
    checkDrawn(200, 2, (draw) => {
      const dataset = draw.chance(50) ? usualDataset(draw) : randomDataset(draw)
      const paths = new BothPaths(dataset)
      const order = randomOrder(draw, dataset)
      const sound = Buffer.from(usualEnvelope(draw, usualImage(draw, order)))
      paths.take(sound, 0)
      for (let offset = 1; offset < RECORDS; offset++) if (paths.take(damaged(draw, sound), offset)) taken++
    })
    expect(taken).toBeGreaterThan(80)
  })
})

describe('usual records', () => {
  test('are taken by the byte path, ninety-nine in a hundred', () => {
    let taken = 0
    let records = 0
    checkDrawn(120, 3, (draw) => {
      const dataset = usualDataset(draw)
      const paths = new BothPaths(dataset)
      const order = draw.chance(50) ? draw.shuffled(contractOrder(dataset)) : contractOrder(dataset)
      for (let offset = 0; offset < RECORDS; offset++) {
        records++
        // Where the tenant is not in the key an update tells the row before it.
        const ops = dataset.tenantInKey ? ['c', 'u', 'r'] : ['c', 'r']
        if (paths.take(Buffer.from(usualEnvelope(draw, usualImage(draw, order), ops)), offset)) taken++
      }
    })
    expect(taken / records).toBeGreaterThanOrEqual(0.99)
  })
})
