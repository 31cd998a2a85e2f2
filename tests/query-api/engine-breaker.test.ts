/** An engine that is away: after many faults in a row nobody waits for it, and everybody is told when to come back. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { problemHeaders, problemOf } from '#ops/runtime/problem.ts'
import { createClickHouseEngine } from '#query-api/engine/clickhouse-http.ts'

test('is asked no more for a second, which is a 503 with Retry-After', async () => {
  let asked = 0
  const server = createServer((socket) => {
    asked++
    socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const engine = createClickHouseEngine({ url: `http://127.0.0.1:${port}` })
  const ask = () => engine.text({ username: 'x', password: 'y' }, { sql: 'SELECT 1', format: 'TSV' })
  try {
    const answers = await Promise.allSettled(Array.from({ length: 60 }, ask))
    for (const answer of answers) {
      if (answer.status === 'fulfilled') throw new Error('there is no engine')
      const problem = problemOf(answer.reason, 'urn:uuid:1')
      expect(problem.status).toBe(503)
      expect(problemHeaders(problem)).toEqual({ 'retry-after': '1' })
    }
    const before = asked
    const begun = performance.now()
    await expect(ask()).rejects.toMatchObject({ code: 'MOGO_UNAVAILABLE' })
    expect(asked).toBe(before)
    expect(performance.now() - begun).toBeLessThan(500)
  } finally {
    engine.close()
    server.close()
  }
})
