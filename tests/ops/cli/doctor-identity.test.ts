/** What `mogo doctor` says of the issuers whose tokens are believed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkIssuers } from '#ops/cli/doctor-identity.ts'
import { loadProject } from '#ops/runtime/load-config.ts'
import { resolveSettings } from '#ops/runtime/settings.ts'

const dir = mkdtempSync(join(tmpdir(), 'mogo-doctor-'))
let server: Server
let base = ''
beforeAll(async () => {
  server = createServer((request, response) => {
    // Under /other it calls itself differently.
    const issuer = request.url?.startsWith('/other') ? 'https://elsewhere' : base
    response.end(
      JSON.stringify(request.url === '/jwks' ? { keys: [] } : { issuer, jwks_uri: `${base}/jwks` }),
    )
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await new Promise((done) => server.close(done))
  rmSync(dir, { recursive: true, force: true })
})

const check = (further: string) => {
  writeFileSync(join(dir, 'mogo.yaml'), `identity: { issuer: "${base}", issuers: [${further}] }\n`)
  return checkIssuers(resolveSettings(loadProject(dir)))
}

test('issuers that answer are named', async () => {
  expect(await check('')).toEqual({ state: 'ok', detail: `keys of ${base}` })
})

test('each one that does not is named with the reason', async () => {
  const result = await check(
    `{ name: a, issuer: "http://127.0.0.1:9", tenant: a }, { name: b, issuer: "${base}/other", tenant: b }`,
  )
  expect(result).toMatchObject({
    state: 'fault',
    detail: `http://127.0.0.1:9: no connection for discovery; ${base}/other: discovery names another issuer`,
    remedy: expect.stringContaining('identity in mogo.yaml'),
  })
})
