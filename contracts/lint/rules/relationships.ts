/**
 * References that lead nowhere, and keys that do not fit each other.
 *
 * `dataset.column` may name a dataset of this contract or, as in practice, of another one (a table may be under contract and the one that it
 * refers to not yet). So an unknown column of a known dataset is an error, and an unknown dataset a warning; it is an error too where a
 * contract of several datasets has one that is named nearly so. `schema/<id>/properties/<id>` is in this document by definition.
 * References into other files are not followed.
 */
import type { DocumentPath } from '../../fault.ts'
import type { ContractObject, ContractProperty, Relationship } from '../../model/contract.ts'
import { eachProperty, type LintContext, type Neighbours } from '../lint-rule.ts'

/** See the header. */
export function relationships(context: LintContext): void {
  const { contract, say } = context
  for (const [index, object] of contract.schema.entries())
    for (const [place, relation] of object.relationships.entries()) {
      const path = ['schema', index, 'relationships', place]
      const { from, to } = relation
      if (from.length > 0 && to.length > 0 && from.length !== to.length)
        say(
          path,
          'CONTRACT_REFERENCE_LENGTH',
          `the relationship has ${from.length} column(s) in from and ${to.length} in to; each column needs its counterpart`,
        )
      follow(context, relation, 'from', path)
      follow(context, relation, 'to', path)
      for (const [position, reference] of from.entries())
        if (isOfAnother(context, reference, object))
          say(
            sidePath(relation, 'from', position, path),
            'CONTRACT_REFERENCE_OWNER',
            `a relationship of ${object.name} cannot begin at ${reference}, which is another dataset's`,
          )
    }
  eachProperty(contract, (property, path, object) => {
    for (const [place, relation] of property.relationships.entries()) {
      const here = [...path, 'relationships', place]
      follow(context, relation, 'to', here)
      const [to] = relation.to
      if (to === `${object.name}.${property.name}` && path.length === 4)
        say([...here, 'to'], 'CONTRACT_REFERENCE_SELF', `${property.name} refers to itself`, {
          severity: 'warning',
        })
      if (relation.to.length > 1)
        say(
          [...here, 'to'],
          'CONTRACT_REFERENCE_LENGTH',
          `${property.name} is one column and refers to ${relation.to.length}; a composite key belongs in the relationships of the dataset`,
        )
    }
  })
}

function sidePath(
  relation: Relationship,
  side: 'from' | 'to',
  position: number,
  path: DocumentPath,
): DocumentPath {
  return relation.composite ? [...path, side, position] : [...path, side]
}

function follow(context: LintContext, relation: Relationship, side: 'from' | 'to', path: DocumentPath): void {
  const { neighbours, say } = context
  const seen = new Set<string>()
  for (const [position, reference] of relation[side].entries()) {
    const at = sidePath(relation, side, position, path)
    if (seen.has(reference)) say(at, 'CONTRACT_REFERENCE_LENGTH', `${reference} stands twice in ${side}`)
    seen.add(reference)
    const dangling = danglingReference(reference, context, neighbours)
    if (dangling) {
      const { message, near, severity } = dangling
      say(
        at,
        'CONTRACT_REFERENCE_DANGLING',
        `${message}${near === undefined ? '' : `; did you mean ${near}?`}`,
        near === undefined ? { severity } : { severity, suggestion: near },
      )
    }
  }
}

type Dangling = {
  readonly message: string
  readonly near: string | undefined
  readonly severity: 'error' | 'warning'
}

/** What is wrong with a reference; undefined if it leads somewhere, or is not followed. Also used for elements of service levels. */
export function danglingReference(
  reference: string,
  context: LintContext,
  neighbours: Neighbours,
): Dangling | undefined {
  // What is empty was said by the shape check.
  if (reference === '' || reference.includes('#')) return undefined
  const { contract, dataset: datasetOf, suggest } = context
  if (reference.includes('/')) return danglingQualified(reference, context)
  const [dataset = '', ...columns] = reference.split('.')
  const object = datasetOf(dataset)
  if (!object) {
    const beside = neighbours.get(dataset)
    if (beside) {
      const [column = ''] = columns
      return column === '' || beside.has(column)
        ? undefined
        : {
            message: `the dataset ${dataset} has no column ${column}`,
            near: suggest(column, beside),
            severity: 'error',
          }
    }
    const own = suggest(
      dataset,
      contract.schema.map(({ name }) => name),
    )
    return {
      message: `there is no dataset ${dataset} here`,
      near: own ?? suggest(dataset, neighbours.keys()),
      severity: own !== undefined && contract.schema.length > 1 ? 'error' : 'warning',
    }
  }
  // A dataset that does not list its columns may have any.
  if (object.properties.length === 0) return undefined
  let inside: readonly ContractProperty[] = object.properties
  let holder = `the dataset ${dataset}`
  for (const name of columns) {
    const property = inside.find((one) => nameIs(one, name))
    if (!property)
      return {
        message: `${holder} has no column ${name}`,
        near: suggest(
          name,
          inside.map((one) => one.name),
        ),
        severity: 'error',
      }
    inside = property.items ? property.items.properties : property.properties
    holder = `the column ${name}`
  }
  return undefined
}

function nameIs(one: { readonly name: string; readonly physicalName?: string }, name: string): boolean {
  return one.name === name || one.physicalName === name
}

/** `schema/<id>/properties/<id>…`; an element without an id goes by its name. */
function danglingQualified(reference: string, { contract, suggest }: LintContext): Dangling | undefined {
  const parts = reference.replace(/^\//, '').split('/')
  if (parts[0] !== 'schema') return undefined
  let among: readonly (ContractObject | ContractProperty)[] = contract.schema
  for (let at = 1; at < parts.length; at += 2) {
    const wanted = parts[at] ?? ''
    const found = among.find((one) => one.id === wanted || one.name === wanted)
    if (!found) {
      const known = among.map((one) => one.id ?? one.name)
      return {
        message: `there is no ${at === 1 ? 'dataset' : 'property'} with the id ${wanted}`,
        near: suggest(wanted, known),
        severity: 'error',
      }
    }
    if (parts[at + 1] !== undefined && parts[at + 1] !== 'properties') return undefined
    among = found.properties
  }
  return undefined
}

/** Does a reference that is followed name another dataset than this? */
function isOfAnother(
  { dataset: datasetOf }: LintContext,
  reference: string,
  object: ContractObject,
): boolean {
  if (reference.includes('#')) return true
  if (reference.includes('/')) {
    const [kind, id] = reference.replace(/^\//, '').split('/')
    return kind === 'schema' && id !== object.id && id !== object.name
  }
  const dataset = reference.split('.')[0] ?? ''
  return !nameIs(object, dataset) && datasetOf(dataset) !== undefined
}
