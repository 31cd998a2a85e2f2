/**
 * Collects the values of a statement: each stands in its text as a typed place `{p0:Int64}`, and travels beside it. No value is ever part of
 * a text.
 */
import { engineParameters } from '../formats/parameters.ts'
import type { EngineParameters } from '../ports.ts'
import type { ColumnType } from './column-type.ts'

/** See {@link createSqlParameters}. */
export type SqlParameters = ReturnType<typeof createSqlParameters>

/** Makes an empty collection. */
export function createSqlParameters() {
  const places = new Map<string, string>()
  const values: Record<string, string> = {}
  return {
    /** The place of a value that is in the engine's notation for its type. */
    add(value: string, { name: type }: Pick<ColumnType, 'name'>): string {
      const key = `${type}\0${value}`
      const known = places.get(key)
      if (known !== undefined) return known
      const name = `p${places.size}`
      const place = `{${name}:${type}}`
      places.set(key, place)
      values[name] = value
      return place
    },
    all: (): EngineParameters => engineParameters(values),
  }
}
