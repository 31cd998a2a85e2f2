/**
 * Names for datasets and their columns. Sources allow what a dataset cannot have: names that begin with `_`, differ in case only, hold
 * blanks or quotes, or are the token of another column. Such a thing gets another name; its own stands in `physicalName`.
 *
 * Choices depend on the order of tables and columns only, so that importing again gives the same names.
 */
import { createHash } from 'node:crypto'
import type { ImportedName } from './imported-table.ts'

/** Longest name of a dataset, and of a column. */
const MAX_LENGTH = 63

/** A name that a dataset may have: lower case letters, digits and `_`. Tables outside `public` carry their schema. */
export function datasetName({ schema, name }: ImportedName): string {
  const whole =
    schema === 'public' || schema === '' ? plainPart(name) : `${plainPart(schema)}_${plainPart(name)}`
  return (/^[a-z_]/.test(whole) ? whole : `t_${whole}`).slice(0, MAX_LENGTH)
}

/** Nothing readable is left of a name in another script: a hash keeps two of them apart. */
function plainPart(name: string): string {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9_]+/g, '_')
  if (/[a-z0-9]/.test(plain)) return plain
  return `t_${createHash('sha256').update(name).digest('hex').slice(0, 8)}`
}

/**
 * A name for each table, none twice. A table that has such a name already keeps it, whatever comes before it. `taken` are names of other
 * datasets.
 */
export function datasetNames(
  tables: readonly ImportedName[],
  taken: ReadonlySet<string> = new Set(),
): readonly string[] {
  const own = new Set(tables.filter((table) => datasetName(table) === table.name).map(({ name }) => name))
  const used = new Set(taken)
  return tables.map((table) => {
    const wanted = datasetName(table)
    const free = (name: string): boolean => !used.has(name) && (name === table.name || !own.has(name))
    let name = wanted
    for (let count = 2; !free(name); count++) {
      const ending = `_${count}`
      name = `${wanted.slice(0, MAX_LENGTH - ending.length)}${ending}`
    }
    used.add(name)
    return name
  })
}

/** A column that wants a name. `token`: it will be stored as `<name>_token` too. */
export type NameWish = { readonly name: string; readonly token: boolean }

/** A name in the contract for each column; nearly always its own. */
export function columnNames(wishes: readonly NameWish[]): readonly string[] {
  const sources = new Set(wishes.map(({ name }) => name.toLowerCase()))
  const taken = new Set<string>()
  return wishes.map((wish) => {
    const plain = plainName(wish.name)
    // Free: neither a name or a token so far, nor another column's name in the source.
    const free = (name: string): boolean =>
      !taken.has(name.toLowerCase()) &&
      (name === wish.name || !sources.has(name.toLowerCase())) &&
      !(wish.token && taken.has(`${name}_token`.toLowerCase()))
    let name = plain
    for (let count = 2; !free(name); count++) name = `${plain}_${count}`
    taken.add(name.toLowerCase())
    if (wish.token) taken.add(`${name}_token`.toLowerCase())
    return name
  })
}

/** Letters and digits of any script and `_`; not at the beginning, where `_` is reserved. */
function plainName(name: string): string {
  const plain = name
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{M}\p{N}_]+/gu, '_')
    .replace(/^_+/, '')
  return plain === '' ? 'column' : plain
}

/** Names of properties inside of a column: their own, but none twice, whatever the case. */
export function nestedNames(names: readonly string[]): readonly string[] {
  const sources = new Set(names.map((name) => name.toLowerCase()))
  const taken = new Set<string>()
  return names.map((own) => {
    const plain = own === '' ? 'property' : own
    let name = plain
    for (
      let count = 2;
      taken.has(name.toLowerCase()) || (name !== own && sources.has(name.toLowerCase()));
      count++
    )
      name = `${plain}_${count}`
    taken.add(name.toLowerCase())
    return name
  })
}

/** Part of a physical name: quoted unless it needs no quotes. */
export function quotePart(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}

/** Can it stand in a reference (`dataset.column`)? */
export function isReferable(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name)
}
