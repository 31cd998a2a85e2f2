/**
 * Names with characters that nobody sees: two that look alike are two, and one may be read from right to left. Physical names are what a
 * database has, whatever that is.
 */
import type { DocumentPath } from '../../fault.ts'
import { eachProperty, type LintContext } from '../lint-rule.ts'

/** Control and format characters (marks of direction, joiners, spaces without width), and spaces at either end. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|^\s|\s$/u

/** See the header. */
export function hiddenCharacters({ contract, say }: LintContext): void {
  const check = (name: string, path: DocumentPath, what: string): void => {
    if (name.trim() !== '' && HIDDEN.test(name))
      say(path, 'CONTRACT_HIDDEN', `${what} has characters that cannot be seen`, { severity: 'warning' })
  }
  check(contract.id, ['id'], 'the id')
  for (const [index, object] of contract.schema.entries()) {
    check(object.name, ['schema', index, 'name'], 'the name of a dataset')
  }
  eachProperty(contract, (property, path) =>
    check(property.name, [...path, 'name'], 'the name of a property'),
  )
  for (const [index, { role }] of contract.roles.entries())
    check(role, ['roles', index, 'role'], 'the name of a role')
}
