/** Contracts of a few lines for tests of the comparison: all the same, but for the fragment that a test is about. */

/** The contract. Parts are YAML in flow style. */
export type Fragment = {
  readonly head?: string
  readonly datasets?: readonly string[]
  readonly more?: string
}

/** The whole text. `version` and `id` are the same in all of them unless they are said. */
export function textOf(
  { head = '', datasets = [dataset()], more = '' }: Fragment,
  version = '1.0.0',
): string {
  const lines = [
    'apiVersion: v3.2.0',
    'kind: DataContract',
    'id: urn:test:orders',
    `version: ${version}`,
    'status: active',
  ]
  const own = new Set(head.split('\n').map((line) => line.split(':')[0]))
  return [
    ...lines.filter((line) => !own.has(line.split(':')[0] ?? '')),
    head,
    'schema:',
    ...datasets.map((text) => `  - ${text}`),
    more,
    '',
  ].join('\n')
}

/** A dataset: `orders` with the columns `id` and `amount`, if nothing else is said. */
export function dataset(columns: readonly string[] = ['{name: amount}'], more = '', name = 'orders'): string {
  const rest = more === '' ? '' : `, ${more}`
  return `{name: ${name}, properties: [{name: id, logicalType: integer}, ${columns.join(', ')}]${rest}}`
}

/** A contract whose one dataset has these columns beside `id`. */
export function columns(...list: readonly string[]): Fragment {
  return { datasets: [dataset(list)] }
}

/** A contract whose column `amount` has these fields. */
export function amount(fields: string): Fragment {
  return columns(fields === '' ? '{name: amount}' : `{name: amount, ${fields}}`)
}

/** A contract whose column `amount` is of this type, with these options. */
export function typed(logicalType: string, options: string): Fragment {
  return amount(
    options === ''
      ? `logicalType: ${logicalType}`
      : `logicalType: ${logicalType}, logicalTypeOptions: {${options}}`,
  )
}

/** A contract whose dataset has these fields. */
export function inDataset(fields: string): Fragment {
  return { datasets: [dataset(undefined, fields)] }
}

/** A contract whose dataset has this custom property. */
export function custom(property: string, value: string): string {
  return `customProperties: [{property: ${property}, value: ${value}}]`
}

/** A contract with this role. */
export function role(fields: string): Fragment {
  return { more: `roles:\n  - {role: analyst, ${fields}}` }
}

/** A contract with this service level. */
export function level(property: string, fields: string): Fragment {
  return { more: `slaProperties:\n  - {property: ${property}, ${fields}}` }
}

/** A contract whose column `amount` has this quality rule. */
export function rule(fields: string): Fragment {
  return amount(`quality: [{${fields}}]`)
}
