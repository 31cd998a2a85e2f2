/**
 * Where data and credentials would be sent to, and credentials that stand in the contract. A contract is read by many and kept in version control,
 * and whoever follows it connects to the hosts that it names: a password has no place in it, and a host that is not what it seems
 * is said. Values are never part of a message.
 */
import type { DocumentPath } from '../../fault.ts'
import type { CustomProperty } from '../../model/contract.ts'
import { isRecord } from '../../model/raw-value.ts'
import { eachProperty, type LintContext } from '../lint-rule.ts'

/** Keys that hold a secret, their words joined by `_`. */
const SECRET_KEY =
  /(?:^|_)(?:pass_?word|passwd|pwd|pass_?phrase|secret|(?:secret|private|access|api|account)_?key|(?:auth|access|bearer|sas|api|refresh)_?token|connection_?string|credentials?)$/
const MAX_KEY = 100
/** Values under such a key that are none: they say where it is, or what kind. */
const NO_SECRET =
  /^(?:\$\{[^}]*\}$|\{\{[^}]*\}\}$|vault:|env:|file:|secret:|arn:|none$|null$|n\/a$|$)|\/secrets?\//i
const SECRET_PARAMETER =
  /[?&;](?:password|pwd|sig|x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential)|token|access_token|secret|api_?key)=[^&;\s$]/i
/** As much of a value as is looked at. */
const MAX_TEXT = 2_000
const URL_KEYS = ['location', 'endpointUrl', 'catalogUrl', 'stagingDir', 'host', 'path']
const PRODUCTION = /^(?:prod|production|live|prd)$/i

/** See the header. */
export function hosts(context: LintContext): void {
  const { contract, say } = context
  for (const [index, server] of contract.servers.entries()) {
    const path = ['servers', index]
    const isProduction = PRODUCTION.test(server.environment ?? '')
    for (const [key, value] of Object.entries(server.raw)) {
      if (typeof value !== 'string') continue
      secret(context, key, value, [...path, key])
      if (URL_KEYS.includes(key)) address(context, server.server, key, value, isProduction, [...path, key])
    }
  }
  const custom = (list: readonly CustomProperty[], path: DocumentPath): void => {
    for (const [index, { property, value }] of list.entries())
      secretsWithin(context, property, value, [...path, 'customProperties', index, 'value'], 0)
  }
  custom(contract.customProperties, [])
  for (const [index, server] of contract.servers.entries()) {
    const list = server.raw['customProperties']
    if (!Array.isArray(list)) continue
    for (const [place, one] of list.entries())
      if (isRecord(one) && typeof one['property'] === 'string')
        secretsWithin(
          context,
          one['property'],
          one['value'],
          ['servers', index, 'customProperties', place, 'value'],
          0,
        )
  }
  for (const [index, object] of contract.schema.entries()) custom(object.customProperties, ['schema', index])
  eachProperty(contract, (property, path) => custom(property.customProperties, path))
  for (const [index, channel] of contract.support.entries())
    if (channel.url !== undefined && holdsPassword(channel.url.slice(0, MAX_TEXT), false))
      say(['support', index, 'url'], 'CONTRACT_CREDENTIAL', 'a password stands in an address')
}

function secretsWithin(
  context: LintContext,
  key: string,
  value: unknown,
  path: DocumentPath,
  depth: number,
): void {
  if (typeof value === 'string') secret(context, key, value, path)
  if (depth > 5 || !isRecord(value)) return
  for (const [name, inner] of Object.entries(value))
    secretsWithin(context, name, inner, [...path, name], depth + 1)
}

function secret({ say }: LintContext, key: string, value: string, path: DocumentPath): void {
  const word = key
    .slice(0, MAX_KEY)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase()
  const head = value.slice(0, MAX_TEXT)
  const isSecret = SECRET_KEY.test(word) && !NO_SECRET.test(head.trim())
  if (isSecret || holdsPassword(head, key === 'host') || SECRET_PARAMETER.test(head))
    say(
      path,
      'CONTRACT_CREDENTIAL',
      isSecret
        ? `${key} looks like a credential; contracts are read by many`
        : `a password or token stands in the address at ${key}; contracts are read by many`,
      { suggestion: 'keep it in the store of secrets, and refer to it by a variable' },
    )
}

function address(
  { say }: LintContext,
  server: string,
  key: string,
  value: string,
  isProduction: boolean,
  path: DocumentPath,
): void {
  const warn = (message: string): void =>
    say(path, 'CONTRACT_HOST', `server ${server}: ${message}`, { severity: 'warning' })
  const host = hostOf(key, value)
  if (/^\s*(?:javascript|data|vbscript):/i.test(value)) warn(`${key} is no address that data can be at`)
  if (host === undefined) return
  if (key === 'host' && isNoHost(value) && !holdsPassword(value.slice(0, MAX_TEXT), true))
    say(
      path,
      'CONTRACT_HOST',
      `server ${server}: host holds what no name of a host has: a credential could be sent elsewhere`,
      {
        expected: 'a name or an address, with a port',
      },
    )
  if (/^[a-z][a-z0-9+.:-]*:\/\/[^/?#\s:@]+@/i.test(value))
    warn(`in ${key} a text stands before the host, and can be taken for it`)
  if (/^(?:\d+|0x[0-9a-f]+)$/.test(host)) warn(`${key} is an address written as a number`)
  if (isMetadata(host))
    warn(`${key} is an address of the machine's own metadata service, which gives out credentials`)
  else if (isLocal(host)) {
    if (isProduction) warn(`${key} is this machine itself, but the environment is production`)
  } else if (/^(?:http|ftp|ws):\/\//i.test(value))
    warn(`${key} is not encrypted; a credential would be sent in clear`)
  if (/[^\x20-\x7e]/.test(host) || /(?:^|\.)xn--/i.test(host))
    warn(`${key} holds letters that look like others`)
}

/** Do a user and a password stand before the host of an address, or of a bare host? */
function holdsPassword(value: string, isHost: boolean): boolean {
  const scheme = /^[a-z][a-z0-9+.:-]*:\/\//i.exec(value)?.[0]
  if (scheme === undefined && !isHost) return false
  const authority = /^[^/?#\s]*/.exec(value.slice(scheme?.length ?? 0))?.[0] ?? ''
  const user = authority.slice(0, Math.max(authority.lastIndexOf('@'), 0))
  return user.includes(':')
}

/** The host in a value, in lower case; undefined if there is none to look at. */
function hostOf(key: string, value: string): string | undefined {
  const authority = /^[a-z][a-z0-9+.:-]*:\/\/(?:[^/?#\s@]*@)?(\[[^\]]*\]|[^/?#:\s]*)/i.exec(value)?.[1]
  if (authority !== undefined) return authority.toLowerCase()
  if (key !== 'host' || value.includes('${')) return undefined
  // Kafka lists several, with ports.
  return (/^(\[[^\]]*\]|[^:,/\s]*)/.exec(value)?.[1] ?? '').toLowerCase()
}

/** One or several hosts with ports; an instance behind a backslash is SQL Server's. Letters of other scripts are said elsewhere. */
const HOSTS =
  /^(?:(?:^|,\s*)(?:\[[0-9a-f:.%]+\]|[\p{L}\p{N}_](?:[\p{L}\p{N}_.-]*[\p{L}\p{N}_])?\.?)(?:\\[\w$]+)?(?::\d{1,5})?)+$/iu

/** A host as such, without a scheme: has it characters that end a host, or begin another one? */
function isNoHost(value: string): boolean {
  const text = value.replaceAll(/\$\{[^}]*\}/g, 'x').trim()
  return text !== '' && !/^[a-z][a-z0-9+.:-]*:\/\//i.test(text) && !HOSTS.test(text)
}

function isLocal(host: string): boolean {
  return /^(?:localhost|.*\.localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\])$/.test(host)
}

function isMetadata(host: string): boolean {
  return /^(?:169\.254\.\d+\.\d+|metadata(?:\.google\.internal)?|instance-data|100\.100\.100\.200|\[fe80:.*\]|\[fd00:ec2::254\]|2852039166|0xa9fea9fe)$/.test(
    host,
  )
}
