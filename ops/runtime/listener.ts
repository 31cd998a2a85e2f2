/**
 * What a server listens with: HTTP, or TLS 1.3, and how long a request may take to arrive.
 *
 * A caller who sends a request byte by byte holds a connection; so head and body have times of their own, which are looked at every few
 * seconds. The time in which an answer streams is not limited here. Files of a certificate are read again when they change, for new
 * connections; a pair that cannot be used leaves the former one in place.
 */
import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createSecureContext } from 'node:tls'
import { MogoError } from '#contracts/errors.ts'
import { errorFields, type Logger } from './logger.ts'

/** Files of a certificate chain and its private key, PEM. */
export type TlsFiles = { readonly certFile: string; readonly keyFile: string }

/** How it listens. */
export type ListenerOptions = {
  readonly logger: Pick<Logger, 'info' | 'warn'>
  readonly tls?: TlsFiles | undefined
  /** Milliseconds for a whole request to arrive; a third of it for its head. */
  readonly arrivalMillis: number
  /** Milliseconds between looks at the files of the certificate; default 5,000. */
  readonly lookMillis?: number
}

const IDLE_MILLIS = 72_000
const LARGEST_HEAD = 16 * 1024

/** Makes it; it does not listen yet. @throws MogoError MOGO_TLS_FILES */
export function createListener(handler: RequestListener, options: ListenerOptions): Server {
  const { tls, arrivalMillis } = options
  const times = {
    requestTimeout: arrivalMillis,
    headersTimeout: Math.ceil(arrivalMillis / 3),
    connectionsCheckingInterval: Math.min(5_000, Math.ceil(arrivalMillis / 3)),
    keepAliveTimeout: IDLE_MILLIS,
    maxHeaderSize: LARGEST_HEAD,
  }
  if (!tls) return createServer(times, handler)
  return withTls(handler, times, tls, options)
}

function withTls(
  handler: RequestListener,
  times: object,
  files: TlsFiles,
  { logger, lookMillis = 5_000 }: ListenerOptions,
): Server {
  const read = () => {
    try {
      const pair = {
        cert: readFileSync(files.certFile),
        key: readFileSync(files.keyFile),
        minVersion: 'TLSv1.3',
      } as const
      // A key that is not the certificate's is told here, not to the first caller.
      createSecureContext(pair)
      return pair
    } catch (cause) {
      throw new MogoError('MOGO_TLS_FILES', files, { cause })
    }
  }
  const server = createTlsServer({ ...times, ...read() }, handler)
  const renew = () => {
    try {
      server.setSecureContext(read())
      logger.info('the certificate was read again')
    } catch (error) {
      logger.warn({ err: errorFields(error) }, 'the new certificate cannot be used; the former one stays')
    }
  }
  for (const file of [files.certFile, files.keyFile])
    watchFile(file, { persistent: false, interval: lookMillis }, renew)
  server.once('close', () => {
    for (const file of [files.certFile, files.keyFile]) unwatchFile(file, renew)
  })
  return server as Server
}
