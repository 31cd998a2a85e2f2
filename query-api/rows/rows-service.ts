/**
 * Answers rows of a dataset, by statements that the query service runs like any other: gate, lineage and access record are its own.
 *
 * JSON is one statement: the page is held until it is whole, and its cursors stand in it and in the header. Formats that stream cannot
 * tell the last row before it is sent, so the edges of the page are asked for first, and then the rows between them: rows that come in the
 * meantime are on this page or on none, and every other row is where it was. A total is counted before that. Whatever runs first also
 * asks whether the caller has the answer already.
 */
import type { Readable } from 'node:stream'
import type { AccessScope, Principal } from '#contracts/compile/access-scope.ts'
import { MogoError } from '#contracts/errors.ts'
import type { CacheWish } from '../cache/cache-control.ts'
import type { CacheStatus } from '../cache/cache-status.ts'
import type { DataVersion } from '../datasets/data-version.ts'
import { findDataset } from '../datasets/find-dataset.ts'
import type { DataVersions } from '../datasets/kept-data-version.ts'
import type { Urgency } from '../fair-use/urgency.ts'
import { type AnswerFormat, JSON_FORMAT } from '../formats/formats.ts'
import type { createQueryService, QueryAnswer } from '../query-service.ts'
import { type Cursor, type CursorOwner, readCursor, writeCursor } from './cursor.ts'
import { entityTag, matchesTag } from './entity-tag.ts'
import { pageCursors } from './page-cursors.ts'
import { type PageEdges, pageFormat } from './page-format.ts'
import type { RowsKeys } from './rows-keys.ts'
import { datasetsOf, planIdentity, planRows, type RowsPlan } from './rows-plan.ts'
import { LARGEST_LIMIT, type RowsRequest, readAsker, readRowsRequest } from './rows-request.ts'
import { type RowsStatement, rowsStatement } from './rows-sql.ts'
import { type RowsTotal, totalOf, totalStatement } from './rows-total.ts'

/** What the service is made of. */
export type RowsServiceOptions = {
  readonly service: ReturnType<typeof createQueryService>
  readonly versions: DataVersions
  readonly keys: RowsKeys
  /** ClickHouse database of the datasets. */
  readonly database: string
  /** Most rows in an answer. */
  readonly maxResultRows: number
}

/** One request. */
export type RowsQuestion = {
  readonly principal: Principal
  readonly dataset: string
  /** Query string without the `?`. */
  readonly query: string
  readonly format: AnswerFormat
  readonly ifNoneMatch: string | undefined
  readonly wish: CacheWish
  readonly urgency: Urgency
  readonly signal: AbortSignal
  /** Gives the id of each statement before it runs; the last one is that of the answer. */
  readonly newId: () => string
}

/** An answer. Without a body the caller has it already. */
export type RowsAnswer = {
  readonly body: Buffer | Readable | undefined
  readonly tag: string | undefined
  readonly next: string | null
  readonly prev: string | null
  readonly total: RowsTotal | undefined
  /** How the rows came about. */
  readonly status: CacheStatus | undefined
}

/** What is known once the scope is. */
type Known = {
  readonly plan: RowsPlan
  readonly request: RowsRequest
  readonly owner: CursorOwner
  readonly cursor: Cursor | undefined
  /** One for each dataset of the plan, read before any row is. */
  readonly versions: Promise<readonly (DataVersion | undefined)[]>
}

const ROUTE = '/v1/datasets/{name}/rows'

/** Makes the service. */
export function createRowsService(options: RowsServiceOptions) {
  const { service, versions, keys, database } = options
  // One row more is asked for, to see whether there are more.
  const mostRows = Math.min(LARGEST_LIMIT, options.maxResultRows - 1)
  return { answer }

  /** @throws MogoError MOGO_ROWS_*, MOGO_DATASET_UNKNOWN, and whatever the query service throws */
  async function answer(question: RowsQuestion): Promise<RowsAnswer> {
    const { role, purpose, total: wanted } = readAsker(question.query)
    let known: Known | undefined
    let hasRun = false
    let tag: string | undefined
    let total: RowsTotal | undefined
    let edges: PageEdges | undefined
    let around: Pick<RowsAnswer, 'next' | 'prev'> = { next: null, prev: null }

    if (wanted !== 'none') {
      const counted = await run(({ plan }) => totalStatement(plan, wanted, database), JSON_FORMAT)
      if (counted.isKnown) return answered()
      const { plan, versions: read } = learned()
      total = totalOf(plan, wanted, firstRow(counted), (await read)[0]?.rows)
    }
    if (question.format === JSON_FORMAT) {
      const page = await run((now) => pageStatement(now, 'both'), pageOf('both'))
      return answered(page)
    }
    const looked = await run((now) => pageStatement(now, 'positions'), pageOf('positions'))
    if (looked.isKnown) return answered()
    const rows = await run((now) => between(now, edges), question.format)
    return answered(rows)

    function answered(rows?: QueryAnswer): RowsAnswer {
      const body = rows?.isKnown ? undefined : rows?.body
      return { body, tag, ...around, total, status: rows?.status }
    }

    function learned(): Known {
      if (!known) throw new MogoError('MOGO_INTERNAL', { where: 'the rows of a dataset' })
      return known
    }

    /** Runs one statement; the first one also asks whether the caller has the answer already. */
    async function run(statement: (now: Known) => RowsStatement, format: AnswerFormat): Promise<QueryAnswer> {
      const isFirst = !hasRun
      hasRun = true
      return service.answer(question.newId(), {
        ...{ principal: question.principal, role, purpose, format, signal: question.signal },
        ...{ wish: question.wish, urgency: question.urgency, route: ROUTE },
        query: (scope) => {
          known ??= learn(scope, question)
          return statement(known)
        },
        isKnown: isFirst ? isKnown : undefined,
      })
    }

    async function isKnown(): Promise<boolean> {
      const { owner, request, versions: read } = learned()
      const found = (await read).flatMap((version) => (version ? [version.text] : []))
      if (found.length < (await read).length) return false
      const asked = [request.limit, request.cursor ?? '', request.total, question.format.mediaType]
      tag = entityTag(keys, [owner.scope, owner.query, ...asked, ...found])
      return matchesTag(question.ifNoneMatch, tag)
    }

    function pageOf(give: 'both' | 'positions'): AnswerFormat {
      return pageFormat(() => {
        const { request, cursor, owner } = learned()
        const finish = (found: PageEdges) => {
          edges = found
          const { next, prev } = pageCursors(cursor, found)
          around = {
            next: next && writeCursor(keys, owner, next),
            prev: prev && writeCursor(keys, owner, prev),
          }
          return { ...around, ...(total && { total }) }
        }
        return {
          ...{ limit: request.limit, backward: cursor?.backward ?? false, finish },
          edgesOnly: give === 'positions',
        }
      })
    }
  }

  function learn(scope: AccessScope, { dataset, query }: RowsQuestion): Known {
    const access = findDataset(scope, dataset)
    const request = readRowsRequest(query, mostRows)
    const plan = planRows(scope, access, request)
    const owner = { scope: scope.name, query: planIdentity(plan) }
    const cursor = request.cursor === undefined ? undefined : readCursor(keys, owner, request.cursor)
    const found = Promise.all(datasetsOf(plan).map((each) => versions.of(scope, each.dataset)))
    // Whoever needs them sees the fault.
    found.catch(() => undefined)
    return { plan, request, owner, cursor, versions: found }
  }

  function pageStatement({ plan, request, cursor }: Known, give: 'both' | 'positions'): RowsStatement {
    const range = { backward: cursor?.backward ?? false, from: cursor, limit: request.limit + 1 }
    return rowsStatement(plan, { ...range, give }, database)
  }

  /** The rows of a page whose edges are known. */
  function between({ plan, cursor }: Known, edges: PageEdges | undefined): RowsStatement {
    const backward = cursor?.backward ?? false
    const upTo = backward ? edges?.first : edges?.last
    const range = { backward, from: cursor, give: 'columns' } as const
    return rowsStatement(plan, upTo ? { ...range, upTo } : { ...range, limit: 0 }, database)
  }
}

/** The only row of a small answer. */
function firstRow({ body }: QueryAnswer): readonly unknown[] {
  const { rows } = JSON.parse(String(body)) as { readonly rows: readonly (readonly unknown[])[] }
  return rows[0] ?? []
}
