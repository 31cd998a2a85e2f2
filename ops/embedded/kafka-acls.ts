/**
 * Who may do what in Kafka. The authorizer denies what is not allowed; only `admin` is above it.
 *
 * Raw topics hold personal data in clear: the connector writes them, the worker reads them, nobody else does either, but for what is
 * replayed out of quarantine: the worker writes that as `replay`, an identity that may do nothing else. Raw topics and our own may share a
 * prefix, so a denial keeps both writers out of ours. API keys are the query API's alone.
 */

import kafkajs, { type Admin, Kafka, logLevel, type AclOperationTypes as OperationType } from 'kafkajs'
import { readSecret } from './credentials.ts'

/** Operations used here, by their Kafka names. */
export type AclOperation =
  | 'Read'
  | 'Write'
  | 'Create'
  | 'Delete'
  | 'Describe'
  | 'DescribeConfigs'
  | 'AlterConfigs'
  | 'Alter'
  | 'All'

/** One rule: what a user may (or, with `deny`, may never) do with a resource. */
export type AclRule = {
  /** User name, without `User:`. */
  readonly user: string
  readonly resource: 'topic' | 'group' | 'transactionalId'
  readonly name: string
  /** The name is the beginning of names. */
  readonly prefixed?: boolean
  readonly operations: readonly AclOperation[]
  readonly deny?: boolean
}

/** Names that the rules are made from. */
export type TopicNames = {
  /** First part of raw topics' names: `<prefix>.<schema>.<table>`. */
  readonly prefix: string
  readonly quarantine: string
  readonly governance: string
  readonly accessKeys: string
  /** Group id of Kafka Connect; its internal topics begin with it too. */
  readonly connectGroup: string
}

export const DEFAULT_TOPICS: TopicNames = {
  prefix: 'mogo',
  quarantine: 'mogo.quarantine',
  governance: 'mogo.governance',
  accessKeys: 'mogo.access-keys',
  connectGroup: 'mogo-connect',
}

/** Users of the embedded Kafka beside `admin`. */
export const KAFKA_USERS = ['connect', 'worker', 'replay', 'query-api', 'lineage'] as const

/** The rules of a project with these topics. */
export function defaultAcls(topics: TopicNames = DEFAULT_TOPICS): AclRule[] {
  const raw = { resource: 'topic', name: `${topics.prefix}.`, prefixed: true } as const
  const own = (user: string, name: string, operations: readonly AclOperation[], deny = false): AclRule => ({
    user,
    resource: 'topic',
    name,
    operations,
    ...(deny ? { deny } : {}),
  })
  const named = (
    user: string,
    resource: AclRule['resource'],
    name: string,
    operations: readonly AclOperation[],
  ): AclRule => ({
    user,
    resource,
    name,
    prefixed: true,
    operations,
  })
  return [
    { ...raw, user: 'connect', operations: ['Write', 'Create', 'Describe', 'DescribeConfigs'] },
    named('connect', 'topic', `__debezium-heartbeat.${topics.prefix}`, [
      'Write',
      'Create',
      'Describe',
      'DescribeConfigs',
    ]),
    own('connect', topics.quarantine, ['Write', 'Read', 'Create'], true),
    own('connect', topics.governance, ['Write', 'Read', 'Create'], true),
    own('connect', topics.accessKeys, ['Write', 'Read', 'Create'], true),
    named('connect', 'topic', `${topics.connectGroup}-`, [
      'Read',
      'Write',
      'Create',
      'Describe',
      'DescribeConfigs',
    ]),
    named('connect', 'group', topics.connectGroup, ['Read', 'Describe']),
    named('connect', 'transactionalId', topics.connectGroup, ['Write', 'Describe']),
    named('connect', 'transactionalId', `connect-cluster-${topics.connectGroup}`, ['Write', 'Describe']),

    { ...raw, user: 'worker', operations: ['Read', 'Describe', 'DescribeConfigs'] },
    named('worker', 'group', 'mogo-', ['Read', 'Describe']),
    named('worker', 'transactionalId', 'mogo-worker', ['Write', 'Describe']),
    own('worker', topics.quarantine, ['Write', 'Read', 'Create', 'Describe']),
    own('worker', topics.governance, ['Write', 'Create', 'Describe']),
    own('worker', topics.governance, ['Read'], true),
    own('worker', topics.accessKeys, ['Read', 'Write', 'Create'], true),

    { ...raw, user: 'replay', operations: ['Write', 'Describe'] },
    own('replay', topics.quarantine, ['Write'], true),
    own('replay', topics.governance, ['Write'], true),
    own('replay', topics.accessKeys, ['Write'], true),

    own('query-api', topics.governance, ['Write', 'Create', 'Describe']),
    own('query-api', topics.accessKeys, ['Read', 'Write', 'Create', 'Describe']),

    own('lineage', topics.governance, ['Read', 'Write', 'Create', 'Describe']),
    named('lineage', 'group', 'mogo-lineage', ['Read', 'Describe']),
  ]
}

/** Where the administrator logs in; the password is the secret `kafka.admin`. */
export type KafkaAdminConnection = { readonly brokers: readonly string[]; readonly secretsDir: string }

// kafkajs spreads its errors into module.exports, so Node sees only the first of its names as named exports.
const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs

const RESOURCES = {
  topic: AclResourceTypes.TOPIC,
  group: AclResourceTypes.GROUP,
  transactionalId: AclResourceTypes.TRANSACTIONAL_ID,
} as const

const OPERATIONS: Readonly<Record<AclOperation, OperationType>> = {
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
  Create: AclOperationTypes.CREATE,
  Delete: AclOperationTypes.DELETE,
  Describe: AclOperationTypes.DESCRIBE,
  DescribeConfigs: AclOperationTypes.DESCRIBE_CONFIGS,
  AlterConfigs: AclOperationTypes.ALTER_CONFIGS,
  Alter: AclOperationTypes.ALTER,
  All: AclOperationTypes.ALL,
}

/** Adds these rules; those already there stay as they are. */
export async function ensureAcls(connection: KafkaAdminConnection, rules: readonly AclRule[]): Promise<void> {
  const acl = rules.flatMap((rule) =>
    rule.operations.map((operation) => ({
      resourceType: RESOURCES[rule.resource],
      resourceName: rule.name,
      resourcePatternType:
        rule.prefixed === true ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
      principal: `User:${rule.user}`,
      host: '*',
      operation: OPERATIONS[operation],
      permissionType: rule.deny === true ? AclPermissionTypes.DENY : AclPermissionTypes.ALLOW,
    })),
  )
  if (acl.length === 0) return
  await withAdmin(connection, (admin) => admin.createAcls({ acl }))
}

/** True once the broker answers and counts itself in. */
export async function probeKafka(connection: KafkaAdminConnection): Promise<boolean> {
  return withAdmin(connection, async (admin) => (await admin.describeCluster()).brokers.length > 0)
}

async function withAdmin<T>(
  connection: KafkaAdminConnection,
  work: (admin: Admin) => Promise<T>,
): Promise<T> {
  const kafka = new Kafka({
    clientId: 'mogo-supervisor',
    brokers: [...connection.brokers],
    sasl: {
      mechanism: 'plain',
      username: 'admin',
      password: readSecret(connection.secretsDir, 'kafka.admin'),
    },
    ssl: false,
    logLevel: logLevel.NOTHING,
    connectionTimeout: 2_000,
    requestTimeout: 10_000,
    retry: { retries: 0 },
  })
  const admin = kafka.admin()
  try {
    await admin.connect()
    return await work(admin)
  } finally {
    await admin.disconnect().catch(() => {})
  }
}
