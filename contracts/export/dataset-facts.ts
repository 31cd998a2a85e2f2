/** What a page about a dataset says, free of any markup: Markdown and HTML are two renderings of it. */
import { rowFilterText } from '../access/row-filter-text.ts'
import type { CompiledColumn, CompiledDataset } from '../compile/compiled-dataset.ts'
import { oneLine } from '../one-line.ts'
import { piiDescription } from '../pii/pii-words.ts'
import { deprecation } from './output.ts'
import { ruleTexts } from './rule-text.ts'

/** A table of texts, under its title. */
export type FactSection = {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A page. */
export type DatasetFacts = {
  readonly name: string
  readonly title: string
  readonly deprecated: string | undefined
  readonly description: string
  /** Name and value: purpose, owner, version, … */
  readonly about: readonly (readonly [string, string])[]
  /** In their order; none is without rows. */
  readonly sections: readonly FactSection[]
}

/** Gathers the facts. All texts are in one line. */
export function datasetFacts(dataset: CompiledDataset): DatasetFacts {
  const { contract, object } = dataset.document
  const owner = contract.teamName ?? contract.team.find(({ role }) => role === 'owner')?.name
  return {
    name: dataset.name,
    title: oneLine(object.businessName ?? dataset.name),
    deprecated: deprecation(object),
    description: oneLine(dataset.description),
    about: pairs({
      Purpose: contract.purpose,
      Usage: contract.usage,
      Limitations: contract.limitations,
      Granularity: object.dataGranularityDescription,
      Owner: owner,
      Support: contract.support
        .map(({ channel, url }) => [channel, url].filter(Boolean).join(' '))
        .join(', '),
      Domain: dataset.domain,
      Tags: [...new Set([...contract.tags, ...object.tags])].join(', '),
      'Also called': object.synonyms.join(', '),
      Contract: `${dataset.contractId} ${dataset.contractVersion} (${contract.status})`,
      Policy: dataset.hash,
      'Primary key': dataset.key.join(', '),
      Tenant: dataset.tenant.kind === 'column' ? `column ${dataset.tenant.source}` : dataset.tenant.value,
    }),
    sections: sections(dataset).filter(({ rows }) => rows.length > 0),
  }
}

function sections(dataset: CompiledDataset): readonly FactSection[] {
  const { contract, object, properties } = dataset.document
  return [
    {
      title: 'Columns',
      head: ['Column', 'Type', 'Meaning', 'Rules', 'Classification'],
      rows: dataset.columns.map((column, index) => [
        column.target ?? `${column.source} (not stored)`,
        column.target === null ? column.sourceType : column.targetType,
        [column.description, properties[index] ? deprecation(properties[index]) : undefined]
          .filter((part) => part !== undefined && part !== '')
          .map((part) => oneLine(part ?? ''))
          .join(' '),
        rulesInWords(column),
        column.classification ?? '',
      ]),
    },
    {
      title: 'Personal data',
      head: ['Source column', 'Protection', 'Stored as'],
      rows: dataset.columns.flatMap((column) =>
        column.pii ? [[column.source, piiDescription(column.pii), column.target ?? 'not stored']] : [],
      ),
    },
    {
      title: 'Who may see what',
      head: ['Role', 'Rows', 'Columns', 'Meaning'],
      rows: dataset.roles.map(({ role, columns, rowFilter }) => {
        const stored = dataset.columns.filter(({ target }) => target !== null).length
        return [
          role,
          oneLine(rowFilterText(rowFilter)),
          columns.length === stored ? 'all' : columns.join(', '),
          oneLine(contract.roles.find((candidate) => candidate.role === role)?.description ?? ''),
        ]
      }),
    },
    {
      title: 'Service levels',
      head: ['Service level', 'Promise', 'Of', 'Meaning'],
      rows: contract.slaProperties
        .filter(
          ({ elements }) => elements.length === 0 || elements.some((element) => isOf(dataset.name, element)),
        )
        .map(({ property, value, valueExt, unit, elements, description }) => [
          property,
          [scalar(value), scalar(valueExt), unit ?? ''].filter((part) => part !== '').join(' '),
          elements.join(', '),
          oneLine(description ?? ''),
        ]),
    },
    {
      title: 'Quality rules',
      head: ['Of', 'Rule', 'Expectation'],
      rows: [
        ...object.quality.map((rule) => ['the dataset', rule] as const),
        ...properties.flatMap((property) => property.quality.map((rule) => [property.name, rule] as const)),
      ].map(([of, rule]) => [
        of,
        oneLine([rule.metric ?? rule.name ?? rule.type, rule.description ?? ''].filter(Boolean).join(': ')),
        Object.entries(rule.operators)
          .map(
            ([name, value]) =>
              `${name} ${Array.isArray(value) ? value.map(scalar).join(' to ') : scalar(value)}`,
          )
          .concat(rule.unit ?? [])
          .join(' '),
      ]),
    },
    {
      title: 'References',
      head: ['Columns', 'Refer to'],
      rows: dataset.relationships.map(({ columns, to }) => [columns.join(', '), to.join(', ')]),
    },
    {
      title: 'Where the columns come from',
      head: ['Postgres', 'ClickHouse', 'In the contract'],
      rows: dataset.columns.map((column, index) => [
        `${dataset.source.schema}.${dataset.source.table}.${column.source}`,
        column.target === null ? 'not stored' : `${dataset.table}.${column.target}`,
        properties[index]?.name ?? '',
      ]),
    },
  ]
}

/** Rules are about the value before it is protected. */
function rulesInWords(column: CompiledColumn): string {
  const rules = ruleTexts(column).map(oneLine).join('; ')
  return rules === '' || !column.pii ? rules : `${rules} (before it is protected)`
}

function pairs(texts: Readonly<Record<string, string | undefined>>): readonly (readonly [string, string])[] {
  return Object.entries(texts).flatMap(([name, text]): (readonly [string, string])[] =>
    text === undefined || text === '' ? [] : [[name, oneLine(text)]],
  )
}

function isOf(dataset: string, element: string): boolean {
  return element === dataset || element.startsWith(`${dataset}.`)
}

function scalar(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? oneLine(String(value))
    : ''
}
