/**
 * The login itself, in the middle of a device flow: user name and the person's secret, by a form on loopback.
 *
 * - The form is believed only with the cookie of this login, which the provider has set for this very path, with a proof that stands in our page alone,
 *   and, where the browser says where a form comes from, from ourselves.
 * - Guesses are bounded, per name and in all; a name that nobody has is treated alike, and takes as long.
 * - The names and secrets that were typed never reach the log: people type a secret into the wrong field.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type Provider from 'oidc-provider'
import type { Logger } from '#ops/runtime/logger.ts'
import { GuessLimit } from './guess-limit.ts'
import { loginPage, messagePage, PAGE_HEADERS } from './identity-pages.ts'

/** Beginning of the login's path; the login's id follows. */
export const LOGIN_PATH = '/interaction/'

/** What the login is made of. */
export type IdentityLoginOptions = {
  readonly provider: Provider
  readonly issuer: string
  /** Secret of a person; undefined if there is no such person. */
  readonly secretOf: (username: string) => string | undefined
  readonly logger: Logger
  readonly now?: () => number
}

const MINUTES = 60_000
const PER_NAME = { most: 5, millis: 5 * MINUTES }
const IN_ALL = { most: 30, millis: 5 * MINUTES }
const LARGEST_FORM = 4096
const SPENT = 'Too many wrong secrets. Wait five minutes, and try again.'
const ENDED = 'This login has ended, or belongs to another browser. Begin again: mogo login.'

/** Makes the handler of requests to {@link LOGIN_PATH}. */
export function createIdentityLogin(options: IdentityLoginOptions) {
  const { provider, issuer, secretOf, logger, now } = options
  const perName = new GuessLimit(PER_NAME, now)
  const inAll = new GuessLimit(IN_ALL, now)
  const proofKey = randomBytes(32)
  const nobody = randomBytes(32).toString('base64url')

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const login = await provider.interactionDetails(request, response).catch(() => undefined)
    if (!login) return send(response, 400, messagePage('This login has ended', ENDED))
    const proof = createHmac('sha256', proofKey).update(login.uid).digest('base64url')
    const form = { action: `${LOGIN_PATH}${login.uid}`, proof }
    const device =
      login.deviceCode === undefined ? undefined : await provider.DeviceCode.find(login.deviceCode)
    const show = (status: number, fault?: string): void =>
      send(response, status, loginPage(form, codeText(device?.userCode ?? ''), fault))
    if (request.method === 'GET') return show(200)
    if (request.method !== 'POST') return send(response, 405, messagePage('Not so', 'Only GET and POST.'))

    const typed = isFromUs(request, issuer) ? await readForm(request) : undefined
    if (!typed || !isSame(typed.get('proof') ?? '', proof))
      return send(response, 403, messagePage('Not from here', 'The form does not come from this page.'))
    if (typed.has('abort')) {
      logger.info({ reason: 'stopped by the person' }, 'login refused')
      const result = { error: 'access_denied', error_description: 'stopped by the person' }
      return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false })
    }
    const username = typed.get('username') ?? ''
    if (perName.isSpent(username) || inAll.isSpent()) {
      logger.warn({ reason: 'too many guesses' }, 'login refused')
      return show(429, SPENT)
    }
    const secret = secretOf(username)
    if (!isSame(typed.get('secret') ?? '', secret ?? nobody) || secret === undefined) {
      perName.count(username)
      inAll.count()
      logger.info({ reason: 'wrong name or secret' }, 'login refused')
      return show(401, 'This is no user name with its secret.')
    }
    logger.info({ client: login.params['client_id'] }, 'logged in')
    const result = { login: { accountId: username, remember: false } }
    return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false })
  }
}

/** Sends a page. */
export function send(response: ServerResponse, status: number, page: string): void {
  response.writeHead(status, { ...PAGE_HEADERS, 'content-type': 'text/html; charset=utf-8' }).end(page)
}

/** A user code as the command line shows it. */
function codeText(code: string): string {
  return code.length === 8 ? `${code.slice(0, 4)}-${code.slice(4)}` : code
}

/** Browsers say where a form comes from; whatever says nothing has the cookie and the proof to show. */
function isFromUs({ headers }: IncomingMessage, issuer: string): boolean {
  const site = headers['sec-fetch-site']
  return (
    (headers.origin === undefined || headers.origin === issuer) &&
    (site === undefined || site === 'same-origin')
  )
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  let text = ''
  for await (const chunk of request) {
    text += String(chunk)
    if (text.length > LARGEST_FORM) return undefined
  }
  return new URLSearchParams(text)
}

/** Takes the same time whatever differs. */
function isSame(one: string, other: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(one), hash(other))
}
