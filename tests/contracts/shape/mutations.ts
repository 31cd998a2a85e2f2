/** Systematic changes of a document, one at a time: at every kind of place (positions in lists apart), every kind of change. */

/** A changed document. */
export type Mutation = {
  /** What was changed, such as `schema[].properties[].name: a number`. */
  readonly name: string
  readonly value: unknown
}

type Path = readonly (string | number)[]

const REPLACEMENTS: readonly (readonly [string, unknown])[] = [
  ['empty', null],
  ['a number', 7],
  ['a fraction', 0.5],
  ['a number below zero', -3],
  ['true', true],
  ['a text', 'nonsense of no list'],
  ['an empty text', ''],
  ['an empty list', []],
  ['a list of a number', [7]],
  ['a mapping', { unknown: 1 }],
  ['an empty mapping', {}],
]

/** All changes of a document. */
export function mutations(document: unknown): readonly Mutation[] {
  const found: Mutation[] = []
  const kinds = new Set<string>()
  const visit = (value: unknown, path: Path): void => {
    const kind = kindOf(path)
    if (!kinds.has(kind)) {
      kinds.add(kind)
      found.push(...changesAt(document, path, kind, value))
    }
    if (Array.isArray(value)) for (const [index, item] of value.entries()) visit(item, [...path, index])
    else if (typeof value === 'object' && value !== null)
      for (const [key, item] of Object.entries(value)) visit(item, [...path, key])
  }
  visit(document, [])
  return found
}

function changesAt(document: unknown, path: Path, kind: string, value: unknown): Mutation[] {
  const changed: Mutation[] = []
  if (path.length > 0) {
    changed.push({ name: `${kind}: removed`, value: without(document, path) })
    for (const [what, replacement] of REPLACEMENTS)
      changed.push({ name: `${kind}: ${what}`, value: withValue(document, path, replacement) })
  }
  if (Array.isArray(value) && value.length > 0)
    changed.push({
      name: `${kind}: an element twice`,
      value: withValue(document, path, [...value, value[0]]),
    })
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    changed.push({
      name: `${kind}: an unknown key`,
      value: withValue(document, path, { ...value, notAKey: 1 }),
    })
  return changed
}

function kindOf(path: Path): string {
  return path.map((part) => (typeof part === 'number' ? '[]' : `.${part}`)).join('')
}

function without(document: unknown, path: Path): unknown {
  return along(document, path, (holder, last) => {
    if (Array.isArray(holder)) return holder.toSpliced(Number(last), 1)
    return Object.fromEntries(Object.entries(holder).filter(([key]) => key !== last))
  })
}

function withValue(document: unknown, path: Path, value: unknown): unknown {
  if (path.length === 0) return value
  return along(document, path, (holder, last) =>
    Array.isArray(holder) ? holder.with(Number(last), value) : { ...holder, [String(last)]: value },
  )
}

type Holder = readonly unknown[] | Readonly<Record<string, unknown>>

/** A copy with another holder of the path's last part; what is beside the path is shared. */
function along(
  document: unknown,
  path: Path,
  change: (holder: Holder, last: string | number) => unknown,
): unknown {
  const [part = '', ...rest] = path
  const holder = document as Holder
  if (rest.length === 0) return change(holder, part)
  if (Array.isArray(holder)) return holder.with(Number(part), along(holder[Number(part)], rest, change))
  return {
    ...holder,
    [part]: along((holder as Readonly<Record<string | number, unknown>>)[part], rest, change),
  }
}
