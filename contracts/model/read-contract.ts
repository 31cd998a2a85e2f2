/**
 * A value (what YAML or JSON says) -> the reader's view of a contract. Never throws, whatever the value.
 *
 * *Tolerant*: a part of the wrong shape is left out, and the shape check says so. Lists of objects keep their length: an element
 * that is no object is read as an empty one (name ''), so that the position in the view is the position in the document.
 * *Bounded*: nesting beyond {@link MAX_DEPTH} and objects beyond {@link MAX_OBJECTS} are left out, because a value may hold itself, and aliases may
 * make a small document large.
 */
import type {
  AuthoritativeDefinition,
  Contract,
  ContractObject,
  ContractProperty,
  ContractRole,
  ContractServer,
  CustomProperty,
  Described,
  LogicalType,
  LogicalTypeOptions,
  QualityRule,
  Relationship,
  SlaProperty,
} from './contract.ts'
import { compact, isRecord, listOf, numberOf, type Raw, textOf, textsOf } from './raw-value.ts'

/** Deepest nesting of properties in properties. */
const MAX_DEPTH = 40
/** Most objects (properties, rules, …) of one contract. */
const MAX_OBJECTS = 200_000

const LOGICAL_TYPES: ReadonlySet<string> = new Set([
  'string',
  'date',
  'timestamp',
  'time',
  'number',
  'integer',
  'object',
  'array',
  'boolean',
  'map',
  'vector',
])

const OPERATORS = [
  'mustBe',
  'mustNotBe',
  'mustBeGreaterThan',
  'mustBeGreaterOrEqualTo',
  'mustBeLessThan',
  'mustBeLessOrEqualTo',
  'mustBeBetween',
  'mustNotBeBetween',
] as const

/** The text of a number that a double cannot hold, by the object that holds it and its key; undefined for all others. */
export type ExactNumber = (holder: object, key: string) => string | undefined

/** Reads a contract. `exactNumber` gives the digits of numbers that the value has lost, where the caller knows them. */
export function readContract(value: unknown, exactNumber: ExactNumber = () => undefined): Contract {
  return new ContractReader(exactNumber).contract(isRecord(value) ? value : {})
}

/** One reading, with what is left of its budget of objects. */
class ContractReader {
  readonly #exactNumber: ExactNumber
  #left = MAX_OBJECTS

  constructor(exactNumber: ExactNumber) {
    this.#exactNumber = exactNumber
  }

  contract(raw: Raw): Contract {
    const about = isRecord(raw['description']) ? raw['description'] : {}
    const team = raw['team']
    const members = Array.isArray(team) ? team : isRecord(team) ? team['members'] : undefined
    return {
      ...this.#described(raw),
      apiVersion: textOf(raw['apiVersion']) ?? '',
      kind: textOf(raw['kind']) ?? '',
      id: textOf(raw['id']) ?? '',
      version: textOf(raw['version']) ?? '',
      status: textOf(raw['status']) ?? '',
      schema: this.#each(raw['schema'], (item) => this.#object(item)),
      roles: this.#each(raw['roles'], (item) => this.#role(item)),
      slaProperties: this.#each(raw['slaProperties'], (item) => this.#serviceLevel(item)),
      servers: this.#each(raw['servers'], (item) => this.#server(item)),
      team: this.#each(members, (item) =>
        compact({
          username: textOf(item['username']),
          name: textOf(item['name']),
          role: textOf(item['role']),
        }),
      ),
      support: this.#each(raw['support'], (item) => ({
        channel: textOf(item['channel']) ?? '',
        ...compact({ url: textOf(item['url']), tool: textOf(item['tool']), scope: textOf(item['scope']) }),
      })),
      ...compact({
        name: textOf(raw['name']),
        tenant: textOf(raw['tenant']),
        domain: textOf(raw['domain']),
        dataProduct: textOf(raw['dataProduct']),
        purpose: textOf(about['purpose']),
        usage: textOf(about['usage']),
        limitations: textOf(about['limitations']),
        slaDefaultElement: textOf(raw['slaDefaultElement']),
        teamName: isRecord(team) ? textOf(team['name']) : undefined,
        contractCreatedTs: textOf(raw['contractCreatedTs']),
      }),
    }
  }

  #object(raw: Raw): ContractObject {
    return {
      ...this.#described(raw),
      name: textOf(raw['name']) ?? '',
      properties: this.#properties(raw['properties'], 0),
      relationships: this.#each(raw['relationships'], (item) => this.#relationship(item)),
      quality: this.#each(raw['quality'], (item) => this.#rule(item)),
      synonyms: synonymsOf(raw['synonyms']),
      ...compact({
        physicalName: textOf(raw['physicalName']),
        physicalType: textOf(raw['physicalType']),
        logicalType: textOf(raw['logicalType']),
        dataGranularityDescription: textOf(raw['dataGranularityDescription']),
        deprecated: deprecationOf(raw['deprecated']),
      }),
    }
  }

  #properties(value: unknown, depth: number): readonly ContractProperty[] {
    return depth > MAX_DEPTH ? [] : this.#each(value, (item) => this.#property(item, depth))
  }

  #property(raw: Raw, depth: number): ContractProperty {
    const logicalType = textOf(raw['logicalType'])
    return {
      ...this.#described(raw),
      name: textOf(raw['name']) ?? '',
      required: raw['required'] === true,
      unique: raw['unique'] === true,
      primaryKey: raw['primaryKey'] === true,
      primaryKeyPosition: numberOf(raw['primaryKeyPosition']) ?? -1,
      partitioned: raw['partitioned'] === true,
      partitionKeyPosition: numberOf(raw['partitionKeyPosition']) ?? -1,
      criticalDataElement: raw['criticalDataElement'] === true,
      transformSourceObjects: textsOf(raw['transformSourceObjects']),
      examples: Array.isArray(raw['examples']) ? raw['examples'] : [],
      relationships: this.#each(raw['relationships'], (item) => this.#relationship(item)),
      quality: this.#each(raw['quality'], (item) => this.#rule(item)),
      properties: this.#properties(raw['properties'], depth + 1),
      synonyms: synonymsOf(raw['synonyms']),
      ...compact({
        physicalName: textOf(raw['physicalName']),
        logicalType:
          logicalType !== undefined && LOGICAL_TYPES.has(logicalType)
            ? (logicalType as LogicalType)
            : undefined,
        physicalType: textOf(raw['physicalType']),
        logicalTypeOptions: isRecord(raw['logicalTypeOptions'])
          ? this.#options(raw['logicalTypeOptions'])
          : undefined,
        classification: textOf(raw['classification']),
        encryptedName: textOf(raw['encryptedName']),
        transformLogic: textOf(raw['transformLogic']),
        transformDescription: textOf(raw['transformDescription']),
        items: this.#nested(raw['items'], depth),
        enum: Array.isArray(raw['enum']) ? raw['enum'].map(enumValue) : undefined,
        map: isRecord(raw['map'])
          ? compact({
              key: this.#nested(raw['map']['key'], depth),
              value: this.#nested(raw['map']['value'], depth),
            })
          : undefined,
        semanticType: textOf(raw['semanticType']),
        deprecated: deprecationOf(raw['deprecated']),
      }),
    }
  }

  #nested(value: unknown, depth: number): ContractProperty | undefined {
    return depth < MAX_DEPTH && isRecord(value) && this.#left-- > 0
      ? this.#property(value, depth + 1)
      : undefined
  }

  #options(raw: Raw): LogicalTypeOptions {
    const bound = (key: string): number | string | undefined =>
      this.#exactNumber(raw, key) ?? numberOf(raw[key]) ?? textOf(raw[key])
    // In 3.0 `exclusiveMinimum: true` says that the minimum itself is not allowed.
    const isExclusive = {
      minimum: raw['exclusiveMinimum'] === true,
      maximum: raw['exclusiveMaximum'] === true,
    }
    return {
      raw,
      ...compact({
        minLength: numberOf(raw['minLength']),
        maxLength: numberOf(raw['maxLength']),
        pattern: textOf(raw['pattern']),
        format: textOf(raw['format']),
        minimum: isExclusive.minimum ? undefined : bound('minimum'),
        maximum: isExclusive.maximum ? undefined : bound('maximum'),
        exclusiveMinimum: bound(isExclusive.minimum ? 'minimum' : 'exclusiveMinimum'),
        exclusiveMaximum: bound(isExclusive.maximum ? 'maximum' : 'exclusiveMaximum'),
        multipleOf: numberOf(raw['multipleOf']),
        minItems: numberOf(raw['minItems']),
        maxItems: numberOf(raw['maxItems']),
        uniqueItems: booleanOf(raw['uniqueItems']),
        minProperties: numberOf(raw['minProperties']),
        maxProperties: numberOf(raw['maxProperties']),
        required: Array.isArray(raw['required']) ? textsOf(raw['required']) : undefined,
        timezone: booleanOf(raw['timezone']),
        defaultTimezone: textOf(raw['defaultTimezone']),
        dimensions: numberOf(raw['dimensions']),
      }),
    }
  }

  #relationship(raw: Raw): Relationship {
    return {
      type: textOf(raw['type']) ?? 'foreignKey',
      from: listOf(raw['from']),
      to: listOf(raw['to']),
      composite: Array.isArray(raw['from']) || Array.isArray(raw['to']),
      customProperties: this.#custom(raw['customProperties']),
      raw,
    }
  }

  #rule(raw: Raw): QualityRule {
    const operators: Record<string, unknown> = {}
    for (const name of OPERATORS) if (raw[name] !== undefined) operators[name] = raw[name]
    return {
      type: textOf(raw['type']) ?? 'library',
      operators,
      customProperties: this.#custom(raw['customProperties']),
      raw,
      ...compact({
        id: textOf(raw['id']),
        name: textOf(raw['name']),
        description: textOf(raw['description']),
        dimension: textOf(raw['dimension']),
        severity: textOf(raw['severity']),
        businessImpact: textOf(raw['businessImpact']),
        // `rule` is the name of 3.0 for what `metric` is since 3.1.
        metric: textOf(raw['metric']) ?? textOf(raw['rule']),
        unit: textOf(raw['unit']),
        query: textOf(raw['query']),
        engine: textOf(raw['engine']),
        implementation: raw['implementation'],
        arguments: isRecord(raw['arguments']) ? raw['arguments'] : undefined,
        schedule: textOf(raw['schedule']),
        scheduler: textOf(raw['scheduler']),
      }),
    }
  }

  #role(raw: Raw): ContractRole {
    return {
      role: textOf(raw['role']) ?? '',
      customProperties: this.#custom(raw['customProperties']),
      raw,
      ...compact({
        access: textOf(raw['access']),
        description: textOf(raw['description']),
        firstLevelApprovers: textOf(raw['firstLevelApprovers']),
        secondLevelApprovers: textOf(raw['secondLevelApprovers']),
      }),
    }
  }

  #serviceLevel(raw: Raw): SlaProperty {
    return {
      property: textOf(raw['property']) ?? '',
      value: raw['value'],
      elements: (textOf(raw['element']) ?? '')
        .split(',')
        .map((element) => element.trim())
        .filter((element) => element !== ''),
      raw,
      ...compact({
        valueExt: raw['valueExt'],
        unit: textOf(raw['unit']),
        driver: textOf(raw['driver']),
        description: textOf(raw['description']),
        scheduler: textOf(raw['scheduler']),
        schedule: textOf(raw['schedule']),
      }),
    }
  }

  #server(raw: Raw): ContractServer {
    return {
      server: textOf(raw['server']) ?? '',
      type: textOf(raw['type']) ?? '',
      raw,
      ...compact({ environment: textOf(raw['environment']), description: textOf(raw['description']) }),
    }
  }

  #described(raw: Raw): Described {
    return {
      raw,
      tags: textsOf(raw['tags']),
      customProperties: this.#custom(raw['customProperties']),
      authoritativeDefinitions: this.#each(
        raw['authoritativeDefinitions'],
        (item): AuthoritativeDefinition => ({
          url: textOf(item['url']) ?? '',
          type: textOf(item['type']) ?? '',
          ...compact({ description: textOf(item['description']) }),
        }),
      ),
      ...compact({
        id: textOf(raw['id']),
        description: textOf(raw['description']),
        businessName: textOf(raw['businessName']),
      }),
    }
  }

  #custom(value: unknown): readonly CustomProperty[] {
    return this.#each(value, (item) => ({
      property: textOf(item['property']) ?? '',
      value: item['value'],
      ...compact({ description: textOf(item['description']) }),
    }))
  }

  /** Reads the elements of a list, as long as the budget lasts. */
  #each<T>(value: unknown, read: (raw: Raw) => T): readonly T[] {
    if (!Array.isArray(value)) return []
    const items: T[] = []
    for (const item of value) {
      if (this.#left-- <= 0) break
      items.push(read(isRecord(item) ? item : {}))
    }
    return items
  }
}

function booleanOf(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}

/** 3.2 has `{value, label, …}`; a bare value is taken for itself. */
function enumValue(item: unknown): unknown {
  return isRecord(item) ? item['value'] : item
}

/** 3.2 has `{synonym, …}`; a bare text is taken for itself. */
function synonymsOf(value: unknown): readonly string[] {
  return Array.isArray(value)
    ? textsOf(value.map((item: unknown) => (isRecord(item) ? item['synonym'] : item)))
    : []
}

function deprecationOf(value: unknown): boolean | string | undefined {
  return typeof value === 'boolean' || typeof value === 'string' ? value : undefined
}
