/**
 * Fencing: a worker that stood still while its lane went to another one must not write when it wakes. (Kafka refuses its commits by the
 * generation of the group; an insert asks nobody.)
 *
 * Whoever gets a lane claims it with a number above all before, and a name of its own. Every insert carries the question whether
 * the lane's last claim is its own, and the engine answers it when the insert begins: what was claimed before that is seen. An insert
 * that began earlier is found among the engine's queries, and waited for. The one that is fenced asks Kafka whether the lane is its own
 * all the same (two claims may meet), and claims anew, or lets go.
 */
import { quoteIdentifier, quoteLiteral } from '#contracts/compile/clickhouse-ddl.ts'
import { GOVERNANCE_TABLES } from '#contracts/events/topics.ts'
import type { Lane, LaneClaim } from '../ports.ts'

/** What the engine says when it refuses: the text of the exception has it. */
export const FENCED = 'mogo: another worker has claimed the lane'

/** One row per lane, once it is merged. */
export function laneClaimsTable(database: string): string {
  return /*sql*/ `CREATE TABLE IF NOT EXISTS ${claims(database)} (
  lane String COMMENT 'Table, topic and partition.',
  claim UInt64 COMMENT 'Rises with each claim.',
  owner String COMMENT 'Who claimed it.',
  at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(claim)
ORDER BY lane
COMMENT 'Which worker may write what comes from a partition.'`
}

/** Name of a lane's claims. */
export function claimedLane(table: string, { topic, partition }: Lane): string {
  return `${table}:${topic}:${partition}`
}

/** Claims a lane: from now on only this owner writes. */
export function claimStatement(database: string, { lane, owner }: LaneClaim): string {
  return /*sql*/ `INSERT INTO ${claims(database)} (lane, claim, owner)
SELECT ${quoteLiteral(lane)}, max(claim) + 1, ${quoteLiteral(owner)} FROM ${claims(database)} WHERE lane = ${quoteLiteral(lane)}`
}

/** A line of JSONCompactEachRow if a lane of the table was ever claimed, which comes with the first rows. (A replay claims under names of its own.) */
export function claimedStatement(database: string, table: string): string {
  return /*sql*/ `SELECT 1 FROM ${claims(database)} WHERE startsWith(lane, ${quoteLiteral(`${table}:`)}) LIMIT 1 FORMAT JSONCompactEachRow`
}

/** The condition of an insert; raises {@link FENCED}. */
export function claimCondition(database: string, { lane, owner }: LaneClaim): string {
  return /*sql*/ `throwIf((SELECT argMax(owner, (claim, owner)) FROM ${claims(database)} WHERE lane = ${quoteLiteral(lane)}) != ${quoteLiteral(owner)}, ${quoteLiteral(FENCED)}) = 0`
}

function claims(database: string): string {
  return `${quoteIdentifier(database)}.${GOVERNANCE_TABLES.laneClaims}`
}
