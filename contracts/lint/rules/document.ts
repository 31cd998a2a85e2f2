/** The contract as a whole: version, status, datasets without columns, names that are empty, what is deprecated without saying why. */
import { valueAt } from '../../model/raw-value.ts'
import { eachProperty, type LintContext } from '../lint-rule.ts'

/** Semantic Versioning 2.0.0, the form of a version. */
const SEMVER = /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/
/** Without what marks a version as not yet released. */
const PLAIN_VERSION = /^\d+\.\d+\.\d+$/
const STATUSES = ['proposed', 'draft', 'active', 'deprecated', 'retired']

/** See the header. */
export function documentFields({ contract, value, strictness, say, suggest }: LintContext): void {
  const { version, status, schema } = contract
  const isVersion = SEMVER.test(version) && (strictness() === 'warning' || PLAIN_VERSION.test(version))
  if (version !== '' && !isVersion)
    say(['version'], 'CONTRACT_VERSION', 'the version is not a semantic one', {
      severity: strictness(),
      expected: 'major.minor.patch, such as 1.0.0',
    })
  if (status !== '' && !STATUSES.includes(status)) {
    const near = suggest(status, STATUSES)
    say(
      ['status'],
      'CONTRACT_STATUS',
      `the status is not one that the standard names${near === undefined ? '' : `; did you mean ${near}?`}`,
      {
        severity: 'warning',
        expected: `one of: ${STATUSES.join(', ')}`,
        ...(near !== undefined && { suggestion: near }),
      },
    )
  }
  if (contract.id.trim() === '') emptyText(['id'], 'the id')
  for (const [index, object] of schema.entries()) {
    if (object.name.trim() === '') emptyText(['schema', index, 'name'], 'the name of a dataset')
    else if (object.properties.length === 0)
      say(['schema', index], 'CONTRACT_EMPTY', `${object.name} has no properties`, { severity: 'info' })
    if (object.deprecated === true && object.description === undefined)
      deprecated(['schema', index, 'deprecated'], object.name)
  }
  if (schema.length === 0)
    say(['schema'], 'CONTRACT_EMPTY', 'the contract has no datasets', { severity: 'info' })
  eachProperty(contract, (property, path) => {
    const isNamed = typeof path.at(-1) === 'number'
    if (isNamed && property.name.trim() === '') emptyText([...path, 'name'], 'the name of a property')
    if (property.deprecated === true && property.description === undefined)
      deprecated([...path, 'deprecated'], property.name || 'an element')
  })
  for (const [index, role] of contract.roles.entries())
    if (role.role.trim() === '') emptyText(['roles', index, 'role'], 'the name of a role')

  function emptyText(path: readonly (string | number)[], what: string): void {
    // What is missing, or no text, was said by the shape check.
    if (typeof valueAt(value, path) === 'string') say(path, 'CONTRACT_EMPTY_NAME', `${what} is empty`)
  }
  function deprecated(path: readonly (string | number)[], what: string): void {
    say(
      path,
      'CONTRACT_DEPRECATED',
      `${what} is deprecated and has no description that says why, or what instead`,
      {
        severity: 'info',
      },
    )
  }
}
