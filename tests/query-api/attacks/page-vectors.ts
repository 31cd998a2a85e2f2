/** Attempts with cursors and entity tags of others, changed ones, and by following pages; and at the other addresses of the API. */
import { type Asker, askPath, askRows, cursorsOf, walk } from './doors.ts'
import { type Group, MARKERS, type Outcome } from './vector.ts'

/** An attempt that takes several requests. */
export type FlowVector = {
  readonly group: Group
  readonly name: string
  readonly door: 'cursor' | 'tag' | 'path'
  readonly leaks?: true
  readonly varies?: true
  readonly run: (asker: Asker) => Promise<Outcome>
}

const QUESTION = 'select=id,name&sort=name&limit=7'

/** A page of the question at a cursor. */
const at = (asker: Asker, cursor: string | null, query = QUESTION, dataset?: string): Promise<Outcome> =>
  askRows(asker, { query: `${query}&cursor=${cursor ?? ''}`, ...(dataset !== undefined && { dataset }) })

const together = (outcomes: readonly Outcome[]): Outcome => ({
  status: Math.min(...outcomes.map(({ status }) => status)),
  code: outcomes.find(({ code }) => code !== '')?.code ?? '',
  seen: outcomes.map(({ seen }) => seen).join('\n'),
})

/** Cursors that are nearly one of ours. */
function forgeries(cursor: string): readonly string[] {
  const bytes = Buffer.from(cursor, 'base64url')
  const flipped = Array.from({ length: bytes.length }, (_, index) => {
    const changed = Buffer.from(bytes)
    changed[index] = (changed[index] ?? 0) ^ (1 << (index % 8))
    return changed.toString('base64url')
  })
  return [
    ...flipped,
    cursor.slice(0, -1),
    `${cursor}A`,
    cursor + cursor,
    `${cursor}=`,
    bytes.toString('base64'),
    Buffer.alloc(bytes.length).toString('base64url'),
    Buffer.alloc(32).toString('base64url'),
    'null',
    '0',
    '-1',
    '..',
    "' OR 1=1 --",
    'A'.repeat(3_000),
    'A'.repeat(20_000),
  ].map(encodeURIComponent)
}

const OTHERS: readonly FlowVector[] = [
  ...(['sam', 'edith'] as const).map(
    (other): FlowVector => ({
      ...{ group: 'other paths', name: `a cursor of ${other}’s answer to the same question`, door: 'cursor' },
      run: async (asker) => at(asker, (await cursorsOf({ ...asker, as: other }, QUESTION)).next),
    }),
  ),
  {
    ...{ group: 'other paths', name: 'a cursor of another order', door: 'cursor' },
    run: async (asker) => at(asker, (await cursorsOf(asker, 'select=id,name&sort=amount&limit=7')).next),
  },
  {
    ...{ group: 'other paths', name: 'a cursor of other filters', door: 'cursor' },
    run: async (asker) => at(asker, (await cursorsOf(asker, `${QUESTION}&id=gt.3`)).next),
  },
  {
    ...{ group: 'other paths', name: 'a cursor of other columns', door: 'cursor' },
    run: async (asker) => at(asker, (await cursorsOf(asker, 'select=id&sort=name&limit=7')).next),
  },
  {
    ...{ group: 'other paths', name: 'a cursor of another dataset', door: 'cursor' },
    run: async (asker) => at(asker, (await cursorsOf(asker, QUESTION, 'sales')).next),
  },
  {
    ...{ group: 'other paths', name: 'a cursor with more filters than it had', door: 'cursor' },
    run: async (asker) =>
      at(asker, (await cursorsOf(asker, QUESTION)).next, `${QUESTION}&tenant_id=eq.south`),
  },
  {
    ...{ group: 'other paths', name: 'cursors that are nearly one of ours', door: 'cursor' },
    run: async (asker) => {
      const { next } = await cursorsOf(asker, QUESTION)
      const outcomes: Outcome[] = []
      for (const forged of forgeries(next ?? '')) outcomes.push(await at(asker, forged))
      const accepted = outcomes.filter(({ code }) => code === '')
      return { ...together(outcomes), code: accepted.length === 0 ? 'MOGO_ROWS_CURSOR' : '' }
    },
  },
  {
    ...{ group: 'other paths', name: 'two cursors', door: 'cursor' },
    run: async (asker) => {
      const { next } = await cursorsOf(asker, QUESTION)
      const other = await cursorsOf({ ...asker, as: 'sam' }, QUESTION)
      return at(asker, `${next}&cursor=${other.next}`)
    },
  },
]

const PAGES: readonly FlowVector[] = [
  {
    ...{ group: 'direct', name: 'all pages, forwards', door: 'cursor', leaks: true },
    run: (asker) => walk(asker, 'select=id,name,amount&sort=amount&limit=29', 'next'),
  },
  {
    ...{ group: 'direct', name: 'all pages, backwards from the end', door: 'cursor', leaks: true },
    run: async (asker) => {
      const query = 'select=id,name,amount&sort=amount&limit=29'
      let { next } = await cursorsOf(asker, query)
      let prev: string | null = null
      while (next !== null) ({ next, prev } = await cursorsOf(asker, `${query}&cursor=${next}`))
      return walk(asker, query, 'prev', prev ?? undefined)
    },
  },
  {
    ...{ group: 'direct', name: 'all pages of the other tenant', door: 'cursor', leaks: true },
    run: (asker) => walk(asker, 'select=id,name&tenant_id=eq.south&limit=29', 'next'),
  },
  {
    ...{ group: 'side channels', name: 'cursors and links of every page', door: 'cursor', leaks: true },
    run: (asker) => walk(asker, 'select=id&sort=name.desc&limit=11', 'next'),
  },
]

/** The entity tag of somebody’s answer. */
async function tagOf(asker: Asker, query: string): Promise<string> {
  const { seen } = await askRows(asker, { query })
  return /^etag: (.*)$/m.exec(seen)?.[1] ?? ''
}

const TAGS: readonly FlowVector[] = [
  ...(['sam', 'edith'] as const).map(
    (other): FlowVector => ({
      ...{
        group: 'side channels',
        name: `an entity tag of ${other}’s answer to the same question`,
        door: 'tag',
      },
      run: async (asker) => {
        const tag = await tagOf({ ...asker, as: other }, QUESTION)
        const mine = await askRows(asker, { query: QUESTION, headers: { 'if-none-match': tag } })
        // 304 would say that both see the same, which is as good as a marker.
        return tag === '' || mine.status === 304 ? { ...mine, seen: MARKERS[0] } : mine
      },
    }),
  ),
  {
    ...{
      group: 'side channels',
      name: 'whether the own entity tag changes when others’ rows do',
      door: 'tag',
      leaks: true,
    },
    run: async (asker) => ({ status: 200, code: '', seen: await tagOf(asker, QUESTION) }),
  },
  {
    ...{
      group: 'side channels',
      name: 'the entity tag of rows of the other tenant',
      door: 'tag',
      leaks: true,
    },
    run: async (asker) => ({ status: 200, code: '', seen: await tagOf(asker, 'tenant_id=eq.south') }),
  },
]

const path = (
  group: Group,
  name: string,
  url: string,
  more: {
    readonly method?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly leaks?: true
  } = {},
): FlowVector => {
  const { leaks, ...request } = more
  return {
    group,
    name,
    door: 'path',
    ...(leaks && { leaks }),
    run: (asker) => askPath(asker, { url, ...request }),
  }
}

const PATHS: readonly FlowVector[] = [
  path('other paths', 'datasets', '/v1/datasets'),
  path('other paths', 'datasets of another role', '/v1/datasets?role=engineer'),
  path('side channels', 'freshness and columns of a dataset', '/v1/datasets/clients', { leaks: true }),
  path('identity', 'a dataset in another role', '/v1/datasets/clients?role=engineer'),
  path('other paths', 'a planted view as a dataset', '/v1/datasets/planted_view'),
  path('other paths', 'a table of the system as a dataset', '/v1/datasets/system.tables'),
  path('other paths', 'a search that is a pattern', '/v1/datasets?search=%25'),
  path('identity', 'who one is', '/v1/me'),
  path('other paths', 'lineage', '/v1/lineage/clients'),
  path('other paths', 'lineage of a withheld column', '/v1/lineage/clients.secret_note'),
  path(
    'other paths',
    'lineage of another’s query',
    '/v1/lineage/queries/00000000-0000-4000-8000-000000000000',
  ),
  path('other paths', 'quarantine', '/v1/quarantine'),
  path('other paths', 'a way up behind a prefix', '/v1/lineage/../../metrics'),
  path('other paths', 'a way up, encoded', '/v1/lineage/..%2f..%2fmetrics'),
  path('side channels', 'HEAD', '/v1/datasets/clients/rows?limit=2', { method: 'HEAD' }),
  path('side channels', 'OPTIONS', '/v1/datasets/clients/rows', { method: 'OPTIONS' }),
  path('side channels', 'TRACE', '/v1/query', { method: 'TRACE' }),
  path('other paths', 'another method in a header', '/v1/datasets', {
    headers: { 'x-http-method-override': 'DELETE' },
  }),
  path('identity', 'another host', '/v1/datasets', {
    headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example' },
  }),
  path('other paths', 'a debugger', '/v1/../debug/pprof'),
]

/** All of them. */
export const FLOW_VECTORS: readonly FlowVector[] = [...PAGES, ...OTHERS, ...TAGS, ...PATHS]
