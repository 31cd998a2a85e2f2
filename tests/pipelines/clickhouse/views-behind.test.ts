/** What a repeated insert does to the views behind a table. */
import { describe, expect, it } from 'vitest'
import { type TableFacts, tableFacts, viewsBehind } from '#pipelines/clickhouse/views-behind.ts'

const table = (views: string[], engineFull = 'MergeTree', engine = 'MergeTree'): TableFacts =>
  tableFacts([engine, engineFull, views.map((view) => ['d', view] as const), '', ''])
const view = (target: string): TableFacts => tableFacts(['MaterializedView', '', [], 'd', target])
const WINDOW = 'MergeTree SETTINGS non_replicated_deduplication_window = 100, index_granularity = 8192'

const look = (tables: Record<string, TableFacts>) => async (_database: string, name: string) => tables[name]

describe('views behind a table', () => {
  it.each([
    ['there are none', { t: table([]) }, 'none'],
    ['its table drops what it had', { t: table(['v']), v: view('c'), c: table([], WINDOW) }, 'deduplicating'],
    ['its table does not', { t: table(['v']), v: view('c'), c: table([]) }, 'doubling'],
    [
      'its window is closed',
      {
        t: table(['v']),
        v: view('c'),
        c: table([], 'MergeTree SETTINGS non_replicated_deduplication_window = 0'),
      },
      'doubling',
    ],
    [
      'its table is replicated',
      { t: table(['v']), v: view('c'), c: table([], 'ReplicatedMergeTree(…)', 'ReplicatedMergeTree') },
      'deduplicating',
    ],
    [
      'replicas do not look',
      {
        t: table(['v']),
        v: view('c'),
        c: table([], 'R SETTINGS replicated_deduplication_window = 0', 'ReplicatedMergeTree'),
      },
      'doubling',
    ],
    [
      'one of two doubles',
      { t: table(['v', 'w']), v: view('c'), w: view('e'), c: table([], WINDOW), e: table([]) },
      'doubling',
    ],
    [
      'the view of a view doubles',
      { t: table(['v']), v: view('c'), c: table(['w'], WINDOW), w: view('e'), e: table([]) },
      'doubling',
    ],
    ['it may not be seen', { t: table(['v']) }, 'doubling'],
    ['it is a circle', { t: table(['v']), v: view('c'), c: table(['v'], WINDOW) }, 'deduplicating'],
  ] as const)('%s', async (_name, tables, expected) => {
    expect(await viewsBehind(look(tables), 'd', 't')).toBe(expected)
  })
})
