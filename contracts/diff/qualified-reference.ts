/**
 * References by identifiers, `schema/orders_obj/properties/id_prop`, as the short ones that mean the same, `orders.id`. An element without an
 * identifier goes by its name. Those of other files (`other.yaml#…`), and what leads nowhere, stay as they are.
 */
import type { ContractObject, ContractProperty } from '../model/contract.ts'

/** The short reference, by the names that the datasets have. */
export function shortReference(text: string, datasets: readonly ContractObject[]): string {
  const parts = text.replace(/^\//, '').split('/')
  if (parts[0] !== 'schema') return text
  const names: string[] = []
  let among: readonly (ContractObject | ContractProperty)[] = datasets
  for (let at = 1; at < parts.length; at += 2) {
    const wanted = parts[at]
    const found = among.find(({ id }) => id === wanted) ?? among.find(({ name }) => name === wanted)
    if (!found || (parts[at + 1] !== undefined && parts[at + 1] !== 'properties')) return text
    names.push(found.name)
    among = found.properties
  }
  return names.length === 0 ? text : names.join('.')
}
