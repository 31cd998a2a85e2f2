/** Rows of `products`. */
import { arrayText, type CopyRow, type CopyValue } from './copy-text.ts'
import { createRandom, mixSeed, type Random } from './random.ts'
import { dateText, longText, moneyText, timestampText } from './text-values.ts'
import { HISTORY_END, HISTORY_START, KIND, type World } from './world.ts'

const CATEGORIES = [
  'garden',
  'kitchen',
  'toys',
  'books',
  'sports',
  'fashion',
  'electronics',
  'office',
] as const

/** A third of the descriptions are longer than 8 kB, so that Postgres keeps them out of line (TOAST). */
function description(world: Pick<World, 'pools'>, random: Random): CopyValue {
  const text = random.pick(world.pools.productTexts)
  const draw = random.next()
  if (draw < 0.05) return null
  if (draw < 0.67) return text
  return `${text}\n\n${longText(world.pools.sentences, random.int(130, 170), random)}`
}

/** Rows of `products`. */
export function* productRows(world: World): Generator<CopyRow> {
  const random = createRandom(0)
  const { words, productNames } = world.pools
  for (const tenant of world.tenants) {
    for (const [n, product] of tenant.products.entries()) {
      random.reseed(mixSeed(world.seed, KIND.product, tenant.index, n, 1))
      const category = random.pick(CATEGORIES)
      const since = HISTORY_START + random.int(0, 200) * 86_400_000
      yield [
        product.id,
        tenant.id,
        `${category.slice(0, 3).toUpperCase()}-${String(n + 1).padStart(5, '0')}`,
        random.pick(productNames),
        description(world, random),
        category,
        moneyText(product.priceCents),
        tenant.locale.currency,
        random.int(-5, 4000),
        random.chance(0.9) ? random.int(1, 30_000) / 1000 : null,
        random.chance(0.8) ? random.int(10, 50) / 10 : null,
        random.chance(0.95),
        random.chance(0.7) ? arrayText([random.pick(words), random.pick(words)]) : null,
        random.chance(0.8)
          ? JSON.stringify({
              colour: random.pick(['red', 'blue', 'grün']),
              size: random.int(1, 60),
              eco: random.chance(0.5),
            })
          : null,
        random.chance(0.9) ? dateText(since) : null,
        timestampText(since, random),
        timestampText(since + random.int(0, HISTORY_END - since), random),
      ]
    }
  }
}
