/** Live traffic in customers and their tickets. */
import { customerValues, drawPerson } from './people-rows.ts'
import { ticketValues } from './ticket-rows.ts'
import { type Action, type ActionContext, change, insertRows } from './traffic-context.ts'

/** A new customer; a fifth of them may be deleted again. */
export const openAccount: Action = async (context) => {
  const { shop, random, pools, now, newUuid } = context
  const person = drawPerson({ pools }, shop.locale, `t${newUuid().slice(0, 8)}`, random)
  const values = customerValues({ pools }, shop.locale, person, now, now, random)
  const { rows } = await insertRows(context, 'customers', [[shop.tenant, newUuid(), ...values]])
  const customer = { id: rows[0]!.id, fullName: person.fullName, email: person.email }
  const keep = random.chance(0.8)
  context.after(() => (keep ? shop.customers : shop.own.customers).add(customer))
}

/** The account and all its tickets take the new address. */
export const changeEmail: Action = async (context) => {
  const { shop, random, pools, newUuid } = context
  const customer = shop.customers.take(random)
  if (!customer) return
  const email = drawPerson({ pools }, shop.locale, `n${newUuid().slice(0, 8)}`, random).email
  await change(
    context,
    'customers',
    'update',
    /*sql*/ 'update customers set email = $3, updated_at = now() where tenant_id = $1 and id = $2',
    [shop.tenant, customer.id, email],
  )
  await change(
    context,
    'support_tickets',
    'update',
    /*sql*/ `update support_tickets set contact_email = $3, updated_at = now() where tenant_id = $1 and customer_id = $2`,
    [shop.tenant, customer.id, email],
  )
  context.after(() => shop.customers.add({ ...customer, email }))
}

/** A known customer asks something. */
export const openTicket: Action = async (context) => {
  const { shop, random, pools, now } = context
  const customer = shop.customers.pick(random)
  if (!customer) return
  const person = { ...customer, street: '', city: '' }
  const values = ticketValues({ pools }, person, now, 'open', random)
  const { rows } = await insertRows(context, 'support_tickets', [[shop.tenant, customer.id, ...values]])
  const ticket = { id: rows[0]!.id }
  const keep = random.chance(0.6)
  context.after(() => (keep ? shop.tickets : shop.own.tickets).add(ticket))
}

/** Most leave the transcript as it is; some add to it. */
export const answerTicket: Action = async (context) => {
  const { shop, random, pools } = context
  const ticket = shop.tickets.pick(random)
  if (!ticket) return openTicket(context)
  if (random.chance(0.2)) {
    await change(
      context,
      'support_tickets',
      'update',
      /*sql*/ `update support_tickets set transcript = left(coalesce(transcript, '') || $3, 90000), updated_at = now()
               where tenant_id = $1 and id = $2`,
      [shop.tenant, ticket.id, `\n${random.pick(pools.sentences)}`],
    )
    return
  }
  await change(
    context,
    'support_tickets',
    'update',
    /*sql*/ `update support_tickets set status = $3, priority = $4, updated_at = now(),
               closed_at = case when $3 in ('solved', 'closed') then now() end
             where tenant_id = $1 and id = $2`,
    [shop.tenant, ticket.id, random.pick(['open', 'pending', 'solved', 'closed']), random.int(1, 5)],
  )
}

/** A ticket that comes and goes within one transaction: it must never be seen. */
export const spamTicket: Action = async (context) => {
  const { shop, random, pools, now } = context
  const person = { ...drawPerson({ pools }, shop.locale, 'spam', random) }
  const values = ticketValues({ pools }, person, now, 'open', random)
  const { rows } = await insertRows(context, 'support_tickets', [[shop.tenant, null, ...values]])
  await deleteTicketById(context, rows[0]!.id)
}

async function deleteTicketById(context: ActionContext, id: string): Promise<void> {
  await change(
    context,
    'support_tickets',
    'delete',
    /*sql*/ 'delete from support_tickets where tenant_id = $1 and id = $2',
    [context.shop.tenant, id],
  )
}

/** A ticket of this traffic goes. */
export const deleteTicket: Action = async (context) => {
  const ticket = context.shop.own.tickets.take(context.random)
  if (ticket) await deleteTicketById(context, ticket.id)
}

/** A customer without orders goes. */
export const deleteCustomer: Action = async (context) => {
  const customer = context.shop.own.customers.take(context.random)
  if (!customer) return
  await change(
    context,
    'customers',
    'delete',
    /*sql*/ 'delete from customers where tenant_id = $1 and id = $2',
    [context.shop.tenant, customer.id],
  )
}
