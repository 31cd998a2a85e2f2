/**
 * Nodes of a YAML document -> the value they stand for, in one walk, with the faults of structure that a schema cannot see.
 *
 * Done here and not by the YAML library, because there it takes time in the square of the input: keys that stand twice (a Set per
 * map), aliases (looked up in a table of anchors), what they expand to (counted), and the digits of numbers that a double
 * cannot hold (kept). Merge keys (`<<`) are followed, as in YAML 1.1: many contracts use them.
 */
import { type Alias, isAlias, isMap, isScalar, isSeq, type ParsedNode, type YAMLMap } from 'yaml'
import { type DocumentPath, shortKey } from '../fault.ts'
import { exactDigits } from './plain-value.ts'
import { MAX_VALUES, setKey } from './read-state.ts'

/** Said of a document with more values than there may be, aliases expanded. */
export const TOO_MANY = 'more values than a contract can have'
/** Most aliases (`*name`) in one contract. */
const MAX_ALIASES = 500
/** Deepest nesting of maps and lists: real contracts have a dozen. */
const MAX_NESTING = 200

/** A fault of structure, at an offset of the text. */
export type StructureFault = {
  readonly code: 'CONTRACT_SYNTAX' | 'CONTRACT_DUPLICATE_KEY' | 'CONTRACT_TAG'
  readonly message: string
  readonly path: DocumentPath
  readonly offset: number
  /** True if there is no value because of it. */
  readonly fatal: boolean
}

/** A value or key with a tag (`!name`), in the order of the text. The offset is that of the value. */
export type TaggedNode = { readonly tag: string; readonly path: DocumentPath; readonly offset: number }

/** What the walk finds. */
export type YamlValue = {
  readonly value: unknown
  readonly faults: readonly StructureFault[]
  /** The node that an alias stands for. */
  readonly targets: ReadonlyMap<Alias, ParsedNode>
  /** The digits of a number that a double cannot hold, by the object that holds it and its key. */
  readonly exactNumber: (holder: object, key: string) => string | undefined
  readonly tagged: readonly TaggedNode[]
}

type Anchor = { readonly node: ParsedNode; readonly value: unknown; readonly size: number }

/** Walks the document. Throws nothing. */
export function yamlValue(contents: ParsedNode | null): YamlValue {
  const walk = new Walk()
  let value: unknown
  try {
    value = walk.node(contents, 0)
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error
  }
  const { exact } = walk
  return {
    value,
    faults: walk.faults,
    targets: walk.targets,
    exactNumber: (holder, key) => exact.get(holder)?.get(key),
    tagged: walk.tagged,
  }
}

/** Ends the walk; the fault has been said. */
class TooMuch extends Error {}

class Walk {
  readonly faults: StructureFault[] = []
  readonly tagged: TaggedNode[] = []
  readonly targets = new Map<Alias, ParsedNode>()
  readonly exact = new WeakMap<object, Map<string, string>>()
  readonly #anchors = new Map<string, Anchor | 'open'>()
  readonly #path: (string | number)[] = []
  #size = 0
  #aliases = 0

  node(node: ParsedNode | null, depth: number): unknown {
    if (node === null) return null
    if (++this.#size > MAX_VALUES) this.#stop(TOO_MANY, node)
    if (depth > MAX_NESTING) this.#stop('nested too deeply', node)
    if (isAlias(node)) return this.#alias(node)
    this.#keepTag(node)
    const { anchor } = node
    const before = this.#size
    if (anchor !== undefined) this.#anchors.set(anchor, 'open')
    const value = isMap(node)
      ? this.#map(node as YAMLMap.Parsed, depth)
      : isSeq(node)
        ? this.#seq(node.items as readonly ParsedNode[], depth)
        : node.value
    if (anchor !== undefined) this.#anchors.set(anchor, { node, value, size: this.#size - before })
    return value
  }

  #alias(alias: Alias.Parsed): unknown {
    if (++this.#aliases > MAX_ALIASES) this.#stop(`more than ${MAX_ALIASES} aliases`, alias)
    const anchor = this.#anchors.get(alias.source)
    if (anchor === 'open') return this.#stop('an alias inside of what it stands for', alias)
    if (anchor === undefined) return this.#stop('an alias of nothing', alias)
    this.#size += anchor.size
    if (this.#size > MAX_VALUES) this.#stop('aliases that multiply', alias)
    this.targets.set(alias, anchor.node)
    return anchor.value
  }

  #seq(items: readonly ParsedNode[], depth: number): unknown[] {
    const list: unknown[] = []
    for (const [index, item] of items.entries()) {
      this.#path.push(index)
      list.push(this.node(item, depth + 1))
      this.#path.pop()
    }
    return list
  }

  #map(map: YAMLMap.Parsed, depth: number): Record<string, unknown> {
    const record: Record<string, unknown> = {}
    const seen = new Set<string>()
    const merged: unknown[] = []
    for (const pair of map.items) {
      const key = pair.key as ParsedNode | null
      if (key !== null && !isScalar(key)) {
        this.#say('CONTRACT_SYNTAX', 'a key must be a text', key, false)
        continue
      }
      const name = key === null || key.value === null ? '' : String(key.value)
      this.#path.push(name)
      if (key !== null) this.#keepTag(key)
      if (seen.has(name) && key !== null)
        this.#say('CONTRACT_DUPLICATE_KEY', `the key ${shortKey(name)} stands twice in one map`, key, false)
      seen.add(name)
      const node = pair.value
      const value = this.node(node, depth + 1)
      this.#path.pop()
      if (name === '<<' && key?.type === 'PLAIN' && isMergeable(value)) merged.push(value)
      else setKey(record, name, value)
      if (isScalar(node) && typeof node.value === 'number') this.#keepDigits(record, name, node.source ?? '')
    }
    for (const source of merged.flat()) mergeInto(record, source as Record<string, unknown>)
    return record
  }

  #keepDigits(holder: object, name: string, source: string): void {
    const digits = exactDigits(source)
    if (digits === undefined) return
    const numbers = this.exact.get(holder) ?? new Map<string, string>()
    numbers.set(name, digits)
    this.exact.set(holder, numbers)
  }

  #keepTag({ tag, range }: Exclude<ParsedNode, Alias.Parsed>): void {
    if (tag !== undefined) this.tagged.push({ tag, path: [...this.#path], offset: range[0] })
  }

  #say(code: StructureFault['code'], message: string, node: ParsedNode, fatal: boolean): void {
    this.faults.push({ code, message, path: [...this.#path], offset: node.range[0], fatal })
  }

  #stop(message: string, node: ParsedNode): never {
    this.#say('CONTRACT_SYNTAX', message, node, true)
    throw new TooMuch()
  }
}

function mergeInto(record: Record<string, unknown>, source: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(source))
    if (!Object.hasOwn(record, name)) setKey(record, name, value)
}

function isMergeable(value: unknown): boolean {
  const isMapLike = (one: unknown): boolean => typeof one === 'object' && one !== null && !Array.isArray(one)
  return isMapLike(value) || (Array.isArray(value) && value.length > 0 && value.every(isMapLike))
}
