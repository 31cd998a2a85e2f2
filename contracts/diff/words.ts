/** What is written about a part for people: names for business, descriptions, tags, marks of age, and custom properties of others. */
import type { ContractObject, ContractProperty, CustomProperty, Described } from '../model/contract.ts'
import { canonicalText, sameValue } from './canonical-text.ts'
import type { Report } from './report.ts'

/** Custom properties that have a meaning here, and are compared by it. */
const OWN: ReadonlySet<string> = new Set(['tenant', 'piiPlan', 'validValues', 'rowFilter', 'columns'])

/** Compares what contracts, datasets and columns have in common. */
export function diffDescribed(older: Described, newer: Described, report: Report): void {
  const documentation = ({ description, businessName, authoritativeDefinitions }: Described): unknown => [
    description,
    businessName,
    authoritativeDefinitions,
  ]
  if (!sameValue(documentation(older), documentation(newer)))
    report('DIFF_DOCUMENTATION_CHANGED', 'description, business name or links changed')
  if (!sameValue(older.tags.toSorted(), newer.tags.toSorted()))
    report('DIFF_TAGS_CHANGED', 'tags changed', ['tags'])
  diffCustomProperties(older.customProperties, newer.customProperties, report)
}

/** Compares a dataset's or a column's other words, and its marks of age. */
export function diffElement<T extends ContractObject | ContractProperty>(
  older: T,
  newer: T,
  report: Report,
): void {
  diffDescribed(older, newer, report)
  if (older.id !== newer.id) {
    const both = older.id !== undefined && newer.id !== undefined
    report(both ? 'DIFF_ELEMENT_ID_CHANGED' : 'DIFF_METADATA_CHANGED', 'the id is another one', ['id'])
  }
  if (!sameValue(older.synonyms, newer.synonyms))
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

/** A text is a reason: even an empty one says that it is deprecated. */
function isDeprecated({ deprecated }: ContractObject | ContractProperty): boolean {
  return deprecated !== undefined && deprecated !== false
}

/** Compares what only columns have. */
export function diffColumnWords(older: ContractProperty, newer: ContractProperty, report: Report): void {
  if (!sameValue(older.examples, newer.examples))
    report('DIFF_DOCUMENTATION_CHANGED', 'examples changed', ['examples'])
  if (blanksAside(older.transformLogic) !== blanksAside(newer.transformLogic))
    report('DIFF_TRANSFORM_CHANGED', 'transformLogic changed', ['transformLogic'])
  if (older.transformDescription !== newer.transformDescription)
    report('DIFF_DOCUMENTATION_CHANGED', 'transformDescription changed', ['transformDescription'])
  const metadata = ({ transformSourceObjects, criticalDataElement, encryptedName }: ContractProperty) => [
    transformSourceObjects.toSorted(),
    criticalDataElement,
    encryptedName,
  ]
  if (!sameValue(metadata(older), metadata(newer)))
    report('DIFF_METADATA_CHANGED', 'sources, encryptedName or criticalDataElement changed')
}

function blanksAside(text: string | undefined): string | undefined {
  return text?.replaceAll(/\s+/g, ' ').trim()
}

/** Compares custom properties that have no meaning here. */
export function diffCustomProperties(
  older: readonly CustomProperty[],
  newer: readonly CustomProperty[],
  report: Report,
): void {
  const byName = (list: readonly CustomProperty[]): ReadonlyMap<string, string> => {
    const values = new Map<string, string>()
    for (const { property, value, description } of list)
      if (!OWN.has(property))
        values.set(property, `${values.get(property) ?? ''}${canonicalText([value, description])}`)
    return values
  }
  const [was, is] = [byName(older), byName(newer)]
  for (const name of new Set([...was.keys(), ...is.keys()]))
    if (was.get(name) !== is.get(name))
      report('DIFF_CUSTOM_PROPERTY_CHANGED', `the custom property ${name} changed`, ['customProperties'])
}
