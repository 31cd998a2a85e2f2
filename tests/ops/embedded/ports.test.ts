import { createServer, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { isMogoError } from '#contracts/errors.ts'
import { choosePort, isPortFree } from '#ops/embedded/ports.ts'

const open: Server[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await new Promise((resolve) => server.close(resolve))
})

async function takenPort(): Promise<number> {
  const server = createServer()
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

const request = { server: 'postgres', path: 'postgres.port' }

describe('ports', () => {
  it('tells a taken port from a free one', async () => {
    const port = await takenPort()
    expect(await isPortFree(port)).toBe(false)
    const server = open.pop()
    await new Promise((resolve) => server?.close(resolve))
    expect(await isPortFree(port)).toBe(true)
  })

  it('refuses a wanted port that is taken, and names it', async () => {
    const wanted = await takenPort()
    const error = await choosePort({ ...request, wanted, given: new Set() }).catch((e: unknown) => e)
    expect(isMogoError(error, 'MOGO_PORT_TAKEN')).toBe(true)
    expect((error as Error).message).toBe(`Port ${wanted} for postgres is taken by another process.`)
  })

  it('refuses a wanted port that was given to another server of the project', async () => {
    const wanted = await choosePort({ ...request, given: new Set() })
    const error = await choosePort({ ...request, wanted, given: new Set([wanted]) }).catch((e: unknown) => e)
    expect(isMogoError(error, 'MOGO_PORT_TAKEN')).toBe(true)
  })

  it('takes the port of the last run again if it is free, and another if it is not', async () => {
    const remembered = await choosePort({ ...request, given: new Set() })
    expect(await choosePort({ ...request, remembered, given: new Set() })).toBe(remembered)
    const taken = await takenPort()
    expect(await choosePort({ ...request, remembered: taken, given: new Set() })).not.toBe(taken)
  })

  it('finds free ports below those of outgoing connections, each one only once', async () => {
    const given = new Set<number>()
    const ports = await Promise.all(Array.from({ length: 20 }, () => choosePort({ ...request, given })))
    expect(ports.every((port) => port >= 20_000 && port < 32_768)).toBe(true)
    expect(given).toEqual(new Set(ports))
  })
})
