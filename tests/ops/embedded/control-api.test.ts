import { afterEach, describe, expect, it } from 'vitest'
import { MogoError } from '#contracts/errors.ts'
import type { RenderedScope } from '#ops/embedded/clickhouse-config.ts'
import { type ControlApi, startControlApi } from '#ops/embedded/control-api.ts'

const open: ControlApi[] = []
afterEach(() => Promise.all(open.splice(0).map((api) => api.close())))

async function start() {
  const calls: unknown[] = []
  const api = await startControlApi({
    status: () => ({ processes: [] }),
    stop: () => void calls.push('stop'),
    restart: async (name) => {
      if (name === 'nothing') throw new MogoError('MOGO_USAGE', { detail: 'There is no process nothing.' })
      if (name === 'broken') throw new Error('secret value')
      calls.push(`restart ${name}`)
    },
    putScopes: async (scopes: readonly RenderedScope[]) => {
      calls.push(scopes)
      return { changed: true }
    },
  })
  open.push(api)
  const ask = async (method: string, path: string, body?: unknown, token = api.token) => {
    const answer = await fetch(`${api.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }
  return { api, ask, calls }
}

const scope: RenderedScope = {
  name: 'scope_1',
  passwordSha256: 'c'.repeat(64),
  grants: ['GRANT SELECT(a) ON analytics.orders'],
  rowFilters: [{ database: 'analytics', table: 'orders', filter: '1' }],
}

describe('the control API', () => {
  it('listens on the loopback address only', async () => {
    const { api } = await start()
    expect(new URL(api.url).hostname).toBe('127.0.0.1')
  })

  it('does nothing without its token', async () => {
    const { ask, calls, api } = await start()
    expect((await ask('POST', '/stop', undefined, 'wrong')).status).toBe(401)
    expect((await ask('POST', '/stop', undefined, `${api.token}x`)).status).toBe(401)
    expect((await fetch(`${api.url}/status`)).status).toBe(401)
    expect(calls).toEqual([])
  })

  it('tells the status, restarts a process, takes scopes, stops', async () => {
    const { ask, calls } = await start()
    expect(await ask('GET', '/status')).toEqual({ status: 200, body: { processes: [] } })
    expect(await ask('POST', '/restart/query-api')).toEqual({ status: 200, body: { restarted: 'query-api' } })
    expect(await ask('PUT', '/scopes', { scopes: [scope] })).toEqual({ status: 200, body: { changed: true } })
    expect((await ask('POST', '/stop')).status).toBe(202)
    expect(calls).toEqual(['restart query-api', [scope], 'stop'])
  })

  it.each([
    ['no JSON', '{'],
    ['no list', {}],
    ['a name that is none', { scopes: [{ ...scope, name: 'a b' }] }],
    ['a password in clear', { scopes: [{ ...scope, passwordSha256: 'secret' }] }],
    ['a statement that grants nothing', { scopes: [{ ...scope, grants: ['DROP TABLE x'] }] }],
    [
      'an empty row filter',
      { scopes: [{ ...scope, rowFilters: [{ database: 'a', table: 'b', filter: '' }] }] },
    ],
  ])('refuses scopes with %s', async (_case, body) => {
    const { ask, calls } = await start()
    const answer = await ask('PUT', '/scopes', body)
    expect(answer.status).toBe(400)
    expect(answer.body['code']).toBe('MOGO_REQUEST_INVALID')
    expect(calls).toEqual([])
  })

  it('answers with the code of a fault, and with no text of an unknown one', async () => {
    const { ask } = await start()
    expect(await ask('POST', '/restart/nothing')).toMatchObject({ status: 400, body: { code: 'MOGO_USAGE' } })
    expect(await ask('POST', '/restart/broken')).toEqual({ status: 500, body: { code: 'MOGO_INTERNAL' } })
    expect((await ask('GET', '/nowhere')).status).toBe(404)
  })
})
