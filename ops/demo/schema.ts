/** Puts the demo's schema into its database, once. */
import { readFile } from 'node:fs/promises'
import { MogoError } from '#contracts/errors.ts'
import type { ShopSession } from './postgres-shop.ts'
import { SHOP_TABLES } from './tables.ts'

/** The file that a reader may look at, too. */
export const SCHEMA_FILE = new URL('./schema.sql', import.meta.url)

/**
 * Creates the schema unless it is there.
 *
 * @returns true if it was created.
 * @throws MogoError MOGO_DEMO_FOREIGN if some of the tables are there but not all: that is somebody else's database.
 */
export async function ensureShopSchema(session: ShopSession): Promise<boolean> {
  const { rows } = await session.query<{ table_name: string }>(
    /*sql*/ `select table_name::text from information_schema.tables
             where (table_schema = 'public' and table_name = any (string_to_array($1, ',')))
                or (table_schema = 'demo' and table_name = 'seed_runs')`,
    [SHOP_TABLES.join(',')],
  )
  if (rows.length === SHOP_TABLES.length + 1) return false
  if (rows.length > 0) throw new MogoError('MOGO_DEMO_FOREIGN')
  await session.script(await readFile(SCHEMA_FILE, 'utf8'))
  return true
}
