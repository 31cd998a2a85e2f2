import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isMogoError } from '#contracts/errors.ts'
import { checkDiskSpace, compareVersions, ensureDataFolder } from '#ops/embedded/data-folder.ts'
import { temporaryFolder } from './temporary-folder.ts'

const marker = { server: 'kafka', version: '4.3.1' }
const fresh = (): string => join(temporaryFolder('data'), 'kafka')
const writeOne = async (dir: string): Promise<void> => writeFileSync(join(dir, 'data'), 'whole')

describe('a data folder', () => {
  it('is filled once', async () => {
    const dir = fresh()
    await ensureDataFolder(dir, marker, writeOne)
    await ensureDataFolder(dir, marker, () => Promise.reject(new Error('filled again')))
    expect(readFileSync(join(dir, 'data'), 'utf8')).toBe('whole')
  })

  it('is not there when filling it was interrupted, and is filled anew the next time', async () => {
    const dir = fresh()
    const interrupted = ensureDataFolder(dir, marker, async (half) => {
      writeFileSync(join(half, 'data'), 'half')
      throw new Error('interrupted')
    })
    await expect(interrupted).rejects.toThrow('interrupted')
    expect(existsSync(dir)).toBe(false)
    await ensureDataFolder(dir, marker, writeOne)
    expect(readFileSync(join(dir, 'data'), 'utf8')).toBe('whole')
  })

  it('of a newer server is refused', async () => {
    const dir = fresh()
    await ensureDataFolder(dir, { ...marker, version: '4.10.0' }, writeOne)
    const error = await ensureDataFolder(dir, marker, writeOne).catch((e: unknown) => e)
    expect(isMogoError(error, 'MOGO_DATA_VERSION')).toBe(true)
    expect((error as Error).message).toContain('was written by version 4.10.0')
  })

  it('of an older server is taken over', async () => {
    const dir = fresh()
    await ensureDataFolder(dir, { ...marker, version: '4.2.9' }, writeOne)
    await ensureDataFolder(dir, marker, writeOne)
    expect(JSON.parse(readFileSync(join(dir, 'mogo.json'), 'utf8'))).toEqual(marker)
  })

  it.each([
    ['4.3.1', '4.3.1', 0],
    ['4.3.1', '4.10.0', -1],
    ['18', '17', 1],
    ['26.7.3-stable.1', '26.7.3-stable.2', 0],
    ['26.7', '26.7.1', -1],
  ])('compares the versions %s and %s', (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign)
  })
})

describe('the disk', () => {
  it('is enough for a little and not enough for more than there is', async () => {
    const dir = fresh()
    mkdirSync(dir)
    await checkDiskSpace(dir, 1)
    const error = await checkDiskSpace(dir, 10 ** 12).catch((e: unknown) => e)
    expect(isMogoError(error, 'MOGO_DISK_FULL')).toBe(true)
    expect((error as Error).message).toMatch(
      /^Only \d+ MB are free on the disk of .*; 1000000000000 MB are needed\.$/,
    )
  })
})
