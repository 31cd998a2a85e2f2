/**
 * Reads from ClickHouse what access scopes could reach: objects, computed columns, grants, roles, row filters. The identity that asks
 * needs to see them all (SHOW and SHOW ACCESS on everything) and no row of any table.
 *
 * An identity that sees too little would find nothing wrong. So it must at least see its own grants; what it sees beside them is the
 * administrator's care.
 */
import { z } from 'zod'
import { SCOPE_NAME } from '#contracts/compile/access-scope.ts'
import { quoteLiteral } from '#contracts/compile/clickhouse-ddl.ts'
import { MogoError } from '#contracts/errors.ts'
import {
  type EngineFacts,
  type EngineGrant,
  type ExpectedAccess,
  type Exposure,
  findExposures,
} from './exposure.ts'

/** Runs a statement and gives its rows, as objects. */
export type AskEngine = (sql: string) => Promise<readonly unknown[]>

const OWN_DATABASES = ['system', 'information_schema', 'INFORMATION_SCHEMA'].map(quoteLiteral).join(', ')

const OBJECTS = /*sql*/ `SELECT database, name, engine FROM system.tables WHERE database NOT IN (${OWN_DATABASES})`
const ROLES = /*sql*/ `SELECT coalesce(user_name, role_name, '') AS holder, granted_role_name AS role FROM system.role_grants`
const POLICIES = /*sql*/ `SELECT database, table, coalesce(select_filter, '') != '' AS hasFilter, is_restrictive AS isRestrictive,
  apply_to_all AS appliesToAll, apply_to_list AS appliesTo, apply_to_except AS except FROM system.row_policies`

const flag = z.union([z.boolean(), z.number()]).transform(Boolean)
const objectRow = z.object({ database: z.string(), name: z.string(), engine: z.string() })
const computedRow = z.object({ database: z.string(), table: z.string(), name: z.string() })
const grantRow = z.object({
  ...{ holder: z.string(), access: z.string(), database: z.string(), table: z.string() },
  ...{ everyColumn: flag, isRevoke: flag },
})
const countRow = z.object({ n: z.coerce.number() })
const roleRow = z.object({ holder: z.string(), role: z.string() })
const policyRow = z.object({
  ...{ database: z.string(), table: z.string(), hasFilter: flag, isRestrictive: flag, appliesToAll: flag },
  ...{ appliesTo: z.array(z.string()), except: z.array(z.string()) },
})

/**
 * Everything that access scopes could reach and should not.
 *
 * @param self name of the identity that asks
 * @throws MogoError MOGO_EXPOSURE_UNREADABLE, and whatever `ask` throws
 */
export async function readExposures(
  ask: AskEngine,
  expected: ExpectedAccess,
  self: string,
): Promise<readonly Exposure[]> {
  const [objects, computed, grants, roles, policies] = await Promise.all([
    rows(ask, OBJECTS, objectRow),
    rows(ask, computedColumnsOf(expected.database), computedRow),
    grantsOf(ask, [...expected.gates, self]),
    rows(ask, ROLES, roleRow),
    rows(ask, POLICIES, policyRow),
  ])
  const facts: EngineFacts = { objects, computed, grants, roles, policies }
  if (!grants.some(({ holder }) => holder === self))
    throw new MogoError('MOGO_EXPOSURE_UNREADABLE', { user: self })
  return findExposures(facts, expected)
}

/** Grants of scopes and of these holders, not one for each column: there are scopes by the thousand. */
async function grantsOf(ask: AskEngine, holders: readonly string[]): Promise<readonly EngineGrant[]> {
  // `GRANT … ON shop.or*` names a beginning; versions before 24.10 have no such grants.
  const [pattern] = await rows(
    ask,
    /*sql*/ `SELECT count() AS n FROM system.columns WHERE database = 'system' AND table = 'grants' AND name = 'is_wildcard'`,
    countRow,
  )
  const isPattern = pattern?.n ? 'is_wildcard' : '0'
  return rows(
    ask,
    /*sql*/ `SELECT DISTINCT coalesce(user_name, role_name, '') AS holder, toString(access_type) AS access, coalesce(database, '') AS database,
  if(${isPattern}, '', coalesce(table, '')) AS table, isNull(column) AS everyColumn, is_partial_revoke AS isRevoke
  FROM system.grants WHERE match(holder, ${quoteLiteral(SCOPE_NAME.source)}) OR holder IN (${holders.map(quoteLiteral).join(', ')})`,
    grantRow,
  )
}

function computedColumnsOf(database: string): string {
  return /*sql*/ `SELECT database, table, name FROM system.columns WHERE database = ${quoteLiteral(database)} AND default_kind IN ('ALIAS', 'EPHEMERAL')`
}

async function rows<T>(ask: AskEngine, sql: string, schema: z.ZodType<T>): Promise<readonly T[]> {
  return (await ask(sql)).map((row) => schema.parse(row))
}
