/** Statements about the source table of the benchmark: `bench.odcs.yaml` as it stands in Postgres. */

/** Makes the table; its columns are in the order in which capture will send them. */
export const CREATE_TABLE = /*sql*/ `
  create table public.bench (
    id bigint not null,
    tenant_id text not null,
    email text not null,
    phone text,
    full_name text not null,
    born date,
    balance numeric(12, 2) not null,
    tags text[] not null,
    preferences jsonb not null,
    notes text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, id)
  )`

/** A row of about the size and shape of those that the worker is measured with; `tenant` is an SQL expression, `g` the id. */
const rowOf = (tenant: string): string => /*sql*/ `
  select g, ${tenant}, 'person.' || g || '@mail-' || g % 50 || '.example',
    case when g % 20 = 7 then null else '+49 30 ' || lpad((g % 10000000)::text, 7, '0') end,
    'Maria Person-' || g, case when g % 30 = 11 then null else date '1940-01-01' + (g % 20000)::int end,
    (g % 20000) - 500 + (g % 100) / 100.0, (array['new', 'returning', 'newsletter'])[1:(g % 4)::int],
    jsonb_build_object('seen', g % 77, 'language', 'de', 'channels', jsonb_build_object('mail', g % 2 = 0), 'greeting', 'Dear "M"'),
    rpad('Asked twice about delivery to another address; left with a neighbour, "third floor"', 300, '. and was found'),
    timestamptz '2025-10-09 00:00:00Z' + (g % 86400) * interval '1 second', clock_timestamp()`

const tenantOf = (id: string): string => `'tenant-' || ${id} % 20`

/** Fills the table; $1: first id, $2: last. */
export const SEED = /*sql*/ `insert into public.bench ${rowOf(tenantOf('g'))} from generate_series($1::bigint, $2::bigint) as g`

/** Changes in one transaction: updates of the ids $1, and new rows with the ids from $2 to $3. */
export const CHANGE = /*sql*/ `
  with changed as (
    update public.bench as b set balance = b.balance + 0.01, updated_at = clock_timestamp()
    from unnest($1::bigint[]) as k where b.tenant_id = ${tenantOf('k')} and b.id = k
  )
  insert into public.bench ${rowOf(tenantOf('g'))} from generate_series($2::bigint, $3::bigint) as g`

/** Rows of this tenant are the probes. */
export const PROBE_TENANT = 'probe'

/** Writes a probe with the id $1. */
export const PROBE = /*sql*/ `insert into public.bench ${rowOf(`'${PROBE_TENANT}'`)} from generate_series($1::bigint, $1::bigint) as g`
