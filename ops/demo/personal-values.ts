/**
 * A sample of the personal data in the demo's source, read from the database: what must not be found in clear anywhere
 * behind it. For checks only.
 */
import { BROKEN_NUMBERS } from './broken-rows.ts'
import { openShop, type ShopConnection } from './postgres-shop.ts'

/** Personal values as they stand in the source. */
export type PersonalValues = {
  readonly emails: readonly string[]
  readonly phones: readonly string[]
  readonly fullNames: readonly string[]
  readonly streets: readonly string[]
  readonly accountNumbers: readonly string[]
}

/** Of everything: the first and the newest rows, which cover both the seed and the live traffic. */
const ends = (column: string, table: string, order: string): string => /*sql*/ `
  select distinct value from (
    (select ${column} as value from ${table} where ${column} is not null and ${order} < $2 order by ${order} limit $1)
    union all
    (select ${column} from ${table} where ${column} is not null and ${order} < $2 order by ${order} desc limit $1)
  ) found order by value`

/** Reads about `sample` values of each kind from each end of the tables. */
export async function personalValues(connection: ShopConnection, sample = 200): Promise<PersonalValues> {
  const session = await openShop(connection, 'mogo demo personal values')
  try {
    const read = async (column: string, table: string): Promise<readonly string[]> => {
      const { rows } = await session.query<{ value: string }>(ends(column, table, 'id'), [
        sample,
        BROKEN_NUMBERS,
      ])
      return rows.map((row) => row.value)
    }
    const ibans = await session.query<{ value: string }>(
      /*sql*/ 'select distinct iban as value from payments where iban is not null order by iban limit $1',
      [sample],
    )
    const emails = [
      ...(await read('email', 'customers')),
      ...(await read('lower(trim(contact_email))', 'support_tickets')),
    ]
    const names = [
      ...(await read('full_name', 'customers')),
      ...(await read('contact_name', 'support_tickets')),
    ]
    return {
      emails: [...new Set(emails)].filter((email) => email.includes('@')),
      phones: await read('phone', 'customers'),
      fullNames: [...new Set(names)].filter((name) => name.includes(' ')),
      streets: await read('street', 'customers'),
      accountNumbers: ibans.rows.map((row) => row.value),
    }
  } finally {
    await session.close()
  }
}
