/** `mogo login | logout`: who asks from here on, until they log out. */
import type { Command } from 'commander'
import { decodeJwt } from 'jose'
import colors from 'picocolors'
import { MogoError } from '#contracts/errors.ts'
import { discoverEndpoints } from '#ops/embedded/identity-client.ts'
import type { Project } from '#ops/runtime/load-config.ts'
import { type DeviceCode, deviceLogin } from '../device-login.ts'
import { findProject } from '../find-project.ts'
import { type Login, LoginFiles, type LoginName, loginFolder } from '../login-files.ts'
import { type LoginIssuer, loginIssuers } from '../login-token.ts'
import { postForm } from '../oauth-form.ts'
import { line, note } from '../output.ts'

/** Adds the commands. */
export function addLoginCommands(program: Command): void {
  program
    .command('login')
    .description(
      'Log in at the identity provider, in a browser; the commands that ask the API then do so as you',
    )
    .option('--issuer <name>', 'one of identity.issuers in mogo.yaml; default: the first issuer')
    .addHelpText(
      'after',
      `
A code is shown; it is typed at the address that is shown with it, on any device. The login is renewed without a word
until it ends or you log out. --as PERSON and MOGO_TOKEN go before it.

Examples:
  mogo login
  mogo login --issuer partners`,
    )
    .action(login)

  program
    .command('logout')
    .description('Give the login back, and forget it')
    .option('--issuer <name>', 'one of identity.issuers in mogo.yaml; default: the first issuer')
    .action(logout)
}

type Options = { readonly issuer?: string }

async function login(options: Options, command: Command): Promise<void> {
  const project = findProject(command.optsWithGlobals()['project'], process.cwd())
  const issuer = issuerOf(project, options.issuer)
  const tokens = await deviceLogin(issuer, sayCode)
  const now = Date.now()
  const { accessToken, expiresIn, refreshToken } = tokens
  new LoginFiles(loginFolder(process.env)).write({
    ...{ issuer: issuer.issuer, clientId: issuer.clientId, accessToken, loggedInAt: now },
    expiresAt: now + expiresIn * 1000,
    ...(refreshToken === undefined ? {} : { refreshToken }),
  })
  line(`Logged in${who(project, accessToken)}.`)
  if (refreshToken === undefined)
    note(colors.dim('The provider gives no refresh token: the login ends when its token does.'))
}

async function logout(options: Options, command: Command): Promise<void> {
  const project = findProject(command.optsWithGlobals()['project'], process.cwd())
  const issuer = issuerOf(project, options.issuer)
  const files = new LoginFiles(loginFolder(process.env))
  const isGone = await files.alone(issuer, async () => {
    const kept = files.read(issuer)
    if (kept) await giveBack(kept)
    return files.remove(issuer)
  })
  line(isGone ? 'Logged out.' : 'You were not logged in.')
}

/** RFC 7009. A provider that is away does not keep anybody logged in here. */
async function giveBack({ issuer, clientId, refreshToken }: Login): Promise<void> {
  if (refreshToken === undefined) return
  try {
    const { revocation } = await discoverEndpoints(issuer)
    if (revocation === undefined) return
    const form = { client_id: clientId, token: refreshToken, token_type_hint: 'refresh_token' }
    await postForm(issuer, revocation, form)
  } catch {
    note(colors.dim(`${issuer} could not be told; its refresh token ends by itself.`))
  }
}

/** @throws MogoError MOGO_NOT_RUNNING, MOGO_LOGIN_UNKNOWN, MOGO_LOGIN_NO_CLIENT */
function issuerOf(project: Project, name: string | undefined): LoginIssuer & LoginName {
  const issuers = loginIssuers(project)
  const found = issuers.find((candidate) => candidate.name === name)
  if (!found && name === undefined) throw new MogoError('MOGO_NOT_RUNNING')
  if (!found) {
    const known = issuers.flatMap((candidate) => candidate.name ?? []).join(', ') || 'none'
    throw new MogoError('MOGO_LOGIN_UNKNOWN', { name: name ?? '', known })
  }
  const { issuer, clientId } = found
  const path = name === undefined ? 'identity.clientId' : `identity.issuers, clientId of ${name}`
  if (clientId === undefined) throw new MogoError('MOGO_LOGIN_NO_CLIENT', { issuer, path })
  return { ...found, clientId }
}

function sayCode({ url, code, seconds }: DeviceCode): void {
  note(`Open   ${colors.bold(url)}`)
  note(`Type   ${colors.bold(code)}`)
  note(colors.dim(`within ${Math.round(seconds / 60)} minutes. Compare the code there; waiting …`))
}

/** What the token says, for the person to see; nothing is decided by it. */
function who(project: Project, token: string): string {
  try {
    const { tenant, roles } = project.config.identity.claims
    const claims = decodeJwt(token)
    const text = (value: unknown): string => String(value ?? '').replaceAll(/\p{C}/gu, '')
    const about = [
      ...(claims[tenant] === undefined ? [] : [`tenant ${text(claims[tenant])}`]),
      ...(Array.isArray(claims[roles]) ? [`roles ${text(claims[roles].join(', '))}`] : []),
    ].join('; ')
    return ` as ${text(claims.sub)}${about === '' ? '' : ` (${about})`}`
  } catch {
    return ''
  }
}
