/**
 * A lineage tree as text for people:
 *
 *     revenue  (query 01J9)
 *     └─ aggregated ← orders.total  (clickhouse analytics)
 *        └─ mogo.public.orders total  (kafka)
 *           └─ public.orders.total  (postgres shop)
 *
 * The words before an arrow say how the value passed; a masking is shown as it is applied: `hmac(email) ← …`. Downstream trees have
 * arrows the other way.
 */
import type { LineageNode } from '#contracts/events/lineage-edge.ts'
import { type Direction, HIDDEN, type LineageTree, type Step, type TreeEnd } from './graph.ts'

/**
 * Renders a tree; lines end with `\n`.
 *
 * @param note put behind the root, such as `read by 3 queries`
 */
export function treeText(tree: LineageTree, direction: Direction = 'upstream', note = ''): string {
  const lines = [nodeText(tree.node) + endText(tree.end) + (note === '' ? '' : `  ${note}`)]
  branchLines(tree, '', direction === 'upstream' ? '←' : '→', lines)
  return `${lines.join('\n')}\n`
}

function branchLines(tree: LineageTree, indent: string, arrow: string, lines: string[]): void {
  tree.branches.forEach((branch, index) => {
    const last = index === tree.branches.length - 1
    lines.push(
      `${indent}${last ? '└─ ' : '├─ '}${stepText(branch.step, arrow)}${nodeText(branch.node)}${endText(branch.end)}`,
    )
    branchLines(branch, `${indent}${last ? '   ' : '│  '}`, arrow, lines)
  })
}

const STEP_WORDS: Readonly<Record<Step['subtype'], string>> = {
  IDENTITY: '',
  TRANSFORMATION: 'computed',
  AGGREGATION: 'aggregated',
  JOIN: 'joined by',
  GROUP_BY: 'grouped by',
  FILTER: 'filtered by',
  SORT: 'sorted by',
  WINDOW: 'window over',
  CONDITIONAL: 'decided by',
  UNKNOWN: 'in an unknown way',
}

function stepText(step: Step | null, arrow: string): string {
  if (step === null) return ''
  const words = step.description || STEP_WORDS[step.subtype]
  if (words === '') return ''
  return step.masking && step.description === '' ? `masked ${arrow} ` : `${words} ${arrow} `
}

const END_WORDS: Readonly<Record<TreeEnd, string>> = {
  open: '',
  origin: '',
  unused: '',
  unknown: '  [origin unknown]',
  hidden: '',
  cycle: '  [cycle]',
  depth: '  [more: raise depth]',
  size: '  [more: too many to show]',
}

const endText = (end: TreeEnd): string => END_WORDS[end]

function nodeText(node: LineageNode): string {
  if (node.column === HIDDEN) return 'a column that you may not read'
  switch (node.system) {
    case 'postgres':
      return `${node.dataset}.${node.column}  (postgres ${node.namespace})`
    case 'kafka':
      return `${node.dataset} ${node.column}  (kafka)`
    case 'clickhouse':
      return `${node.dataset}.${node.column}  (clickhouse ${node.namespace})`
    case 'query':
      return `${node.column}  (query ${node.dataset})`
  }
}
