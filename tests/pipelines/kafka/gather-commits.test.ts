import { describe, expect, it } from 'vitest'
import { gatherCommits } from '#pipelines/kafka/gather-commits.ts'

describe('commits of all lanes', () => {
  it('go out together, one request at a time, in order', async () => {
    const requests: string[][] = []
    const answers: (() => void)[] = []
    const commit = gatherCommits<string>((entries) => {
      requests.push([...entries])
      return new Promise((resolve) => answers.push(resolve))
    })
    const first = [commit('a1'), commit('b1')]
    await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setImmediate(resolve))
    const second = [commit('a2'), commit('c1')]
    expect(requests).toEqual([['a1', 'b1']])
    answers[0]?.()
    await Promise.all(first)
    await new Promise((resolve) => setImmediate(resolve))
    expect(requests).toEqual([
      ['a1', 'b1'],
      ['a2', 'c1'],
    ])
    answers[1]?.()
    await Promise.all(second)
  })

  it('fail together with their request, and the next ones are tried anew', async () => {
    let fail = true
    const commit = gatherCommits<string>(async () => {
      if (fail) throw new Error('gone')
    })
    const both = await Promise.allSettled([commit('a1'), commit('b1')])
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    fail = false
    await expect(commit('a1')).resolves.toBeUndefined()
  })
})
