/**
 * What callers of the query API could reach in ClickHouse beyond rows that a row filter lets through: the rules, on facts that
 * `read-exposure.ts` reads from the engine.
 *
 * Fine is a table that a contract names, of a plain engine (MergeTree or ReplacingMergeTree, replicated or not), read by access scopes
 * through grants on single columns, under a row filter of each scope's own. Everything else that a scope could reach is an exposure:
 *   - another kind of object in the place of a table or behind a grant. A view may run as its definer, a materialized view and a
 *     dictionary hold copies of rows, Alias, Buffer, Merge and Distributed read other tables past their row filters, Join and Set give
 *     rows away by function, and a Summing or Aggregating table blends rows of tenants before a filter sees them;
 *   - a grant on a whole table, a database or everything, one that is no SELECT, or a role;
 *   - a grant without a row filter: the embedded engine then shows every row;
 *   - a table of engine Set anywhere, since `x IN set` asks for no grant;
 *   - a column that is computed when it is read (ALIAS): it may name a column or a dictionary that is not granted.
 * A scope of former contracts may keep its grants on a table that no contract names any more, as long as the table is plain and filtered.
 */
import { SCOPE_NAME } from '#contracts/compile/access-scope.ts'

/** An object of the engine. */
export type EngineObject = { readonly database: string; readonly name: string; readonly engine: string }
/** A column that is computed when it is read. */
export type ComputedColumn = { readonly database: string; readonly table: string; readonly name: string }
/** One right. Empty texts stand for "all of them". */
export type EngineGrant = {
  /** User or role. */
  readonly holder: string
  /** `SELECT`, `dictGet`, … */
  readonly access: string
  readonly database: string
  readonly table: string
  readonly everyColumn: boolean
  /** It takes the right away instead. */
  readonly isRevoke: boolean
}
/** A role that is given to a user or role. */
export type EngineRoleGrant = { readonly holder: string; readonly role: string }
/** A row filter. */
export type EngineRowPolicy = {
  readonly database: string
  /** Empty: all tables of the database. */
  readonly table: string
  readonly hasFilter: boolean
  readonly isRestrictive: boolean
  readonly appliesToAll: boolean
  readonly appliesTo: readonly string[]
  readonly except: readonly string[]
}

/** What was read. */
export type EngineFacts = {
  readonly objects: readonly EngineObject[]
  readonly computed: readonly ComputedColumn[]
  readonly grants: readonly EngineGrant[]
  readonly roles: readonly EngineRoleGrant[]
  readonly policies: readonly EngineRowPolicy[]
}

/** What there should be. */
export type ExpectedAccess = {
  /** Database of the datasets. */
  readonly database: string
  /** Tables that contracts name. */
  readonly tables: ReadonlySet<string>
  /** Identities that only parse. */
  readonly gates: readonly string[]
}

/** Something that could be reached, and why that is wrong. Names alone. */
export type Exposure = { readonly object: string; readonly reason: string }

const PLAIN_ENGINE = /^(?:Replicated|Shared)?(?:Replacing)?MergeTree$/

/** Everything that is wrong, each once, in a fixed order; empty if nothing is. */
export function findExposures(facts: EngineFacts, expected: ExpectedAccess): readonly Exposure[] {
  const found = [
    ...setTables(facts),
    ...unfitTables(facts, expected),
    ...computedColumns(facts, expected),
    ...roleGrants(facts, expected),
    ...gateGrants(facts, expected),
    ...scopeGrants(facts),
  ]
  const byText = new Map(found.map((exposure) => [`${exposure.object}: ${exposure.reason}`, exposure]))
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, exposure]) => exposure)
}

function setTables({ objects }: EngineFacts): readonly Exposure[] {
  return objects
    .filter(({ engine }) => engine === 'Set')
    .map((object) => ({ object: nameOf(object), reason: 'a Set, which IN reads without any grant' }))
}

/** Objects in the place of a contract's table. */
function unfitTables({ objects }: EngineFacts, { database, tables }: ExpectedAccess): readonly Exposure[] {
  return objects
    .filter((object) => object.database === database && tables.has(object.name))
    .flatMap(faultOfKind)
}

function computedColumns(facts: EngineFacts, { database, tables }: ExpectedAccess): readonly Exposure[] {
  return facts.computed
    .filter((column) => column.database === database && tables.has(column.table))
    .map(({ table, name }) => ({
      object: `${database}.${table}.${name}`,
      reason: 'an ALIAS, which is computed when it is read',
    }))
}

function roleGrants({ roles }: EngineFacts, { gates }: ExpectedAccess): readonly Exposure[] {
  return roles
    .filter(({ holder }) => isOurs(holder, gates))
    .map(({ holder, role }) => ({ object: `role ${role}`, reason: `given to ${holder}` }))
}

function gateGrants({ grants }: EngineFacts, { gates }: ExpectedAccess): readonly Exposure[] {
  return grants
    .filter((grant) => gates.includes(grant.holder) && !grant.isRevoke)
    .map((grant) => ({
      object: targetOf(grant),
      reason: `${grant.access} is granted to ${grant.holder}, which may only parse`,
    }))
}

function scopeGrants(facts: EngineFacts): readonly Exposure[] {
  const byName = new Map(facts.objects.map((object) => [nameOf(object), object]))
  const policies = policiesByPlace(facts.policies)
  return facts.grants
    .filter(({ holder, isRevoke }) => SCOPE_NAME.test(holder) && !isRevoke)
    .flatMap((grant) => faultOfGrant(grant, byName.get(targetOf(grant)), policies))
}

function faultOfGrant(
  grant: EngineGrant,
  object: EngineObject | undefined,
  policies: PoliciesByPlace,
): readonly Exposure[] {
  const { holder, access, database, table, everyColumn } = grant
  const target = targetOf(grant)
  if (access !== 'SELECT') return [{ object: target, reason: `${access} is granted to ${holder}` }]
  if (database === '' || table === '')
    return [{ object: target, reason: `all of it is granted to ${holder}` }]
  const faults: Exposure[] = []
  if (everyColumn) faults.push({ object: target, reason: `every column is granted to ${holder}` })
  if (object) faults.push(...faultOfKind(object))
  const reason = faultOfPolicies(grant, policies)
  if (reason !== undefined) faults.push({ object: target, reason })
  return faults
}

function faultOfKind(object: EngineObject): readonly Exposure[] {
  if (PLAIN_ENGINE.test(object.engine)) return []
  return [{ object: nameOf(object), reason: `a ${object.engine || 'nameless engine'}, not a plain table` }]
}

/** Row filters of a table or database: those for everybody, and those of each holder. There are thousands of both. */
type Policies = { readonly forAll: EngineRowPolicy[]; readonly byHolder: Map<string, EngineRowPolicy[]> }
type PoliciesByPlace = ReadonlyMap<string, Policies>

function policiesByPlace(policies: readonly EngineRowPolicy[]): PoliciesByPlace {
  const places = new Map<string, Policies>()
  for (const policy of policies) {
    const place = targetOf(policy)
    const here: Policies = places.get(place) ?? { forAll: [], byHolder: new Map() }
    places.set(place, here)
    if (policy.appliesToAll) here.forAll.push(policy)
    for (const holder of policy.appliesTo)
      here.byHolder.set(holder, [...(here.byHolder.get(holder) ?? []), policy])
  }
  return places
}

/**
 * A scope sees the rows of any permissive filter that applies to it, and of those only what every restrictive one lets through. So
 * there must be one of its own, and no permissive one of others unless a restrictive one of its own holds it.
 */
function faultOfPolicies(
  { holder, database, table }: EngineGrant,
  places: PoliciesByPlace,
): string | undefined {
  const here = [places.get(targetOf({ database, table })), places.get(targetOf({ database, table: '' }))]
  const own = here.flatMap((each) => each?.byHolder.get(holder) ?? []).filter(({ hasFilter }) => hasFilter)
  if (own.length === 0) return `${holder} has no row filter there`
  if (own.some(({ isRestrictive }) => isRestrictive)) return undefined
  const isWidened = here
    .flatMap((each) => each?.forAll ?? [])
    .some((policy) => !policy.isRestrictive && !policy.except.includes(holder))
  return isWidened ? `a row filter for everybody widens that of ${holder}` : undefined
}

function isOurs(holder: string, gates: readonly string[]): boolean {
  return SCOPE_NAME.test(holder) || gates.includes(holder)
}

function nameOf({ database, name }: EngineObject): string {
  return `${database}.${name}`
}

function targetOf({ database, table }: { readonly database: string; readonly table: string }): string {
  return `${database || '*'}.${table || '*'}`
}
