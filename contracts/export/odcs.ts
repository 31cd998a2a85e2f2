/**
 * Contract -> the contract in its normal form: YAML with the keys in the order in which the standard introduces them. Keys that the standard
 * does not know come after those that it does, in their order. Nothing is added or left out, comments stay, and the normal form of a
 * normal form is the same text.
 *
 * A document that names a part and refers to it (anchors and aliases) is written out, because a part that moves before its name could
 * not be read.
 */
import { Document, isCollection, isMap, isPair, isScalar, isSeq, type Pair, parseDocument, visit } from 'yaml'

const TOP = [
  'apiVersion',
  'kind',
  'id',
  'name',
  'version',
  'status',
  'tenant',
  'domain',
  'dataProduct',
  'description',
  'tags',
  'authoritativeDefinitions',
  'schema',
  'quality',
  'roles',
  'team',
  'support',
  'servers',
  'price',
  'slaDefaultElement',
  'slaProperties',
  'customProperties',
  'contractCreatedTs',
]
const ELEMENT = [
  'id',
  'name',
  'property',
  'role',
  'channel',
  'server',
  'type',
  'physicalName',
  'logicalType',
  'physicalType',
  'businessName',
  'description',
  'access',
  'required',
  'unique',
  'primaryKey',
  'primaryKeyPosition',
  'partitioned',
  'partitionKeyPosition',
  'classification',
  'encryptedName',
  'criticalDataElement',
  'logicalTypeOptions',
  'enum',
  'value',
  'valueExt',
  'unit',
  'element',
  'from',
  'to',
  'examples',
  'tags',
  'synonyms',
  'deprecated',
  'relationships',
  'quality',
  'customProperties',
  'authoritativeDefinitions',
  'map',
  'items',
  'properties',
]
/** Below these, keys are the author's own: their order is theirs too. */
const OPAQUE = new Set(['value', 'implementation', 'arguments', 'examples'])

/** The normal form of a document that has been read without faults of syntax. */
export function normalOdcs(text: string): string {
  const parsed = parseDocument(text, { intAsBigInt: true, uniqueKeys: false, logLevel: 'error' })
  const document = hasAliases(parsed)
    ? new Document(parsed.toJS({ maxAliasCount: 1000 }), { aliasDuplicateObjects: false })
    : parsed
  order(document.contents, TOP)
  return document.toString({ lineWidth: 0, indent: 2, indentSeq: true, flowCollectionPadding: true })
}

function hasAliases(document: Document): boolean {
  let found = false
  visit(document, {
    Alias() {
      found = true
      return visit.BREAK
    },
  })
  return found
}

function order(node: unknown, keys: readonly string[]): void {
  // Braces and brackets stay only around what holds nothing but scalars.
  if (isCollection(node) && node.items.some(holdsMore)) node.flow = false
  if (isSeq(node)) for (const item of node.items) order(item, ELEMENT)
  if (!isMap(node)) return
  const rank = new Map(keys.map((key, index) => [key, index]))
  const place = (pair: Pair): number => rank.get(nameOf(pair)) ?? keys.length
  // `sort` is stable: what has the same place keeps its order.
  node.items.sort((a, b) => place(a) - place(b))
  // JSON quotes its keys; those of the standard need none.
  for (const { key } of node.items) if (isScalar(key) && rank.has(String(key.value))) delete key.type
  for (const pair of node.items) if (!OPAQUE.has(nameOf(pair))) order(pair.value, ELEMENT)
}

function holdsMore(item: unknown): boolean {
  return isCollection(isPair(item) ? item.value : item)
}

function nameOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : ''
}
