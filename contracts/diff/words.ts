/** What is written about a part for people: names for business, descriptions, tags, marks of age, and custom properties of others. */
import type { ContractObject, ContractProperty, Described } from '../model/contract.ts'
import { isRecord, type Raw } from '../model/raw-value.ts'
import { blanksAside, canonicalText, sameItems, sameValue } from './canonical-text.ts'
import type { Report } from './report.ts'
import { VALUE_POLICIES } from './value-policies.ts'

/** Custom properties that have a meaning here, by what they stand at; they are compared by it. */
const OWN = {
  contract: new Set<string>(),
  dataset: new Set(['tenant']),
  column: new Set(['piiPlan', 'validValues', 'targetType', ...VALUE_POLICIES]),
  role: new Set(['rowFilter', 'columns', 'crossTenant']),
} as const satisfies Readonly<Record<string, ReadonlySet<string>>>

/** What a custom property stands at. */
export type Holder = keyof typeof OWN

/** Compares what contracts, datasets and columns have in common. */
export function diffDescribed(older: Described, newer: Described, holder: Holder, report: Report): void {
  if (
    blanksAside(older.description) !== blanksAside(newer.description) ||
    older.businessName !== newer.businessName ||
    !sameItems(older.raw['authoritativeDefinitions'], newer.raw['authoritativeDefinitions'])
  )
    report('DIFF_DOCUMENTATION_CHANGED', 'description, business name or links changed')
  if (!sameItems(older.tags, newer.tags)) report('DIFF_TAGS_CHANGED', 'tags changed', ['tags'])
  diffCustomProperties(older.raw, newer.raw, holder, report)
}

/** Compares a dataset's or a column's other words, and its marks of age. */
export function diffElement<T extends ContractObject | ContractProperty>(
  older: T,
  newer: T,
  holder: Holder,
  report: Report,
): void {
  diffDescribed(older, newer, holder, report)
  if (older.id !== newer.id) {
    const both = older.id !== undefined && newer.id !== undefined
    report(both ? 'DIFF_ELEMENT_ID_CHANGED' : 'DIFF_METADATA_CHANGED', 'the id is another one', ['id'])
  }
  if (!sameItems(synonymsOf(older), synonymsOf(newer)))
    report('DIFF_DOCUMENTATION_CHANGED', 'synonyms changed', ['synonyms'])
  const [was, is] = [isDeprecated(older), isDeprecated(newer)]
  if (was !== is)
    report(
      is ? 'DIFF_DEPRECATED' : 'DIFF_UNDEPRECATED',
      is ? 'marked as deprecated' : 'no longer marked as deprecated',
      ['deprecated'],
    )
  else if (was && older.deprecated !== newer.deprecated)
    report('DIFF_DOCUMENTATION_CHANGED', 'why it is deprecated is said in other words', ['deprecated'])
}

/** A bare text is a synonym too. */
function synonymsOf({ raw: { synonyms } }: Described): readonly unknown[] {
  return Array.isArray(synonyms)
    ? synonyms.map((item: unknown) => (typeof item === 'string' ? { synonym: item } : item))
    : []
}

/** A text is a reason: even an empty one says that it is deprecated. */
function isDeprecated({ deprecated }: ContractObject | ContractProperty): boolean {
  return deprecated !== undefined && deprecated !== false
}

/** Compares what only columns have. */
export function diffColumnWords(older: ContractProperty, newer: ContractProperty, report: Report): void {
  if (!sameItems(older.examples, newer.examples))
    report('DIFF_DOCUMENTATION_CHANGED', 'examples changed', ['examples'])
  if (blanksAside(older.transformLogic) !== blanksAside(newer.transformLogic))
    report('DIFF_TRANSFORM_CHANGED', 'transformLogic changed', ['transformLogic'])
  if (blanksAside(older.transformDescription) !== blanksAside(newer.transformDescription))
    report('DIFF_DOCUMENTATION_CHANGED', 'transformDescription changed', ['transformDescription'])
  const metadata = ({ transformSourceObjects, criticalDataElement, encryptedName }: ContractProperty) => [
    transformSourceObjects.toSorted(),
    criticalDataElement,
    encryptedName,
  ]
  if (!sameValue(metadata(older), metadata(newer)))
    report('DIFF_METADATA_CHANGED', 'sources, encryptedName or criticalDataElement changed')
}

/** Compares custom properties: those without a meaning here wholly, the others but for their values. */
export function diffCustomProperties(older: Raw, newer: Raw, holder: Holder, report: Report): void {
  const [was, is] = [customTexts(older, OWN[holder]), customTexts(newer, OWN[holder])]
  for (const name of new Set([...was.keys(), ...is.keys()]))
    if (!sameItems(was.get(name), is.get(name)))
      report('DIFF_CUSTOM_PROPERTY_CHANGED', `the custom property ${name} changed`, ['customProperties'])
}

/** What is said of each custom property, by its name; one may stand twice. */
function customTexts(holder: Raw, own: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
  const texts = new Map<string, string[]>()
  const list = holder['customProperties']
  for (const item of Array.isArray(list) ? list : []) {
    if (!isRecord(item) || typeof item['property'] !== 'string') continue
    const { property, value, ...words } = item
    const said = own.has(property) ? words : { value, ...words }
    if (Object.keys(said).length === 0) continue
    const others = texts.get(property)
    if (others) others.push(canonicalText(said))
    else texts.set(property, [canonicalText(said)])
  }
  return texts
}
