/** A schema with everything that an import can meet: every kind of type, domain, check, key and partition, and names that hurt. */

/** A name of 63 bytes, which is as long as Postgres goes. */
export const LONG_NAME = 'n'.repeat(63)

/** Statements, without personal data but for what the samples are to find (all of it made up). */
export const SOURCE_SCHEMA = /*sql*/ `
create schema shop;
create schema "Odd ""Schema"".x";

create domain shop.code as varchar(12) check (value ~ '^[A-Z]{2}\\d+$');
create domain shop.positive as numeric(12,2) not null check (value > 0);
create domain "Short Text" as text check (char_length(value) <= 40);
create type shop.status as enum ('new', 'paid', 'it''s', 'yes', 'null', '1');
create type "Mood" as enum ('ok', 'ü');
create type shop.address as (street text, zip varchar(10), "no" integer);

create table shop.customer (
  id bigint generated always as identity primary key,
  tenant_id text not null,
  contact text,
  reach_at varchar(200),
  account text,
  note text,
  birth_date date,
  address shop.address,
  is_active boolean not null default true,
  unique (tenant_id, id)
);
comment on table shop.customer is 'People who buy.';
comment on column shop.customer.contact is 'How to reach them.';

create table shop.product (
  code shop.code primary key,
  title "Short Text" not null unique,
  price shop.positive,
  weight double precision check (weight > 0 and weight < 1000.5),
  rating smallint check (rating between 1 and 5),
  size char(1) check (size in ('S', 'M', 'L')),
  color varchar(10) check (color in ('red', 'green')),
  grade text check (grade = any (array['a', 'b'])),
  ean text check (length(ean) = 13),
  slug text check (slug ~ '^[a-z0-9-]+$' and char_length(slug) >= 3),
  anything text check (anything ~* 'abc'),
  word text check (word ~ '^\\w+$'),
  mail text check (mail ~ '^.+@.+$' or mail is null),
  since date check (since >= '2000-01-01'),
  seen timestamptz check (seen > '2001-02-03 04:05:06+02'),
  low integer, high integer,
  constraint low_below_high check (low < high),
  constraint odd check (low % 2 = 1)
);

create table shop.orders (
  tenant_id text not null,
  id uuid not null default gen_random_uuid(),
  customer_id bigint not null references shop.customer,
  status shop.status not null default 'new',
  moods "Mood"[] not null default '{}',
  parent_tenant text, parent_id uuid,
  total numeric(12,2) not null check (total >= 0),
  total_with_tax numeric generated always as (total * 1.2) stored,
  primary key (tenant_id, id),
  foreign key (parent_tenant, parent_id) references shop.orders (tenant_id, id)
);

create table shop.order_line (
  tenant_id text not null,
  order_id uuid not null,
  line smallserial,
  product shop.code references shop.product,
  quantity integer not null check (quantity > 0),
  primary key (tenant_id, order_id, line),
  foreign key (tenant_id, order_id) references shop.orders (tenant_id, id)
);

create table every_type (
  id serial primary key,
  a_smallint smallint, a_bigint bigint, a_numeric numeric, a_decimal numeric(20,4), a_negative numeric(5,-2),
  a_real real, a_double double precision, a_money money, a_boolean boolean,
  a_text text, a_varchar varchar, a_varchar_n varchar(7), a_char char, a_char_n char(3), a_bpchar bpchar, a_name name, an_internal "char",
  a_bytea bytea, a_uuid uuid, a_date date, a_time time, a_time_3 time(3), a_timetz timetz,
  a_timestamp timestamp, a_timestamp_3 timestamp(3), a_timestamptz timestamptz, an_interval interval,
  a_json json, a_jsonb jsonb, an_xml xml, an_inet inet, a_cidr cidr, a_macaddr macaddr, a_macaddr8 macaddr8,
  a_bit bit(8), a_varbit varbit(16), a_point point, a_line line, a_box box, a_path path, a_polygon polygon, a_circle circle,
  a_tsvector tsvector, a_tsquery tsquery, an_int4range int4range, a_numrange numrange, a_tstzrange tstzrange, a_daterange daterange,
  an_int4multirange int4multirange, an_oid oid, a_pg_lsn pg_lsn,
  texts text[], matrix integer[][], codes varchar(3)[], stamps timestamptz[], amounts numeric(8,2)[], statuses shop.status[],
  a_regclass regclass
);

create table measured (
  sensor integer not null, at timestamptz not null, value double precision,
  primary key (sensor, at)
) partition by range (at);
create table measured_2025 partition of measured for values from ('2025-01-01') to ('2026-01-01');
create table measured_rest partition of measured default;

create table by_region (id bigint, region text not null, primary key (id, region)) partition by list (region);
create table by_region_rest partition of by_region default;

create table indexed (no integer not null, name text not null, other text);
create unique index indexed_two on indexed (name, no);
create unique index indexed_no on indexed (no);
create unique index indexed_partial on indexed (other) where other <> '';

create table keyless (a text, b integer);
create unlogged table forgotten (id integer primary key);
create view seen as select id from shop.customer;
create materialized view stored as select id from shop.customer;

create table "Odd ""Schema"".x"."Ta.ble %s 'q' ü" (
  "Id" bigint primary key, "id" integer unique, "ID" text, "_id" text, "__" text, "select" text, "a b" text, "a.b" text, "a""b" text,
  "%s" text check ("%s" <> ''), "\\x" text, "email" text, "Email" text, "email_token" text, "email token" text, "日本" text, "ß" text,
  "${LONG_NAME}" text, "constructor" text, "__proto__" text, "_tenant" text, "tenant" text, "-- x" text, "new
line" text, "parent id" bigint references "Odd ""Schema"".x"."Ta.ble %s 'q' ü" ("Id")
);
comment on column "Odd ""Schema"".x"."Ta.ble %s 'q' ü"."a b" is E'# no comment\\n: "{}" ''q'' \\\\ \\t%';
create table "Odd ""Schema"".x"."日本" (id integer primary key);
create table "Odd ""Schema"".x"."中国" (id integer primary key);
create table "Clash" (id integer primary key);
create table clash (id integer primary key, other integer references "Clash");
create table "clash!" (id integer primary key);

insert into shop.customer (tenant_id, contact, reach_at, account, note, birth_date)
select 't' || n % 3, 'person' || n || '@example.org', '+49 30 1234' || lpad(n::text, 4, '0'), 'DE89 3704 0044 0532 0130 00',
       case when n % 3 = 0 then 'please write to someone' || n || '@example.com soon' else 'nothing' end, date '1980-01-01' + n
from generate_series(1, 300) n;
`
