/** Rows of `support_tickets`. */
import { arrayText, type CopyRow } from './copy-text.ts'
import { createPersonOf, joinedAt, type Person } from './people-rows.ts'
import { createRandom, mixSeed, type Random } from './random.ts'
import { addressText, longText, timestampText } from './text-values.ts'
import { HISTORY_END, KIND, type World } from './world.ts'

const TOPICS = ['delivery', 'payment', 'return', 'product', 'account', 'other'] as const

/** The same address as people type it: in capitals or with a space, so that it has to be normalized before it joins. */
function typed(email: string, random: Random): string {
  const draw = random.next()
  if (draw < 0.1) return email.toUpperCase()
  return draw < 0.15 ? ` ${email} ` : email
}

/** A ticket's values from `contact_email` on; the tenant, the number and the customer stand before them. */
export function ticketValues(
  world: Pick<World, 'pools'>,
  person: Person,
  openedAt: number,
  status: string,
  random: Random,
): CopyRow {
  const topic = random.pick(TOPICS)
  const closed = status === 'solved' || status === 'closed'
  const closedAt = openedAt + random.int(600_000, 5 * 86_400_000)
  const greeting = `Hello, this is ${person.fullName} (${person.email}).\n\t"C:\\orders\\${random.hex(6)}"\n`
  const length = random.chance(0.12) ? random.int(130, 170) : random.int(2, 12)
  return [
    typed(person.email, random),
    random.chance(0.85) ? person.fullName : null,
    topic,
    random.pick(['email', 'chat', 'phone', 'web']),
    status,
    random.int(1, 5),
    random.chance(0.95) ? `${person.fullName}: question about ${topic}` : null,
    random.chance(0.9) ? greeting + longText(world.pools.sentences, length, random) : null,
    random.chance(0.6) ? addressText(random) : null,
    closed && random.chance(0.5) ? random.int(1, 5) : null,
    random.chance(0.3) ? arrayText([random.pick(world.pools.words)]) : null,
    timestampText(openedAt, random),
    closed ? timestampText(closedAt, random) : null,
    timestampText(closed ? closedAt : openedAt, random),
  ]
}

/** Rows of `support_tickets`: about one for every seven customers. */
export function* ticketRows(world: World): Generator<CopyRow> {
  const random = createRandom(0)
  const personOf = createPersonOf(world)
  for (const tenant of world.tenants) {
    let number = 0
    for (let customer = 1; customer <= tenant.customers; customer += 1) {
      if (customer !== 1 && mixSeed(world.seed, KIND.tickets, tenant.index, customer) % 7 !== 0) continue
      number += 1
      random.reseed(mixSeed(world.seed, KIND.ticket, tenant.index, number))
      const since = joinedAt(world.seed, tenant.index, customer)
      const openedAt = since + Math.floor(random.next() * (HISTORY_END - since))
      const status = random.pick(['open', 'pending', 'solved', 'closed', 'closed', 'closed'])
      const values = ticketValues(world, personOf(tenant, customer), openedAt, status, random)
      // Some write without saying who they are: only the address ties them to the account.
      yield [tenant.id, number, random.chance(0.85) ? customer : null, ...values]
    }
  }
}
