/**
 * Follows `$ref` inside of one JSON Schema document: JSON pointers (`#/$defs/x`), anchors (`#x`), the document itself (`#`), and the same after
 * the document's own `$id`. A reference to anything else would have to be fetched, and is refused.
 */
import { MogoError } from '../errors.ts'
import { isJson, type Json, own, textAt } from './json-file.ts'

const MAX_ANCHOR_DEPTH = 50

/** Finds what a reference names. */
export type ResolveRef = (ref: string) => unknown

/** Makes the resolver of a document. */
export function createRefResolver(file: string, root: Json): ResolveRef {
  const base = (textAt(root, '$id') ?? textAt(root, 'id') ?? '').replace(/#.*$/s, '')
  let anchors: Map<string, unknown> | undefined

  const refuse = (detail: string, remedy: string): never => {
    throw new MogoError('MOGO_IMPORT_REFUSED', { file, path: '$ref', detail, remedy })
  }

  return (ref) => {
    const [document = '', ...rest] = ref.split('#')
    const fragment = rest.join('#')
    if (document !== '' && document !== base && !(base.endsWith(`/${document}`) && !document.includes(':')))
      refuse(
        'it refers to another document, and nothing is fetched',
        'Put what it refers to into $defs of the same file.',
      )
    if (fragment === '') return root
    if (fragment.startsWith('/'))
      return pointer(root, fragment) ?? refuse('a reference leads nowhere', 'Mend the $ref.')
    anchors ??= anchorsOf(root)
    return anchors.get(fragment) ?? refuse('a reference leads nowhere', 'Mend the $ref.')
  }
}

/** RFC 6901, in a URI fragment. */
function pointer(root: Json, fragment: string): unknown {
  let at: unknown = root
  for (const part of fragment.slice(1).split('/')) {
    const key = decode(part).replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(at) && /^\d+$/.test(key)) at = at[Number(key)]
    else if (isJson(at)) at = own(at, key)
    else return undefined
  }
  return at
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** `$anchor` (2019-09 and later), `$id: "#x"` (draft 6 and 7), `id: "#x"` (draft 4). */
function anchorsOf(root: Json): Map<string, unknown> {
  const anchors = new Map<string, unknown>()
  const walk = (value: unknown, depth: number): void => {
    if (depth > MAX_ANCHOR_DEPTH) return
    if (Array.isArray(value)) for (const item of value) walk(item, depth + 1)
    if (!isJson(value)) return
    for (const name of [textAt(value, '$anchor'), textAt(value, '$dynamicAnchor')])
      if (name !== undefined && !anchors.has(name)) anchors.set(name, value)
    for (const id of [textAt(value, '$id'), textAt(value, 'id')])
      if (id?.startsWith('#') && !anchors.has(id.slice(1))) anchors.set(id.slice(1), value)
    for (const inner of Object.values(value)) walk(inner, depth + 1)
  }
  walk(root, 0)
  return anchors
}
