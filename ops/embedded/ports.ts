/**
 * Ports of the embedded servers: a wanted one is checked, a free one is found.
 *
 * Free ports are taken from 20000 to 31999, below the range from which Linux gives ports to outgoing connections (32768 and
 * up): asking the system for "any port" gives one of that range, which a client's connection may take before the server does.
 * The port that a server had last time is tried first, so that addresses stay the same from run to run.
 */

import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { MogoError } from '#contracts/errors.ts'

const LOWEST = 20_000
const HIGHEST = 32_000
const TRIES = 50

/** Resolves to true if nothing listens on that port of the loopback address. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)))
  })
}

/** What is asked of {@link choosePort}. */
export type PortRequest = {
  /** The server, for the error. */
  readonly server: string
  /** A port that must be had, or undefined for any free one. */
  readonly wanted?: number | undefined
  /** The port of the last run: taken again if it is free. */
  readonly remembered?: number | undefined
  /** Where the port is set in mogo.yaml, for the error. */
  readonly path: string
  /** Ports already given to others. */
  readonly given: Set<number>
}

/**
 * Chooses a port and notes it in `given`.
 *
 * @throws MogoError MOGO_PORT_TAKEN if a wanted port is in use.
 */
export async function choosePort(request: PortRequest): Promise<number> {
  const { wanted, remembered, given } = request
  const usable = async (port: number): Promise<boolean> => !given.has(port) && (await isPortFree(port))
  if (wanted !== undefined) {
    if (!(await usable(wanted))) throw portTaken(request.server, wanted, request.path)
    given.add(wanted)
    return wanted
  }
  for (let i = 0; i < TRIES; i++) {
    const port = i === 0 && remembered !== undefined ? remembered : randomInt(LOWEST, HIGHEST)
    if (await usable(port)) {
      given.add(port)
      return port
    }
  }
  throw portTaken(request.server, LOWEST, request.path)
}

/** The error for a port that another process has. */
export function portTaken(server: string, port: number, path: string): MogoError {
  return new MogoError('MOGO_PORT_TAKEN', { server, port, path })
}
