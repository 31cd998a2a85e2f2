import { describe, expect, it } from 'vitest'
import { findChdb } from '#ops/embedded/clickhouse.ts'
import { renderConfigXml, renderUsersXml, serviceGrants } from '#ops/embedded/clickhouse-config.ts'
import {
  connectSecretReference,
  renderConnectProperties,
  saslClientProperties,
} from '#ops/embedded/connect.ts'
import { renderLog4j, renderProperties } from '#ops/embedded/java-command.ts'
import { newClusterId, plainJaas, renderServerProperties } from '#ops/embedded/kafka.ts'
import { postgresBinaries, renderPostgresConf, renderPostgresHba } from '#ops/embedded/postgres.ts'

const HASH = 'a'.repeat(64)

describe('Java properties', () => {
  it.each([
    ['a plain value', { a: 'b' }, 'a=b\n'],
    ['a number and a boolean', { a: 1, b: true }, 'a=1\nb=true\n'],
    ['a backslash and a line break', { a: 'x\\y\nz' }, 'a=x\\\\y\\nz\n'],
    ['a value that begins with a blank', { a: ' b' }, 'a=\\ b\n'],
    ['a key with separators', { 'a:b=c d': 'e=f' }, 'a\\:b\\=c\\ d=e=f\n'],
    ['letters beyond ASCII', { a: 'ü' }, 'a=\\u00fc\n'],
  ])('hold %s', (_case, entries, expected) => {
    expect(renderProperties(entries)).toBe(expected)
  })
})

describe("Kafka's server.properties", () => {
  const text = renderServerProperties({
    port: 1111,
    controllerPort: 2222,
    logDir: '/data/log',
    users: { admin: 'A', worker: 'W' },
  })
  it.each([
    'listeners=CLIENT://127.0.0.1:1111,CONTROLLER://127.0.0.1:2222',
    'listener.security.protocol.map=CLIENT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT',
    'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users=User:admin',
    'allow.everyone.if.no.acl.found=false',
    'auto.create.topics.enable=false',
    'log.dirs=/data/log',
  ])('say %s', (line) => {
    expect(text.split('\n')).toContain(line)
  })

  it('ask for a password on both listeners', () => {
    const jaas = plainJaas('admin', 'A', { admin: 'A', worker: 'W' })
    expect(jaas).toContain('user_worker="W"')
    for (const listener of ['client', 'controller']) {
      expect(text.split('\n')).toContain(`listener.name.${listener}.plain.sasl.jaas.config=${jaas}`)
    }
  })

  it('quotes a password as JAAS reads it', () => {
    expect(plainJaas('u', 'a"b\\c')).toContain('password="a\\"b\\\\c"')
  })

  it('makes cluster ids that do not look like an option', () => {
    const bytes = [Buffer.alloc(16, 0xff), Buffer.from([0xf8, ...Array(15).fill(0)]), Buffer.alloc(16, 1)]
    expect(newClusterId(() => bytes.shift() ?? Buffer.alloc(16))).toBe('_____________________w')
    expect(newClusterId(() => bytes.shift() ?? Buffer.alloc(16))).toBe('AQEBAQEBAQEBAQEBAQEBAQ')
  })
})

describe("Connect's properties", () => {
  const text = renderConnectProperties({
    port: 3333,
    group: 'mogo-connect',
    kafka: { bootstrap: '127.0.0.1:1111', client: saslClientProperties('connect', 'C') },
    secretsFile: '/s/connect.properties',
  })
  it.each([
    'listeners=http://127.0.0.1:3333',
    'exactly.once.source.support=enabled',
    'config.providers.file.param.allowed.paths=/s/connect.properties',
    'producer.security.protocol=SASL_PLAINTEXT',
    'consumer.security.protocol=SASL_PLAINTEXT',
    'admin.security.protocol=SASL_PLAINTEXT',
  ])('say %s', (line) => {
    expect(text.split('\n')).toContain(line)
  })

  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: Connect's own placeholder
  it('lets connectors name secrets instead of holding them', () => {
    expect(connectSecretReference('/s', 'postgres.capture')).toBe(
      '${file:/s/connect.properties:postgres.capture}',
    )
  })
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: Connect's own placeholder
})

describe("the Java servers' log", () => {
  it('shows the class and the place of an exception, not its text', () => {
    const pattern = /layout\.pattern=.*%replace\{%ex\{full\}\}\{(.*)\}\{(.*)\}%n%ex\{none\}/.exec(
      renderLog4j(),
    )
    const [, regex = '', substitution = ''] = pattern ?? []
    // The properties file is read with backslashes undone once, and Java's regular expressions are like ours here.
    const inline = new RegExp(regex.replaceAll('\\\\', '\\').replace('(?m)', ''), 'gm')
    const trace = [
      'org.postgresql.util.PSQLException: ERROR: duplicate key',
      '  Detail: Key (email)=(jane@example.org) already exists.',
      '\tat org.postgresql.core.Query.run(Query.java:12)',
      'Caused by: java.lang.IllegalStateException: bad value jane@example.org',
      '\tat a.B.c(B.java:1)',
    ].join('\n')
    expect(trace.replace(inline, substitution).replace(/\n+/g, '\n')).toBe(
      [
        'org.postgresql.util.PSQLException',
        '\tat org.postgresql.core.Query.run(Query.java:12)',
        'Caused by: java.lang.IllegalStateException',
        '\tat a.B.c(B.java:1)',
      ].join('\n'),
    )
  })
})

describe("Postgres' configuration", () => {
  it('listens on the loopback address only and asks for a password', () => {
    const conf = renderPostgresConf({ port: 4444 })
    expect(conf).toContain("listen_addresses = '127.0.0.1'\nport = 4444\nunix_socket_directories = ''")
    expect(renderPostgresHba().match(/^host .*$/gm)).toEqual([
      'host all         all 127.0.0.1/32 scram-sha-256',
      'host replication all 127.0.0.1/32 scram-sha-256',
    ])
  })
  it.each([
    "log_min_messages = 'log'",
    "log_min_error_statement = 'panic'",
    "log_error_verbosity = 'terse'",
    'log_parameter_max_length_on_error = 0',
    "wal_level = 'logical'",
    "max_slot_wal_keep_size = '4GB'",
  ])('says %s', (line) => {
    expect(renderPostgresConf({ port: 1 }).split('\n')).toContain(line)
  })
})

describe("ClickHouse's users.xml", () => {
  const scope = {
    name: 'scope_1',
    passwordSha256: HASH,
    grants: ['GRANT SELECT(`a`) ON `analytics`.`orders`'],
    rowFilters: [{ database: 'analytics', table: 'orders', filter: "t = '<&\"x'" }],
  }

  it('escapes what it is given', () => {
    const xml = renderUsersXml({ users: [], scopes: [scope] })
    expect(xml).toContain('<filter>t = &#39;&#60;&#38;&#34;x&#39;</filter>')
    expect(xml).not.toContain('<&')
  })

  it('pins every setting of a scope', () => {
    const xml = renderUsersXml({ users: [], scopes: [scope], scopeSettings: { readonly: 1, final: 1 } })
    const profile = /<scope>([\s\S]*?)<\/scope>/.exec(xml)?.[1]?.replace(/\s+/g, '')
    expect(profile).toBe(
      '<readonly>1</readonly><final>1</final><constraints><readonly><const/></readonly><final><const/></final></constraints>',
    )
  })

  it('pins, unless told otherwise, what hides deleted rows and limits a query', () => {
    const xml = renderUsersXml({ users: [], scopes: [scope] })
    for (const name of [
      'readonly',
      'final',
      'apply_row_policy_after_final',
      'max_execution_time',
      'max_memory_usage',
    ]) {
      expect(xml).toContain(`<${name}><const/></${name}>`)
    }
  })

  it('gives a user without grants nothing, and one without a list everything', () => {
    const nothing = renderUsersXml({
      users: [{ name: 'gate', passwordSha256: HASH, grants: [] }],
      scopes: [],
    })
    expect(nothing).toContain('<grants><query>GRANT USAGE ON *.*</query></grants>')
    const everything = renderUsersXml({ users: [{ name: 'admin', passwordSha256: HASH }], scopes: [] })
    expect(/<admin>[\s\S]*<\/admin>/.exec(everything)?.[0]).not.toContain('<grants>')
  })

  it.each(['a b', '1a', 'a><b', ''])('refuses the name %j', (name) => {
    expect(() => renderUsersXml({ users: [], scopes: [{ ...scope, name }] })).toThrow(TypeError)
  })

  it('keeps the lineage service away from the datasets', () => {
    const grants = serviceGrants({ analytics: 'analytics', governance: 'governance' })
    expect(grants.lineage.join()).not.toContain('analytics')
    expect(grants.ops.join()).not.toContain('analytics')
    expect(grants.query_api_gate).toEqual([])
    expect(grants.query_api_audit.join()).not.toMatch(/analytics|governance|INSERT|CREATE/)
  })

  it('escapes paths in config.xml', () => {
    const xml = renderConfigXml({
      usersFile: '/a&b/u',
      backupsDir: '/b',
      userFilesDir: '/c',
      maxMemoryBytes: 5,
    })
    expect(xml).toContain('<users_config>/a&#38;b/u</users_config>')
    expect(xml).not.toContain('<logger>')
  })
})

describe('a platform without packages', () => {
  it.each([
    ['clickhouse', () => findChdb('linux', 'arm64'), 'linux-arm64'],
    ['clickhouse', () => findChdb('darwin', 'arm64'), 'darwin-arm64'],
    ['postgres', () => postgresBinaries('freebsd', 'x64'), 'freebsd-x64'],
  ])('is named: %s', (server, find, platform) => {
    expect(find).toThrow(`There is no embedded ${server} for ${platform}.`)
  })
})
