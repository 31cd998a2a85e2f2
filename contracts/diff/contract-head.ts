/** What belongs to the contract as a whole: identity, status, servers, owner, words. */
import type { Contract } from '../model/contract.ts'
import { isRecord, type Raw } from '../model/raw-value.ts'
import { canonicalText, orderlessText, sameItems, sameValue } from './canonical-text.ts'
import type { Difference } from './change.ts'
import { pairByKeys } from './pair-by-keys.ts'
import { reportTo, spotOf } from './report.ts'
import { CONTRACT_KEYS, diffUnknownKeys, restOf } from './unknown-keys.ts'
import { diffDescribed } from './words.ts'

const WITHDRAWN: readonly string[] = ['deprecated', 'retired']

/** Compares the heads of two contracts. Versions are judged when the rest is known. */
export function diffHead(older: Contract, newer: Contract, list: Difference[]): void {
  const report = reportTo(list, spotOf(null, null, [], []))
  if (older.id !== newer.id) report('DIFF_CONTRACT_ID_CHANGED', 'the id is another one', ['id'])
  if (older.apiVersion !== newer.apiVersion)
    report('DIFF_API_VERSION_CHANGED', `apiVersion: ${older.apiVersion} -> ${newer.apiVersion}`, [
      'apiVersion',
    ])
  if (plain(older.status) !== plain(newer.status)) {
    // -1 for what is not withdrawn; retired is further gone than deprecated.
    const [was, is] = [WITHDRAWN.indexOf(plain(older.status)), WITHDRAWN.indexOf(plain(newer.status))]
    const code = is > was ? 'DIFF_STATUS_WITHDRAWN' : is < was ? 'DIFF_STATUS_REVIVED' : 'DIFF_STATUS_CHANGED'
    report(code, `status: ${older.status} -> ${newer.status}`, ['status'])
  }
  const metadata = (contract: Contract): unknown => [
    contract.kind,
    contract.name,
    contract.tenant,
    contract.domain,
    contract.dataProduct,
    contract.contractCreatedTs,
  ]
  if (!sameValue(metadata(older), metadata(newer)))
    report('DIFF_METADATA_CHANGED', 'name, tenant, domain or data product changed')
  if (!sameValue(teamOf(older), teamOf(newer))) report('DIFF_METADATA_CHANGED', 'the team changed', ['team'])
  if (!sameItems(older.raw['support'], newer.raw['support']))
    report('DIFF_METADATA_CHANGED', 'support changed', ['support'])
  for (const key of ['price', 'context'])
    if (!sameValue(older.raw[key], newer.raw[key])) report('DIFF_METADATA_CHANGED', `${key} changed`, [key])
  if (!sameValue(aboutOf(older), aboutOf(newer)))
    report('DIFF_DOCUMENTATION_CHANGED', 'purpose, usage or limitations changed', ['description'])
  diffDescribed(older, newer, 'contract', report)
  diffUnknownKeys(older.raw, newer.raw, CONTRACT_KEYS, report)
  diffServers(older, newer, list)
}

function plain(status: string): string {
  return status.trim().toLowerCase()
}

/** The team: in version 3.0 of the standard, the list of its members. Their order says nothing. */
function teamOf({ raw: { team } }: Contract): unknown {
  const { members, ...rest }: Raw = isRecord(team) ? team : { members: team }
  const list = Array.isArray(members) ? members.map((member: unknown) => canonicalText(member)).sort() : []
  return [list, restOf(rest, new Set())]
}

function aboutOf({ raw: { description } }: Contract): Raw {
  return isRecord(description) ? restOf(description, new Set()) : {}
}

function diffServers(older: Contract, newer: Contract, list: Difference[]): void {
  const placed = ({ servers }: Contract) => servers.map((server, index) => ({ server, index }))
  const { pairs, removed, added } = pairByKeys(placed(older), placed(newer), [
    // Names may stand twice: what did not change is itself.
    ({ server }) => orderlessText(server.raw),
    ({ server }) => server.server,
  ])
  const alone = { dataset: null, column: null }
  for (const { server, index } of removed)
    reportTo(list, { ...alone, olderPath: ['servers', index], newerPath: null, anchor: ['servers'] })(
      'DIFF_SERVER_REMOVED',
      `the server ${server.server} is gone`,
    )
  for (const [was, is] of pairs)
    if (!sameValue(was.server.raw, is.server.raw))
      reportTo(list, spotOf(null, null, ['servers', was.index], ['servers', is.index]))(
        'DIFF_SERVER_CHANGED',
        `the server ${is.server.server} has other settings`,
      )
  for (const { server, index } of added)
    reportTo(list, {
      ...alone,
      olderPath: null,
      newerPath: ['servers', index],
      anchor: ['servers', index],
    })('DIFF_SERVER_ADDED', `the server ${server.server} is new`)
}
