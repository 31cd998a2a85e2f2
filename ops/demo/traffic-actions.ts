/**
 * What happens in a shop: small units of work, each a few row changes of one transaction.
 *
 * Among the everyday ones are those that pipelines get wrong: an update that leaves a large text as it was, a correction that
 * names no key, a delete with its children, a row deleted and put back under the same key, a row that comes and goes
 * within one transaction.
 */
import type { Random } from './random.ts'
import type { Action } from './traffic-context.ts'
import {
  capturePayment,
  deleteOrder,
  discountLines,
  moveOrder,
  placeOrder,
  replaceLine,
} from './traffic-order-actions.ts'
import {
  answerTicket,
  changeEmail,
  deleteCustomer,
  deleteTicket,
  openAccount,
  openTicket,
  spamTicket,
} from './traffic-people-actions.ts'
import { correctPrice, countStock } from './traffic-product-actions.ts'

const WEIGHTS: readonly (readonly [number, Action])[] = [
  [12, placeOrder],
  [25, moveOrder],
  [10, capturePayment],
  [12, correctPrice],
  [10, countStock],
  [6, openAccount],
  [4, changeEmail],
  [5, openTicket],
  [8, answerTicket],
  [5, discountLines],
  [2, replaceLine],
  [1, spamTicket],
  [3, deleteTicket],
  [1, deleteCustomer],
  [2, deleteOrder],
]

const TOTAL = WEIGHTS.reduce((sum, [weight]) => sum + weight, 0)

/** Draws what happens next. */
export function drawAction(random: Random): Action {
  let left = random.next() * TOTAL
  for (const [weight, action] of WEIGHTS) {
    left -= weight
    if (left < 0) return action
  }
  return moveOrder
}
