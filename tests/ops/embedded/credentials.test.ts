import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isMogoError } from '#contracts/errors.ts'
import {
  ensureSecret,
  readSecret,
  secretPath,
  sha256Hex,
  writePrivateFile,
} from '#ops/embedded/credentials.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = (): string => join(temporaryFolder('secrets'), 'secrets')

describe('credentials', () => {
  it('makes a secret once and keeps it', () => {
    const dir = folder()
    const first = ensureSecret(dir, 'kafka.worker')
    expect(first).toMatch(/^[A-Za-z0-9_-]{32}$/)
    expect(ensureSecret(dir, 'kafka.worker')).toBe(first)
    expect(ensureSecret(dir, 'kafka.lineage')).not.toBe(first)
    expect(readdirSync(dir).sort()).toEqual(['kafka.lineage', 'kafka.worker'])
  })

  it('lets only the owner read a secret and look into the folder', () => {
    const dir = folder()
    ensureSecret(dir, 'clickhouse.admin')
    expect(statSync(secretPath(dir, 'clickhouse.admin')).mode & 0o777).toBe(0o600)
    expect(statSync(dir).mode & 0o777).toBe(0o700)
  })

  it('makes a new secret where a full disk left an empty file', () => {
    const dir = folder()
    ensureSecret(dir, 'connect.rest')
    writeFileSync(secretPath(dir, 'connect.rest'), '')
    expect(ensureSecret(dir, 'connect.rest')).toHaveLength(32)
  })

  it('names the file of a secret that is missing', () => {
    const dir = folder()
    let error: unknown
    try {
      readSecret(dir, 'postgres.superuser')
    } catch (e) {
      error = e
    }
    expect(isMogoError(error, 'MOGO_SECRET_MISSING')).toBe(true)
    expect((error as Error).message).toContain(join(dir, 'postgres.superuser'))
  })

  it('replaces a file that others could read by one that they cannot', () => {
    const file = join(temporaryFolder('secrets'), 'conf')
    writeFileSync(file, 'old', { mode: 0o644 })
    writePrivateFile(file, 'new')
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('hashes as ClickHouse does', () => {
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })
})
