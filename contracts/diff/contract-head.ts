/** What belongs to the contract as a whole: identity, status, servers, owner, words. */
import type { Contract, ContractServer } from '../model/contract.ts'
import { sameValue } from './canonical-text.ts'
import type { Difference } from './change.ts'
import { reportTo, spotOf } from './report.ts'
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
  if (older.status !== newer.status) {
    // -1 for what is not withdrawn; retired is further gone than deprecated.
    const [was, is] = [
      WITHDRAWN.indexOf(older.status.toLowerCase()),
      WITHDRAWN.indexOf(newer.status.toLowerCase()),
    ]
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
  if (!sameValue([older.teamName, older.team], [newer.teamName, newer.team]))
    report('DIFF_METADATA_CHANGED', 'the team changed', ['team'])
  if (!sameValue(older.support, newer.support))
    report('DIFF_METADATA_CHANGED', 'support changed', ['support'])
  const about = ({ purpose, usage, limitations }: Contract): unknown => [purpose, usage, limitations]
  if (!sameValue(about(older), about(newer)))
    report('DIFF_DOCUMENTATION_CHANGED', 'purpose, usage or limitations changed', ['description'])
  diffDescribed(older, newer, report)
  diffServers(older, newer, list)
}

function diffServers(older: Contract, newer: Contract, list: Difference[]): void {
  const byName = (servers: readonly ContractServer[]): ReadonlyMap<string, number> =>
    new Map(servers.map(({ server }, index) => [server, index]))
  const [was, is] = [byName(older.servers), byName(newer.servers)]
  const alone = { dataset: null, column: null }
  for (const [name, index] of was) {
    const other = is.get(name)
    if (other === undefined)
      reportTo(list, { ...alone, olderPath: ['servers', index], newerPath: null, anchor: ['servers'] })(
        'DIFF_SERVER_REMOVED',
        `the server ${name} is gone`,
      )
    else if (!sameValue(older.servers[index]?.raw, newer.servers[other]?.raw))
      reportTo(list, spotOf(null, null, ['servers', index], ['servers', other]))(
        'DIFF_SERVER_CHANGED',
        `the server ${name} has other settings`,
      )
  }
  for (const [name, index] of is)
    if (!was.has(name))
      reportTo(list, {
        ...alone,
        olderPath: null,
        newerPath: ['servers', index],
        anchor: ['servers', index],
      })('DIFF_SERVER_ADDED', `the server ${name} is new`)
}
