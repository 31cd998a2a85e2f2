/** A document that uses nearly every key of the standard (3.1), so that the changes of it reach every part of the shape. */
export const RICH_DOCUMENT = `
apiVersion: v3.1.0
kind: DataContract
id: rich
name: rich
version: 1.0.0
status: active
tenant: Company
domain: sales
dataProduct: product
tags: [a, b]
description: {purpose: p, usage: u, limitations: l, other: allowed, customProperties: [{property: a, value: 1}]}
authoritativeDefinitions: [{id: a, url: https://example.com, type: canonical, description: d}]
customProperties: [{id: c, property: p, value: {any: [thing]}, description: d}]
contractCreatedTs: "2026-01-31T09:30:00Z"
slaDefaultElement: orders.id
slaProperties: [{id: s, property: latency, value: 4, valueExt: 5, unit: d, element: orders.id, driver: analytics, description: d, scheduler: cron, schedule: daily}]
price: {id: p, priceAmount: 9.95, priceCurrency: EUR, priceUnit: month}
support: [{id: s, channel: c, url: https://example.com, description: d, tool: t, scope: s, invitationUrl: https://example.com, customProperties: []}]
roles: [{id: r, role: reader, description: d, access: read, firstLevelApprovers: a, secondLevelApprovers: b, customProperties: []}]
team:
  id: t
  name: n
  description: d
  tags: []
  customProperties: []
  authoritativeDefinitions: []
  members: [{id: m, username: u, name: n, description: d, role: r, dateIn: "2026-01-31", dateOut: "2026-02-28", replacedByUsername: v, tags: [], customProperties: [], authoritativeDefinitions: []}]
servers:
  - {server: a, type: api, location: https://example.com, id: x, description: d, environment: prod, roles: [{role: r}], customProperties: []}
  - {server: b, type: athena, stagingDir: s3://bucket, schema: s, catalog: c, regionName: r}
  - {server: c, type: azure, location: az://x, format: parquet, delimiter: ";"}
  - {server: d, type: bigquery, project: p, dataset: d}
  - {server: e, type: clickhouse, host: h, port: 1, database: d}
  - {server: f, type: databricks, host: h, catalog: c, schema: s}
  - {server: g, type: denodo, host: h, port: 1, database: d}
  - {server: h, type: dremio, host: h, port: 1, schema: s}
  - {server: i, type: duckdb, database: d, schema: s}
  - {server: j, type: glue, account: a, database: d, location: s3://x, format: f}
  - {server: k, type: cloudsql, host: h, port: 1, database: d, schema: s}
  - {server: l, type: db2, host: h, port: 1, database: d, schema: s}
  - {server: m, type: hive, host: h, port: 1, database: d}
  - {server: n, type: impala, host: h, port: 1, database: d}
  - {server: o, type: informix, host: h, port: 1, database: d}
  - {server: p, type: kafka, host: h, format: avro}
  - {server: q, type: kinesis, region: r, format: f}
  - {server: r, type: local, path: p, format: f}
  - {server: s, type: mysql, host: h, port: 1, database: d}
  - {server: t, type: oracle, host: h, port: 1, serviceName: s}
  - {server: u, type: postgresql, host: h, port: 1, database: d, schema: s}
  - {server: v, type: postgres, host: h, port: 1, database: d, schema: s}
  - {server: w, type: presto, host: h, catalog: c, schema: s}
  - {server: x, type: pubsub, project: p}
  - {server: y, type: redshift, host: h, database: d, schema: s, region: r, account: a}
  - {server: z, type: s3, location: s3://x, endpointUrl: https://example.com, format: f, delimiter: d}
  - {server: aa, type: sftp, location: "sftp://x/y", format: f, delimiter: d}
  - {server: ab, type: snowflake, host: h, port: 1, account: a, database: d, schema: s, warehouse: w}
  - {server: ac, type: sqlserver, host: h, port: 1, database: d, schema: s}
  - {server: ad, type: synapse, host: h, port: 1, database: d}
  - {server: ae, type: trino, host: h, port: 1, catalog: c, schema: s}
  - {server: af, type: vertica, host: h, port: 1, database: d, schema: s}
  - {server: ag, type: zen, host: h, port: 1, database: d}
  - {server: ah, type: custom, account: a, catalog: c, database: d, dataset: d, delimiter: d, endpointUrl: https://example.com, format: f, host: h, location: s3://x, path: p, port: 1, project: p, region: r, regionName: r, schema: s, serviceName: s, stagingDir: d, warehouse: w, stream: s}
schema:
  - id: orders_obj
    name: orders
    logicalType: object
    physicalName: orders
    physicalType: table
    businessName: b
    description: d
    tags: []
    dataGranularityDescription: g
    authoritativeDefinitions: []
    customProperties: []
    relationships:
      - {type: foreignKey, from: orders.id, to: people.id, customProperties: []}
      - {from: [orders.id, orders.at], to: [schema/people/properties/id, "other.yaml#schema/people/properties/at"]}
    quality:
      - {id: q, name: n, type: library, metric: rowCount, mustBeGreaterThan: 1, rule: r, unit: rows, arguments: {a: 1}, tags: [], dimension: completeness, method: m, severity: error, businessImpact: b, schedule: s, scheduler: cron, description: d, customProperties: [], authoritativeDefinitions: []}
      - {metric: duplicateValues, mustBeBetween: [1, 2]}
      - {type: sql, query: select 1, mustNotBeBetween: [1, 2]}
      - {type: sql, query: select 1, metric: rowCount, mustBe: 0}
      - {type: custom, engine: soda, implementation: text}
      - {type: custom, engine: soda, implementation: {a: 1}}
      - {type: custom, engine: soda, implementation: {a: 1}, metric: rowCount, mustBeLessOrEqualTo: 3}
      - {type: text, description: words}
      - {description: words}
    properties:
      - {id: p, name: id, physicalName: i, physicalType: bigint, logicalType: integer, primaryKey: true, primaryKeyPosition: 1, required: true, unique: true, partitioned: true, partitionKeyPosition: 1, classification: internal, encryptedName: e, criticalDataElement: true, transformSourceObjects: [a], transformLogic: l, transformDescription: d, examples: [1, a, null, [x]], businessName: b, description: d, tags: [], customProperties: [], authoritativeDefinitions: [], logicalTypeOptions: {minimum: 1, maximum: 9, exclusiveMinimum: 0, exclusiveMaximum: 10, multipleOf: 1, format: i64}, relationships: [{to: people.id, type: foreignKey, customProperties: []}, {to: [people.id, people.at]}], quality: [{type: library, metric: nullValues, mustBeLessThan: 5}]}
      - {name: text, logicalType: string, logicalTypeOptions: {minLength: 1, maxLength: 2, pattern: a, format: email}}
      - {name: on, logicalType: date, logicalTypeOptions: {minimum: "2020-01-01", maximum: "2021-01-01", exclusiveMinimum: a, exclusiveMaximum: b, format: yyyy}}
      - {name: at, logicalType: timestamp, logicalTypeOptions: {minimum: a, maximum: b, exclusiveMinimum: a, exclusiveMaximum: b, format: f, timezone: true, defaultTimezone: Etc/UTC}}
      - {name: time, logicalType: time, logicalTypeOptions: {minimum: a, timezone: false}}
      - {name: amount, logicalType: number, logicalTypeOptions: {minimum: 0.5, multipleOf: 0.01, format: f64}}
      - {name: yes, logicalType: boolean, logicalTypeOptions: {any: thing}}
      - {name: list, logicalType: array, logicalTypeOptions: {minItems: 1, maxItems: 2, uniqueItems: true}, items: {logicalType: object, name: n, properties: [{name: deep, logicalType: string}]}}
      - {name: lists, logicalType: array, items: {logicalType: array, items: {physicalType: text}}}
      - {name: object, logicalType: object, logicalTypeOptions: {minProperties: 1, maxProperties: 2, required: [a]}, properties: [{name: a, logicalType: object, properties: [{name: b}]}]}
      - {name: untyped, physicalType: text, logicalTypeOptions: {}, items: {name: a}, properties: [{name: b}]}
  - name: people
`
