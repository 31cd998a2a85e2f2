/** Live traffic in products. */
import { type Action, change } from './traffic-context.ts'

/** Leaves the description as it is; a third of them lie out of line. */
export const correctPrice: Action = async ({ shop, random, ...rest }) => {
  if (shop.products.length === 0) return
  await change(
    { shop, random, ...rest },
    'products',
    'update',
    /*sql*/ `update products set price = greatest(0.99, round(price * $3::numeric, 2)), updated_at = now()
             where id = $1 and tenant_id = $2 and price < 100000`,
    [random.pick(shop.products).id, shop.tenant, random.pick(['0.90', '0.95', '1.05', '1.10'])],
  )
}

/** The stock is counted. */
export const countStock: Action = async ({ shop, random, ...rest }) => {
  if (shop.products.length === 0) return
  await change(
    { shop, random, ...rest },
    'products',
    'update',
    /*sql*/ 'update products set stock = $3, available = $3 > 0, updated_at = now() where id = $1 and tenant_id = $2',
    [random.pick(shop.products).id, shop.tenant, random.int(-5, 4000)],
  )
}
