/** How the processes of a project are started: what depends on the configuration alone. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ownProcess } from '#ops/cli/stack.ts'
import { loadProject } from '#ops/runtime/load-config.ts'

const dir = mkdtempSync(join(tmpdir(), 'mogo-stack-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const endpoints = {
  identity: { issuer: 'http://127.0.0.1:7001' },
  api: { url: 'http://127.0.0.1:7002', port: 7002 },
  worker: { port: 7003 },
  lineage: { url: 'http://127.0.0.1:7004', port: 7004 },
  operations: { port: 7005 },
}

describe.each([
  ['without TLS', '', 'http'],
  ['with TLS', 'api: { tls: { certFile: cert.pem, keyFile: key.pem } }', 'https'],
])('the query API %s', (_case, yaml, scheme) => {
  test('is looked after at its own scheme, the others at theirs', () => {
    writeFileSync(join(dir, 'mogo.yaml'), yaml)
    const project = loadProject(dir)
    const url = (name: Parameters<typeof ownProcess>[0]) =>
      ownProcess(name, project, endpoints).ready?.httpUrl
    expect(url('query-api')).toBe(`${scheme}://127.0.0.1:7002/healthz`)
    expect(url('worker')).toBe('http://127.0.0.1:7003/healthz')
    expect(url('lineage')).toBe('http://127.0.0.1:7004/healthz')
    expect(url('identity')).toBe('http://127.0.0.1:7001/.well-known/openid-configuration')
  })
})
