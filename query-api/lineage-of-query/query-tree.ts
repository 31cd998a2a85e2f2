/**
 * The text of `EXPLAIN QUERY TREE` -> a tree of lines. Two spaces of indentation are one level; a line is a node
 * (`COLUMN id: 2, column_name: total, …`), the name of a section (`WHERE`), or, under PROJECTION COLUMNS, `name type`.
 *
 * Constants of the query, and results of scalar subqueries, stand in the text: it is never logged and never leaves this folder.
 */

/** One line with what is below it. */
export type TreeLine = {
  readonly text: string
  /** First word of a node: QUERY, COLUMN, CROSS JOIN, …; the whole text of a section. */
  readonly kind: string
  readonly children: readonly TreeLine[]
}

type Draft = { text: string; kind: string; children: Draft[] }

/** Parses the text; `undefined` if it is none. Never throws. */
export function parseQueryTree(text: string): TreeLine | undefined {
  const path: Draft[] = []
  let root: Draft | undefined
  for (const line of text.split('\n')) {
    if (line === '') continue
    const spaces = line.length - line.trimStart().length
    const depth = spaces >> 1
    const content = line.slice(spaces).trimEnd()
    const kind = /^([A-Z_ ]+?) id: \d+/.exec(content)?.[1] ?? content
    const draft: Draft = { text: content, kind, children: [] }
    if (depth > path.length || (depth === 0 && root)) return undefined
    path.length = depth
    path.at(-1)?.children.push(draft)
    path.push(draft)
    root ??= draft
  }
  return root
}

/** The children of a section, if it is there. `EXPRESSION total` is found as `EXPRESSION`. */
export function section(line: TreeLine, name: string): readonly TreeLine[] {
  const named = (text: string) =>
    text === name || (name === 'EXPRESSION' && text.startsWith('EXPRESSION ') && !text.includes(' id: '))
  return line.children.find(({ text }) => named(text))?.children ?? []
}

/** A field of a node; `column_name` may hold anything, so it is taken up to the field after it. */
export function field(
  line: TreeLine,
  name: 'id' | 'source_id' | 'table_name' | 'function_name' | 'function_type',
) {
  const pattern = FIELDS[name]
  return pattern.exec(line.text)?.[1]
}

const FIELDS = {
  id: /^[A-Z_ ]+ id: (\d+)/,
  source_id: /, source_id: (\d+)$/,
  table_name: /, table_name: (.+?)(?:, (?:final|table_expression_modifiers|sample).*)?$/,
  function_name: /, function_name: ([^,]+),/,
  function_type: /, function_type: (\w+)/,
} as const

/** The name and type of a COLUMN node. */
export function columnOf(line: TreeLine): { readonly name: string; readonly type: string } | undefined {
  const match = /, column_name: (.*), result_type: (.*?)(?:, source_id: \d+)?$/s.exec(line.text)
  return match ? { name: match[1] ?? '', type: match[2] ?? '' } : undefined
}

/** The type of any expression node, for taking it off a projection column. */
export function typeOf(line: TreeLine): string | undefined {
  if (line.kind === 'COLUMN') return columnOf(line)?.type
  const match = /, (?:result_type|constant_value_type): (.*)$/s.exec(line.text)
  return match?.[1]
}

/** All lines, depth first, without recursion. */
export function* lines(root: TreeLine): Generator<TreeLine> {
  const left = [root]
  for (let next = left.pop(); next; next = left.pop()) {
    yield next
    for (const child of next.children.toReversed()) left.push(child)
  }
}
