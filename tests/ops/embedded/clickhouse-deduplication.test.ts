/** Deduplication logs after a kill -9: what is noted of a block that is not there is taken out, and nothing else. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { mendDeduplicationLogs } from '#ops/embedded/clickhouse-deduplication.ts'
import { temporaryFolder } from './temporary-folder.ts'

let data = ''
beforeEach(() => {
  data = temporaryFolder('mogo-deduplication-')
})

/** A table with these folders and logs; returns a reader of its logs. */
function table(name: string, parts: readonly string[], logs: Readonly<Record<string, string>>) {
  const dir = join(data, 'store', name.slice(0, 3), name)
  for (const part of parts) mkdirSync(join(dir, part), { recursive: true })
  mkdirSync(join(dir, 'deduplication_logs'), { recursive: true })
  for (const [file, text] of Object.entries(logs)) writeFileSync(join(dir, 'deduplication_logs', file), text)
  return (file: string) => readFileSync(join(dir, 'deduplication_logs', file), 'utf8')
}

describe('an entry', () => {
  it('beyond all parts is taken out, whatever lies about', () => {
    const parts = ['all_1_4_1', 'all_5_5_0', 'tmp_insert_all_9_9_0', 'delete_tmp_all_9_9_0', 'detached']
    const read = table('aaa1', parts, {
      'deduplication_log_1.txt': '1\tall_1_1_0\tx\n1\tall_4_4_0\ty\n',
      'deduplication_log_2.txt': '1\tall_5_5_0\tz\n1\tall_6_6_0\tlost\n',
    })
    expect(mendDeduplicationLogs(data)).toBe(1)
    expect(read('deduplication_log_1.txt')).toBe('1\tall_1_1_0\tx\n1\tall_4_4_0\ty\n')
    expect(read('deduplication_log_2.txt')).toBe('1\tall_5_5_0\tz\n')
    expect(mendDeduplicationLogs(data)).toBe(0)
  })

  it('of a part that was merged, mutated or dropped stays', () => {
    const log = '1\tall_1_1_0\ta\n1\tall_2_2_0\tb\n1\t202601_3_3_0\tc\n2\tall_9_9_0\td\n'
    const read = table('bbb1', ['all_1_1_0_4', '202601_3_7_2_8'], { 'deduplication_log_1.txt': log })
    expect(mendDeduplicationLogs(data)).toBe(0)
    expect(read('deduplication_log_1.txt')).toBe(log)
  })

  it('of a table that never had a part is taken out', () => {
    const read = table('ccc1', [], { 'deduplication_log_1.txt': '1\tall_1_1_0\ta\n' })
    expect(mendDeduplicationLogs(data)).toBe(1)
    expect(read('deduplication_log_1.txt')).toBe('')
  })
})

it('looks at nothing where there is nothing', () => {
  expect(mendDeduplicationLogs(join(data, 'nothing'))).toBe(0)
  mkdirSync(join(data, 'store', 'ddd', 'ddd1'), { recursive: true })
  expect(mendDeduplicationLogs(data)).toBe(0)
})
