/** Facts that cannot be: ports that no machine has, hosts without a name, people who left before they came, prices below zero. */
import { isRecord } from '../../model/raw-value.ts'
import { isoTime } from '../iso-date.ts'
import type { LintContext } from '../lint-rule.ts'

const LAST_PORT = 65_535
/** ISO 4217: three letters, as in EUR. */
const CURRENCY = /^[A-Z]{3}$/

/** See the header. */
export function facts({ contract, value, say }: LintContext): void {
  const document = isRecord(value) ? value : {}
  for (const [index, { raw }] of contract.servers.entries()) {
    const { port, host } = raw
    if (typeof port === 'number' && Number.isInteger(port) && (port < 1 || port > LAST_PORT))
      say(
        ['servers', index, 'port'],
        'CONTRACT_HOST',
        `no machine has such a port; ports are 1 to ${LAST_PORT}`,
      )
    if (typeof host === 'string' && host.trim() === '')
      say(['servers', index, 'host'], 'CONTRACT_HOST', 'the host is empty', { severity: 'warning' })
  }
  const team = document['team']
  const members: unknown = isRecord(team) ? team['members'] : team
  for (const [index, member] of (Array.isArray(members) ? members : []).entries()) {
    if (!isRecord(member)) continue
    const [came, left] = [timeOf(member['dateIn']), timeOf(member['dateOut'])]
    if (came !== undefined && left !== undefined && left < came)
      say(
        [...(isRecord(team) ? ['team', 'members'] : ['team']), index, 'dateOut'],
        'CONTRACT_TEAM',
        'dateOut is before dateIn',
        { severity: 'warning' },
      )
  }
  const price = isRecord(document['price']) ? document['price'] : {}
  if (typeof price['priceAmount'] === 'number' && price['priceAmount'] < 0)
    say(['price', 'priceAmount'], 'CONTRACT_PRICE', 'a price cannot be less than zero', {
      severity: 'warning',
    })
  const currency = price['priceCurrency']
  if (typeof currency === 'string' && !currency.includes('${') && !CURRENCY.test(currency))
    say(['price', 'priceCurrency'], 'CONTRACT_PRICE', 'priceCurrency is no code of ISO 4217', {
      severity: 'warning',
      expected: 'three letters, such as EUR or USD',
    })
}

function timeOf(value: unknown): number | undefined {
  return typeof value === 'string' ? isoTime(value) : undefined
}
