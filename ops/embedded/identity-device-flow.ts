/** The device authorization grant (RFC 8628) of the embedded identity provider: its client, its pages, its limits. */
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import { GuessLimit } from './guess-limit.ts'
import { LOGIN_PATH } from './identity-login.ts'
import { codePage, confirmPage, messagePage } from './identity-pages.ts'

/**
 * The client of the command line: public, since what is installed everywhere keeps no secret. No person can be called like it.
 */
export const CLI_CLIENT_ID = 'mogo:cli'

/** Where the code is typed. */
export const DEVICE_PATH = '/device'

/** Time for the whole login, seconds. */
export const LOGIN_SECONDS = 10 * 60
/** Time after which one logs in again, however often tokens were refreshed, seconds. */
export const GRANT_SECONDS = 14 * 24 * 60 * 60

/** 20^8 codes, of which few are valid at a time: with so many guesses one is hit in thousands of years. */
const CODE_GUESSES = { most: 20, millis: 5 * 60_000 }

/** Its client. */
export const CLI_CLIENT: NonNullable<Configuration['clients']>[number] = {
  client_id: CLI_CLIENT_ID,
  client_name: 'the command line (mogo)',
  token_endpoint_auth_method: 'none',
  grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
  response_types: [],
  redirect_uris: [],
}

/** Guesses of device codes. */
export function createCodeGuesses(now?: () => number): GuessLimit {
  return new GuessLimit(CODE_GUESSES, now)
}

/** The pages, as the provider wants them. */
export function deviceFlow(
  guesses: GuessLimit,
): NonNullable<NonNullable<Configuration['features']>['deviceFlow']> {
  const formOf = (context: KoaContextWithOIDC) => ({
    action: context.oidc.urlFor('code_verification'),
    proof: (context.oidc.session?.state as { secret?: string } | undefined)?.secret ?? '',
  })
  return {
    enabled: true,
    charset: 'base-20',
    mask: '****-****',
    async userCodeInputSource(context, _form, _out, error) {
      if (error?.name === 'NotFoundError') guesses.count()
      context.type = 'html'
      context.body = codePage(formOf(context), error && faultText(error.name))
    },
    async userCodeConfirmSource(context, _form, _client, _device, code) {
      context.type = 'html'
      context.body = confirmPage(formOf(context), code)
    },
    async successSource(context) {
      context.type = 'html'
      context.body = messagePage('Logged in', 'Go back to your command line. This page can be closed.')
    },
  }
}

/** Where a person logs in. */
export function loginUrl(uid: string): string {
  return `${LOGIN_PATH}${uid}`
}

function faultText(name: string): string {
  return FAULTS[name] ?? 'That did not work. Begin again: mogo login.'
}

const FAULTS: Readonly<Record<string, string>> = {
  NoCodeError: 'Type the code that your command line shows.',
  NotFoundError: 'There is no such code. Compare it with what your command line shows.',
  ExpiredError: 'The code has expired. Begin again: mogo login.',
  AlreadyUsedError: 'The code was used already. Begin again: mogo login.',
  AbortedError: 'Stopped: nobody was logged in.',
}
