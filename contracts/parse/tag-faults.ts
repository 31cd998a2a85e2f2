/**
 * Tags of YAML (`!name`) that mean nothing in a contract. Those of the core schema (`!!str`, `!!int`, …) say a type, and are followed. Another one
 * asks the reader for something (bytes, an object of some language, another file): whoever wrote it waits for that in vain.
 */
import { printable } from '../check/printable.ts'
import type { StructureFault, TaggedNode } from './yaml-value.ts'

const STANDARD = 'tag:yaml.org,2002:'
const CORE: ReadonlySet<string> = new Set(['str', 'int', 'float', 'bool', 'null', 'seq', 'map'])
/** Longest name of a tag that is said in full. */
const LONGEST = 60

/** The faults. `unresolved` are the offsets of tags that the parser could not follow; both lists are in the order of the text. */
export function tagFaults(
  unresolved: readonly number[],
  tagged: readonly TaggedNode[],
): readonly StructureFault[] {
  let next = 0
  return unresolved.flatMap((offset): StructureFault[] => {
    while (next < tagged.length && (tagged[next]?.offset ?? 0) < offset) next++
    const node = tagged[next++]
    return node === undefined
      ? []
      : [{ code: 'CONTRACT_TAG', message: tagMessage(node.tag), path: node.path, offset, fatal: false }]
  })
}

function tagMessage(tag: string): string {
  const core = tag.startsWith(STANDARD) ? tag.slice(STANDARD.length) : undefined
  if (core !== undefined && CORE.has(core)) return `what follows is no value of the tag !!${core}`
  const name = printable(core === undefined ? tag : `!!${core}`)
  return `the tag ${name.length > LONGEST ? `${name.slice(0, LONGEST)}…` : name} means nothing in a contract; write the value without it`
}
