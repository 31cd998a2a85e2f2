/**
 * The text of `EXPLAIN AST` -> nodes, one per line, depth by indentation:
 *
 *     SelectQuery (children 2)
 *      ExpressionList (children 1)
 *       Function sum (alias s) (children 1)
 *
 * The engine writes names raw, so an identifier with a line break in it could forge lines. It cannot hide any: every real node
 * begins its own line, whatever names say. The checks that security rests on therefore look at each line by itself, and a tree
 * whose lines and child counts do not agree is refused as a whole.
 */

/** One node. */
export type AstNode = {
  /** First word: `SelectQuery`, `Function`, … */
  readonly type: string
  /** What follows it: the function's name, the identifier, the literal. */
  readonly label: string
  readonly alias: string | undefined
  readonly children: readonly AstNode[]
}

/** A parsed tree; `undefined` where the text is not a well-formed tree. */
export type AstTree = { readonly root: AstNode; readonly size: number; readonly depth: number }

type Draft = { type: string; label: string; alias: string | undefined; expected: number; children: Draft[] }

/** Parses the lines. Never throws. */
export function parseAst(text: string): AstTree | undefined {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const path: Draft[] = []
  let root: Draft | undefined
  let deepest = 0
  for (const line of lines) {
    const depth = line.length - line.trimStart().length
    const node = nodeOf(line.slice(depth))
    if (node === undefined || depth > path.length || (depth === 0 && root)) return undefined
    path.length = depth
    path.at(-1)?.children.push(node)
    path.push(node)
    root ??= node
    deepest = Math.max(deepest, depth)
  }
  if (!root || !agrees(root)) return undefined
  return { root, size: lines.length, depth: deepest }
}

/** `Function sum (alias s) (children 1)`. No pattern over the whole line: literals are long, and a pattern could be made slow. */
function nodeOf(line: string): Draft | undefined {
  const [suffix = '', expected = '0'] = / \(children (\d{1,7})\)$/.exec(line.slice(-20)) ?? []
  let rest = line.slice(0, line.length - suffix.length)
  let alias: string | undefined
  const at = rest.endsWith(')') ? rest.lastIndexOf(' (alias ') : -1
  if (at >= 0) {
    alias = rest.slice(at + ' (alias '.length, -1)
    rest = rest.slice(0, at)
  }
  const space = rest.indexOf(' ')
  const type = space < 0 ? rest : rest.slice(0, space)
  const label = space < 0 ? '' : rest.slice(space + 1)
  return type === '' ? undefined : { type, label, alias, expected: Number(expected), children: [] }
}

function agrees(root: Draft): boolean {
  const left: Draft[] = [root]
  for (let node = left.pop(); node; node = left.pop()) {
    if (node.children.length !== node.expected) return false
    left.push(...node.children)
  }
  return true
}

/** All nodes with their parents, depth first, without recursion. */
export function* walk(root: AstNode): Generator<{ node: AstNode; parents: readonly AstNode[] }> {
  const left: { node: AstNode; parents: readonly AstNode[] }[] = [{ node: root, parents: [] }]
  for (let next = left.pop(); next; next = left.pop()) {
    yield next
    // Four generations are enough for every question asked.
    const parents = [next.node, ...next.parents.slice(0, 3)]
    for (const child of next.node.children.toReversed()) left.push({ node: child, parents })
  }
}
