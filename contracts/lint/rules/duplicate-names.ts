/**
 * Names that stand twice where one is meant. Databases, and people, take names that differ only in case for the same: so do these checks for
 * datasets and properties. Identifiers (`id`) are exact.
 */
import type { DocumentPath } from '../../fault.ts'
import type { ContractProperty, CustomProperty, QualityRule } from '../../model/contract.ts'
import { eachProperty, type LintContext, type Say } from '../lint-rule.ts'

/** See the header. */
export function duplicateNames({ contract, say }: LintContext): void {
  const names = (items: readonly { readonly name: string }[]) => items.map(({ name }) => name)
  const twiceNamed = (items: readonly { readonly name: string }[], path: DocumentPath, what: string): void =>
    twice(names(items), path, undefined, what, 'CONTRACT_DUPLICATE_NAME', say, 'any case')
  const described = (
    holder: {
      readonly customProperties: readonly CustomProperty[]
      readonly quality?: readonly QualityRule[]
    },
    path: DocumentPath,
  ): void => {
    const { customProperties, quality = [] } = holder
    twice(
      customProperties.map(({ property }) => property),
      [...path, 'customProperties'],
      'property',
      'custom property',
      'CONTRACT_DUPLICATE_CUSTOM',
      say,
    )
    twice(
      quality.map(({ id = '' }) => id),
      [...path, 'quality'],
      'id',
      'quality rule',
      'CONTRACT_DUPLICATE_ID',
      say,
    )
  }
  const ids = (items: readonly { readonly id?: string }[], path: DocumentPath, what: string): void =>
    twice(
      items.map(({ id = '' }) => id),
      path,
      'id',
      what,
      'CONTRACT_DUPLICATE_ID',
      say,
    )

  described(contract, [])
  twiceNamed(contract.schema, ['schema'], 'dataset')
  ids(contract.schema, ['schema'], 'dataset')
  for (const [index, object] of contract.schema.entries()) {
    const path = ['schema', index]
    described(object, path)
    twiceNamed(object.properties, [...path, 'properties'], 'property')
    ids(object.properties, [...path, 'properties'], 'property')
  }
  eachProperty(contract, (property: ContractProperty, path) => {
    described(property, path)
    if (property.properties.length < 2) return
    twiceNamed(property.properties, [...path, 'properties'], 'property')
    ids(property.properties, [...path, 'properties'], 'property')
  })
  twice(
    contract.roles.map(({ role }) => role),
    ['roles'],
    'role',
    'role',
    'CONTRACT_ROLE_TWICE',
    say,
  )
  for (const [index, role] of contract.roles.entries()) described(role, ['roles', index])
  twice(
    contract.servers.map(({ server }) => server),
    ['servers'],
    'server',
    'server',
    'CONTRACT_DUPLICATE_NAME',
    say,
  )
}

function twice(
  names: readonly string[],
  path: DocumentPath,
  key: string | undefined,
  what: string,
  code: string,
  say: Say,
  compared: 'exactly' | 'any case' = 'exactly',
): void {
  if (names.length < 2) return
  const seen = new Map<string, string>()
  for (const [index, name] of names.entries()) {
    if (name === '') continue
    const form = compared === 'any case' ? name.toLowerCase() : name
    const other = seen.get(form)
    if (other === undefined) seen.set(form, name)
    else
      say(
        key === undefined ? [...path, index] : [...path, index, key],
        code,
        other === name
          ? `the ${what} ${name} stands twice`
          : `the ${what} ${name} differs from ${other} only in case`,
      )
  }
}
