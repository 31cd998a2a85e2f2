/**
 * The few broken rows of live traffic: every dozen seconds one that breaks a rule of its contract, and for two of three,
 * some time later, the correction that mends it. A row is only ever broken when it is new, so nothing that has arrived
 * goes stale.
 */
import type { BrokenRow, BrokenRule } from './broken-rows.ts'
import type { CopyValue } from './copy-text.ts'
import { customerValues, drawPerson } from './people-rows.ts'
import { SHOP_COLUMNS, type ShopTable } from './tables.ts'
import { ticketValues } from './ticket-rows.ts'
import { type ActionContext, insertRows } from './traffic-context.ts'
import type { TrafficCounter } from './traffic-stats.ts'

type Flaw = {
  readonly dataset: ShopTable
  readonly column: string
  readonly rule: BrokenRule
  readonly why: string
  readonly value: CopyValue
}

const FLAWS: readonly Flaw[] = [
  {
    dataset: 'customers',
    column: 'email',
    rule: 'pattern',
    why: 'an e-mail address without @',
    value: 'no.address',
  },
  { dataset: 'support_tickets', column: 'priority', rule: 'maximum', why: 'a priority above 5', value: 7 },
  {
    dataset: 'customers',
    column: 'full_name',
    rule: 'required',
    why: 'no name, which the contract requires',
    value: null,
  },
  {
    dataset: 'support_tickets',
    column: 'status',
    rule: 'validValues',
    why: 'a status that the contract does not know',
    value: 'limbo',
  },
  {
    dataset: 'customers',
    column: 'loyalty_points',
    rule: 'minimum',
    why: 'a negative number of points',
    value: -1,
  },
]

type Broken = { readonly row: BrokenRow; readonly sound: CopyValue; readonly mendAt: number | undefined }

/** Puts in broken rows and mends them, by the clock. */
export type Breaker = {
  /** The work that is due at `now` (milliseconds of wall clock), if any. */
  readonly due: (now: number) => ((context: ActionContext) => Promise<void>) | undefined
}

/** A breaker; the first row is due `everyMs` after `start`. */
export function createBreaker(
  start: number,
  everyMs: number,
  mendAfterMs: number,
  counter: TrafficCounter,
): Breaker {
  const waiting: Broken[] = []
  let next = start + everyMs
  let turn = 0

  async function breakOne(context: ActionContext): Promise<void> {
    const { shop, random, pools, now, newUuid } = context
    const flaw = FLAWS[turn % FLAWS.length]!
    const mends = turn % 3 !== 2
    turn += 1
    const person = drawPerson({ pools }, shop.locale, `b${newUuid().slice(0, 8)}`, random)
    const values =
      flaw.dataset === 'customers'
        ? [shop.tenant, newUuid(), ...customerValues({ pools }, shop.locale, person, now, now, random)]
        : [shop.tenant, null, ...ticketValues({ pools }, person, now, 'open', random)]
    const at = SHOP_COLUMNS[flaw.dataset].filter((column) => column !== 'id').indexOf(flaw.column)
    const sound = values[at] ?? null
    const { rows } = await insertRows(context, flaw.dataset, [values.with(at, flaw.value)])
    const { dataset, column, rule, why } = flaw
    const key = { tenant_id: shop.tenant, id: rows[0]!.id }
    const row: BrokenRow = { dataset, tenant: shop.tenant, key, column, rule, why }
    context.after(() => {
      counter.broke(row)
      waiting.push({ row, sound, mendAt: mends ? context.now + mendAfterMs : undefined })
    })
  }

  async function mendOne(context: ActionContext, broken: Broken): Promise<void> {
    const { dataset, column, key } = broken.row
    const { count } = await context.session.query(
      /*sql*/ `update ${dataset} set ${column} = $3, updated_at = now() where tenant_id = $1 and id = $2`,
      [key['tenant_id']!, key['id']!, broken.sound],
    )
    context.did(dataset, 'update', count)
    context.after(() => {
      waiting.splice(waiting.indexOf(broken), 1)
      counter.mended(broken.row)
    })
  }

  return {
    due(now) {
      const ripe = waiting.find((broken) => broken.mendAt !== undefined && broken.mendAt <= now)
      if (ripe) return (context) => mendOne(context, ripe)
      if (now < next) return undefined
      next = now + everyMs
      return breakOne
    },
  }
}
