/**
 * The access scopes that the embedded ClickHouse has, kept in `.mogo/run/scopes.json`.
 *
 * A new list is tried before it is kept: the engine does not start with a grant it cannot parse, and a list that was kept too early would
 * keep it from starting for good.
 */

import { join } from 'node:path'
import { MogoError } from '#contracts/errors.ts'
import { type RenderedScope, renderUsersXml } from './clickhouse-config.ts'
import { readJson, writeJson } from './state-file.ts'

/** Adds scopes to a list, replacing those of the same name; sorted by name. */
export function mergeScopes(
  known: readonly RenderedScope[],
  added: readonly RenderedScope[],
): RenderedScope[] {
  const byName = new Map([...known, ...added].map((scope) => [scope.name, scope]))
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

const IDENTIFIER = '(?:[A-Za-z_][A-Za-z0-9_]*|`[^`\\\\]+`)'
const GRANT = new RegExp(
  `^GRANT SELECT(?:\\(${IDENTIFIER}(?:, ?${IDENTIFIER})*\\))? ON (${IDENTIFIER})\\.(${IDENTIFIER})$`,
)

/**
 * What is wrong with the grants of a scope, or undefined. A grant reads columns of one table, and that table has a row filter (`1` for every
 * row): a user without a filter on a table would see all of it.
 */
export function faultOfGrants(scope: RenderedScope): string | undefined {
  const filtered = new Set(scope.rowFilters.map(({ database, table }) => `${database}.${table}`))
  for (const [i, grant] of scope.grants.entries()) {
    const parts = GRANT.exec(grant)
    if (parts === null) return `grant ${i + 1} is not GRANT SELECT(columns) ON database.table`
    const table = `${unquote(parts[1])}.${unquote(parts[2])}`
    if (!filtered.has(table)) return `${table} has no row filter`
  }
  return undefined
}

const unquote = (name: string | undefined): string => (name ?? '').replaceAll('`', '')

/** What the book needs of the engine. */
export type ScopeEngine = {
  /** True if the engine can parse this row filter. One that it cannot parse it would pass over, and show every row. */
  readonly canParse: (filter: string) => Promise<boolean>
  /** Starts the engine again with `current()`. */
  readonly restart: () => Promise<void>
}

export class ScopeBook {
  readonly #file: string
  #current: readonly RenderedScope[]
  #turn: Promise<unknown> = Promise.resolve()

  constructor(stateDir: string) {
    this.#file = join(stateDir, 'run', 'scopes.json')
    this.#current = readJson<{ scopes: RenderedScope[] }>(this.#file)?.scopes ?? []
  }

  /** What the engine is to start with. */
  current(): readonly RenderedScope[] {
    return this.#current
  }

  /**
   * Adds scopes, or replaces all by them; one call after the other.
   *
   * The engine is started again only if something changed, and once more with the former list if it does not start.
   *
   * @throws MogoError MOGO_SCOPES_REJECTED
   */
  put(
    scopes: readonly RenderedScope[],
    engine: ScopeEngine,
    others: 'keep' | 'remove' = 'keep',
  ): Promise<{ changed: boolean }> {
    const turn = this.#turn.then(async () => {
      const former = this.#current
      const merged = mergeScopes(others === 'keep' ? former : [], scopes)
      if (JSON.stringify(merged) === JSON.stringify(former)) return { changed: false }
      await check(scopes, engine)
      this.#current = merged
      try {
        await engine.restart()
      } catch (error) {
        this.#current = former
        await engine.restart()
        throw rejected(scopes, 'the engine does not start with them', error)
      }
      writeJson(this.#file, { scopes: merged })
      return { changed: true }
    })
    this.#turn = turn.catch(() => {})
    return turn
  }
}

async function check(scopes: readonly RenderedScope[], engine: ScopeEngine): Promise<void> {
  for (const scope of scopes) {
    const fault = faultOfGrants(scope)
    if (fault !== undefined) throw rejected([scope], fault)
  }
  try {
    renderUsersXml({ users: [], scopes })
  } catch (error) {
    throw rejected(scopes, 'a name cannot be written into users.xml', error)
  }
  const known = new Map<string, boolean>()
  for (const scope of scopes) {
    for (const { database, table, filter } of scope.rowFilters) {
      if (!known.has(filter)) known.set(filter, await engine.canParse(filter))
      if (known.get(filter) !== true)
        throw rejected([scope], `the row filter of ${database}.${table} is not one expression`)
    }
  }
}

function rejected(scopes: readonly RenderedScope[], detail: string, cause?: unknown): MogoError {
  const names = scopes.map((scope) => scope.name).join(', ')
  return new MogoError('MOGO_SCOPES_REJECTED', { names, detail }, { cause })
}
