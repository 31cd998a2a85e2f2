/** Rows of `tenants` and `customers`, and the persons behind them. */
import { arrayText, type CopyRow } from './copy-text.ts'
import { mailName } from './pools.ts'
import { createRandom, entityUuid, mixSeed, type Random } from './random.ts'
import { addressText, dateText, moneyText, phoneText, timestampText } from './text-values.ts'
import { HISTORY_END, HISTORY_START, KIND, type TenantPlan, type World } from './world.ts'

/** What other tables repeat of a customer. */
export type Person = {
  readonly fullName: string
  readonly email: string
  readonly street: string
  readonly city: string
}

/** Makes the person behind a customer; `number` counts from 1 in each tenant. */
export function createPersonOf(world: World): (tenant: TenantPlan, number: number) => Person {
  const random = createRandom(0)
  const { pools, seed } = world
  return (tenant, number) => {
    // Every twentieth customer is a customer of other shops too, under the same name and address: their tokens must differ.
    const shared = number % 20 === 0
    random.reseed(mixSeed(seed, KIND.person, shared ? -1 : tenant.index, number))
    const locale = shared ? pools.locales[number % pools.locales.length]! : tenant.locale
    return drawPerson(world, locale, shared ? `${number}s` : `${number}`, random)
  }
}

/** A person from a locale's pools; `mark` makes the e-mail address their own. */
export function drawPerson(
  world: Pick<World, 'pools'>,
  locale: TenantPlan['locale'],
  mark: string,
  random: Random,
): Person {
  const first = random.pick(locale.firstNames)
  const last = random.pick(locale.lastNames)
  const local = mailName(last) ? `${mailName(first)}.${mailName(last)}` : random.pick(world.pools.latinNames)
  return {
    fullName: locale.fullName(first, last),
    email: `${local}.${mark}@${random.pick(world.pools.mailDomains)}`,
    street: random.pick(locale.streets),
    city: random.pick(locale.cities),
  }
}

/** The values of a new customer from `full_name` on; tenant, number and reference stand before them. */
export function customerValues(
  world: Pick<World, 'pools'>,
  locale: TenantPlan['locale'],
  person: Person,
  since: number,
  changed: number,
  random: Random,
): CopyRow {
  const born = Date.UTC(1945, 0, 1) + random.int(0, 22_000) * 86_400_000
  return [
    person.fullName,
    person.email,
    random.chance(0.85) ? phoneText(locale.dialCode, random) : null,
    random.chance(0.7) ? dateText(born) : null,
    person.street,
    person.city,
    random.pick(locale.postalCodes),
    locale.country,
    random.chance(0.9) ? locale.language : null,
    random.chance(0.8) ? addressText(random) : null,
    random.chance(0.4),
    random.int(0, 5000),
    random.int(0, 4),
    random.chance(0.3) ? moneyText(random.int(0, 500_000)) : null,
    random.chance(0.5)
      ? arrayText([random.pick(world.pools.words), random.chance(0.1) ? null : 'web'])
      : null,
    random.chance(0.4)
      ? JSON.stringify({ nickname: person.fullName.split(' ')[0], shoe: random.int(35, 47) })
      : null,
    timestampText(since, random),
    timestampText(changed, random),
  ]
}

/** Rows of `tenants`. */
export function* tenantRows(world: World): Generator<CopyRow> {
  const random = createRandom(0)
  for (const tenant of world.tenants) {
    random.reseed(mixSeed(world.seed, KIND.tenant, tenant.index))
    const owner = drawPerson(world, tenant.locale, `owner${tenant.index + 1}`, random)
    const since = HISTORY_START - random.int(30, 1500) * 86_400_000
    const title = tenant.id.replace(/(^|-)\w/g, (part) => part.replace('-', ' ').toUpperCase())
    yield [
      tenant.id,
      `${title} ${random.pick(['Outfitters', 'Supplies', 'Trading', 'Goods', 'Store'])}`,
      random.pick(['starter', 'growth', 'enterprise']),
      tenant.locale.country,
      tenant.locale.currency,
      owner.fullName,
      owner.email,
      true,
      random.int(1, 200),
      arrayText(random.chance(0.5) ? ['giftcards', 'subscriptions'] : ['giftcards']),
      JSON.stringify({ theme: random.pick(['light', 'dark']), pageSize: random.pick([20, 50]) }),
      dateText(Math.max(since, Date.UTC(2020, 0, 1))),
      timestampText(HISTORY_START, random),
    ]
  }
}

/** When a customer joined: between the start of history and a month before its end. */
export function joinedAt(seed: number, tenant: number, number: number): number {
  const span = HISTORY_END - HISTORY_START - 30 * 86_400_000
  return HISTORY_START + Math.floor((mixSeed(seed, KIND.customer, tenant, number, 1) / 2 ** 32) * span)
}

/** Rows of `customers`. */
export function* customerRows(world: World): Generator<CopyRow> {
  const random = createRandom(0)
  const personOf = createPersonOf(world)
  for (const tenant of world.tenants) {
    for (let number = 1; number <= tenant.customers; number += 1) {
      const person = personOf(tenant, number)
      const since = joinedAt(world.seed, tenant.index, number)
      random.reseed(mixSeed(world.seed, KIND.customer, tenant.index, number))
      const changed = since + random.int(0, HISTORY_END - since)
      const values = customerValues(world, tenant.locale, person, since, changed, random)
      yield [tenant.id, number, entityUuid(world.seed, KIND.customer, tenant.index, number), ...values]
    }
  }
}
