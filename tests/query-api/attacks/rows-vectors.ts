/** Attempts at GET /v1/datasets/{name}/rows: by filters, names, order, groups, totals, pages, addresses and headers. */
import { MARKERS, type RowsVector } from './vector.ts'

const [MARKER, NUMBER] = MARKERS
const q = (parameters: Readonly<Record<string, string>>): string => String(new URLSearchParams(parameters))

type Row = Omit<RowsVector, 'group'>

const DIRECT: readonly Row[] = [
  { name: 'every column', query: 'limit=1000', leaks: true },
  { name: 'the other tenant', query: 'tenant_id=eq.south&limit=1000', leaks: true },
  { name: 'not the own tenant', query: 'tenant_id=neq.north', leaks: true },
  { name: 'not the own tenant, by not', query: 'tenant_id=not.eq.north', leaks: true },
  { name: 'a list of tenants', query: 'tenant_id=in.(north,south)&limit=1000', leaks: true },
  {
    name: 'an alternative that always holds',
    query: q({ or: '(tenant_id.eq.north,id.gte.0)', limit: '1000' }),
    leaks: true,
  },
  {
    name: 'groups in groups',
    query: q({ 'not.and': '(tenant_id.eq.north,not.or(tenant_id.eq.south,id.lt.0))' }),
    leaks: true,
  },
  {
    name: 'a marker by its text',
    query: q({ name: `like.*${MARKER.slice(3, 11)}*`, select: 'name' }),
    leaks: true,
  },
  { name: 'a marker by its number', query: `amount=eq.${NUMBER}`, leaks: true },
  { name: 'more than one has', query: 'amount=gt.1000', leaks: true },
  { name: 'the largest first', query: 'sort=amount.desc&limit=3', leaks: true },
  { name: 'the last page first', query: 'sort=tenant_id.desc,id.desc&limit=3', leaks: true },
  {
    name: 'groups by tenant',
    query: q({ group: 'tenant_id', aggregate: 'count(),max(amount)' }),
    leaks: true,
  },
  {
    name: 'aggregates of everything',
    query: q({ aggregate: 'count(),max(amount),uniq(tenant_id),sum(amount)' }),
    leaks: true,
  },
  {
    name: 'an array that both have',
    query: q({ tags: 'contains.(vip)', select: 'name', limit: '1000' }),
    leaks: true,
  },
  { name: 'another dataset of both', query: 'select=name&limit=1000', dataset: 'sales', leaks: true },
]

const SIDE: readonly Row[] = [
  { name: 'an exact total', query: 'total=exact&limit=1', leaks: true },
  { name: 'an estimated total', query: 'total=estimate&limit=1', leaks: true },
  {
    name: 'an exact total of what others have',
    query: `total=exact&limit=1&amount=eq.${NUMBER}`,
    leaks: true,
  },
  { name: 'whether there is a next page', query: 'limit=50', leaks: true },
  { name: 'a value that does not fit its type', query: 'amount=eq.x' },
  { name: 'a number too long', query: `id=eq.${'9'.repeat(400)}` },
  {
    name: 'an entity tag',
    query: 'select=id&limit=2',
    headers: { 'if-none-match': 'W/"AAAAAAAAAAAAAAAAAAAAAAAA"' },
  },
  { name: 'any entity tag', query: 'select=id&limit=2', headers: { 'if-none-match': '*' } },
  { name: 'a range', query: 'select=id&limit=2', headers: { range: 'bytes=0-9' } },
  {
    name: 'since a date',
    query: 'select=id&limit=2',
    headers: { 'if-modified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' },
  },
  { name: 'a pattern of wildcards', query: q({ name: `like.${'*a'.repeat(400)}` }) },
]

const STORAGE: readonly Row[] = [
  { name: 'a withheld column in select', query: 'select=secret_note' },
  { name: 'a withheld column beside all', query: q({ select: '*,secret_note' }) },
  { name: 'a withheld column in a filter', query: 'secret_note=eq.hush' },
  { name: 'a withheld column in a group of filters', query: q({ or: '(id.eq.1,secret_note.starts.h)' }) },
  { name: 'a withheld column in sort', query: 'sort=secret_note' },
  { name: 'a withheld column in group', query: q({ group: 'secret_note', aggregate: 'count()' }) },
  { name: 'a withheld column in an aggregate', query: q({ aggregate: 'max(secret_note)' }) },
  { name: 'a withheld column in another case', query: 'select=SECRET_NOTE' },
  { name: 'a column that is not stored', query: 'select=street' },
  { name: 'a source’s name of a token', query: 'email=eq.x' },
  { name: '_version', query: 'select=_version' },
  { name: '_deleted in a filter', query: '_deleted=eq.1' },
  { name: '_part', query: 'select=_part' },
  { name: '_table in a group', query: q({ group: '_table', aggregate: 'count()' }) },
  { name: 'a subcolumn', query: q({ select: 'name.null' }) },
]

const ENGINES: readonly Row[] = [
  'planted_view',
  'planted_mv',
  'planted_buffer',
  'planted_merge',
  'planted_memory',
  'planted_join',
  'planted_dictionary',
].map((dataset) => ({ name: dataset.replace('_', ' '), query: 'limit=1000', dataset }))

const PARSER: readonly Row[] = [
  { name: 'SQL as a value', query: q({ name: "eq.x' OR '1'='1", select: 'name' }) },
  { name: 'SQL as a value of a list', query: q({ name: `in.("x') OR ('1'='1")`, select: 'name' }) },
  { name: 'SQL as a number', query: q({ id: 'eq.1) OR (1=1' }) },
  { name: 'SQL as a column', query: q({ 'id) OR (1': 'eq.1' }) },
  { name: 'a quoted identifier as a column', query: q({ 'id` = 1 OR `id': 'eq.1' }) },
  { name: 'SQL in select', query: q({ select: '(SELECT max(amount) FROM clients)' }) },
  { name: 'SQL in sort', query: q({ sort: "id,file('/etc/passwd')" }) },
  { name: 'SQL in group', query: q({ group: 'id) FROM planted_view --', aggregate: 'count()' }) },
  { name: 'a function in aggregate', query: q({ aggregate: "groupArray(name),file('/etc/passwd')" }) },
  { name: 'SQL in limit', query: q({ limit: '1 OFFSET 60' }) },
  { name: 'no limit', query: 'limit=1e9' },
  { name: 'a limit below zero', query: 'limit=-1' },
  { name: 'a parameter place as a value', query: q({ name: 'eq.{p0:String}', select: 'name' }) },
  { name: 'a null byte', query: 'name=eq.%00' },
  { name: 'bytes that are no text', query: 'name=eq.%ff%fe&select=name' },
  { name: 'half a surrogate', query: 'name=eq.%ed%a0%80&select=name' },
  {
    name: 'a line break for a header',
    query: q({ select: 'id', limit: '2', purpose: 'x\r\nset-cookie: a=b' }),
  },
  { name: 'a link that ends early', query: `select=id&limit=2&id=gte.0%3E;rel=%22next%22` },
  { name: 'a deep nest', query: q({ or: `${'(or'.repeat(150)}(id.eq.1)${')'.repeat(150)}` }) },
  { name: 'an operator of the object’s', query: q({ id: 'constructor.1' }) },
  { name: 'a column of the object’s', query: q({ __proto__x: 'eq.1', constructor: 'eq.1' }) },
]

const SETTINGS: readonly Row[] = [
  { name: 'a setting as a parameter', query: 'select=id&limit=2&final=0' },
  { name: 'a session', query: 'select=id&limit=2&session_id=x' },
  {
    name: 'a filter of the engine’s',
    query: q({ select: 'id', limit: '2', additional_table_filters: "{'clients':'1'}" }),
  },
  { name: 'a query of the engine’s', query: q({ query: 'SELECT 1', limit: '2' }) },
]

const IDENTITY: readonly Row[] = [
  { name: 'another role', query: 'role=engineer' },
  { name: 'a role of nobody', query: 'role=default' },
  { name: 'two roles', query: 'role=analyst&role=engineer' },
  { name: 'a user', query: 'select=id&limit=2&user=admin&password=x' },
  {
    name: 'headers that the engine would listen to',
    query: q({ aggregate: 'count()', group: 'tenant_id' }),
    headers: {
      'x-clickhouse-user': 'admin',
      'x-clickhouse-key': 'x',
      'x-clickhouse-database': 'system',
      'x-tenant': 'south',
      'x-forwarded-user': 'sam',
    },
    leaks: true,
  },
]

const PATHS: readonly Row[] = [
  { name: 'a table of the system', query: '', dataset: 'system.tables' },
  { name: 'a table of the database', query: '', dataset: 'analytics.clients' },
  { name: 'a name in another case', query: '', dataset: 'CLIENTS' },
  { name: 'a name with SQL', query: '', dataset: encodeURIComponent("clients' UNION SELECT 1 --") },
  { name: 'a name with a backtick', query: '', dataset: encodeURIComponent('clients` AS x, `planted_view') },
  { name: 'a way up', query: '', dataset: '..%2f..%2fopenapi.json' },
  { name: 'a null byte in the name', query: '', dataset: 'clients%00' },
  { name: 'a name of the object’s', query: '', dataset: '__proto__' },
  { name: 'a name that is no text', query: '', dataset: '%ff' },
  { name: 'a very long name', query: '', dataset: 'c'.repeat(5_000) },
]

/** All of them. */
export const ROWS_VECTORS: readonly RowsVector[] = [
  ...DIRECT.map((row) => ({ group: 'direct' as const, ...row })),
  ...SETTINGS.map((row) => ({ group: 'settings' as const, ...row })),
  ...IDENTITY.map((row) => ({ group: 'identity' as const, ...row })),
  ...STORAGE.map((row) => ({ group: 'storage' as const, ...row })),
  ...ENGINES.map((row) => ({ group: 'other engines' as const, ...row })),
  ...SIDE.map((row) => ({ group: 'side channels' as const, ...row })),
  ...PARSER.map((row) => ({ group: 'the parser' as const, ...row })),
  ...PATHS.map((row) => ({ group: 'other paths' as const, ...row })),
]
