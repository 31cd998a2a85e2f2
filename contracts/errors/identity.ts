/** Signing in: API keys, and the login of the command line. */
import { type ErrorEntry, entry } from './error-entry.ts'

/** See the header; `errors.ts` has all of them. */
export const IDENTITY_ERRORS = {
  MOGO_KEY_MALFORMED: entry(
    'rejected',
    401,
    'This is no API key: a character is missing or changed.',
    'Copy the whole key: it begins with mogo_ and has 67 characters.',
  ),
  MOGO_KEY_REFUSED: entry(
    'rejected',
    401,
    'There is no such API key.',
    'Check that the key is one of this project; `mogo keys ls` lists those of your tenant.',
  ),
  MOGO_KEY_EXPIRED: entry(
    'rejected',
    401,
    'The API key {key} has expired.',
    'Make a new one: `mogo keys create`.',
  ),
  MOGO_KEY_REVOKED: entry(
    'rejected',
    401,
    'The API key {key} was revoked.',
    'Ask whoever works on API keys in your tenant for a new one.',
  ),
  MOGO_KEY_NOT_HERE: entry(
    'rejected',
    403,
    'API keys are not taken at {what}.',
    'Use an access token of a person: `mogo token`, `mogo login`.',
  ),
  MOGO_KEYS_FORBIDDEN: entry(
    'rejected',
    403,
    'None of your roles ({roles}) may work on API keys.',
    'Ask somebody with one of the roles: {allowed} (api.keyRoles in mogo.yaml).',
  ),
  MOGO_KEY_ROLES: entry(
    'rejected',
    403,
    'A key may have only roles that you have yourself; the others are: {others}.',
    'Name roles among yours: {roles}.',
  ),
  MOGO_KEY_UNKNOWN: entry(
    'rejected',
    404,
    'There is no API key {key} in your tenant.',
    'GET /v1/keys lists them.',
  ),
  MOGO_KEY_LIFETIME: entry(
    'rejected',
    400,
    'A key may live for {most} days at most.',
    'Ask for fewer days, and make a new key before it ends.',
  ),
  MOGO_KEYS_TOO_MANY: entry(
    'rejected',
    422,
    'Your tenant has {most} API keys, ended ones among them; more are not kept.',
    'Use fewer keys, with shorter lives: one that has expired is forgotten {days} days after its end.',
  ),
  MOGO_KEYS_UNAVAILABLE: entry(
    'retriable',
    503,
    'API keys cannot be checked at the moment: what was revoked is not known.',
    'Try again in a moment, or use an access token; `mogo doctor` looks at Kafka.',
  ),
  MOGO_LOGIN_NO_CLIENT: entry(
    'rejected',
    400,
    'It is not said which client logs in at {issuer}.',
    'Register a public client with the device authorization grant there, and name it in mogo.yaml: {path}.',
  ),
  MOGO_LOGIN_UNSUPPORTED: entry(
    'rejected',
    400,
    'The identity provider {issuer} offers no login by device code (RFC 8628).',
    'Turn the device authorization grant on there, or put a token into MOGO_TOKEN.',
  ),
  MOGO_LOGIN_REFUSED: entry(
    'rejected',
    401,
    'The identity provider {issuer} refuses the login ({reason}).',
    'Check the client in mogo.yaml: it must be public, and have the grants device_code and refresh_token.',
  ),
  MOGO_LOGIN_STOPPED: entry(
    'rejected',
    403,
    'The login at {issuer} was stopped in the browser.',
    'Run `mogo login` again, and confirm the code.',
  ),
  MOGO_LOGIN_LATE: entry(
    'rejected',
    401,
    'Nobody typed the code at {issuer} in time.',
    'Run `mogo login` again; the new code has to be typed within its time.',
  ),
  MOGO_LOGIN_EXPIRED: entry(
    'rejected',
    401,
    'Your login at {issuer} has ended.',
    'Log in again with `mogo login`, or forget it with `mogo logout`.',
  ),
  MOGO_LOGIN_UNKNOWN: entry(
    'rejected',
    404,
    'There is no issuer {name} in mogo.yaml.',
    'Those that there are: {known}; without --issuer it is the first.',
  ),
  MOGO_LOGIN_LOCKED: entry(
    'retriable',
    503,
    'Another command is renewing the login, and does not come to an end.',
    'Try again; if no other command runs, remove {file}.',
  ),
} as const satisfies Record<string, ErrorEntry>
