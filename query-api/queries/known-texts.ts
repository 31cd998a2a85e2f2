/**
 * What a text says of itself, without the engine, remembered for texts that are asked again: its tokens, its hash for the access record, and whether the
 * same rows always give the same answer.
 */
import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { isRepeatable } from '../cache/is-repeatable.ts'
import { readSql } from '../gate/gate.ts'
import { type Token, withoutLiterals } from '../gate/sql-text.ts'

/** See the header. */
export type KnownText = {
  readonly tokens: readonly Token[]
  /** SHA-256 of the text without its literals. */
  readonly sqlHash: string
  readonly isRepeatable: boolean
}

/** Characters of all texts; their tokens take a multiple of it. */
const MOST_TEXT = 256 * 1024
const MILLIS = 5 * 60_000

/** Of no text. */
export const NO_TEXT: KnownText = known([])

function known(tokens: readonly Token[]): KnownText {
  return {
    tokens,
    sqlHash: hash('sha256', withoutLiterals(tokens)),
    isRepeatable: isRepeatable(tokens),
  }
}

/** Makes the reader. What it returns throws as {@link readSql} does. */
export function createTextReader(): (sql: string) => KnownText {
  const texts = new LRUCache<string, KnownText>({
    maxSize: MOST_TEXT,
    sizeCalculation: (_known, sql) => sql.length,
    ttl: MILLIS,
  })
  return (sql) => {
    const found = texts.get(sql)
    if (found) return found
    const made = known(readSql(sql))
    if (sql.length > 0) texts.set(sql, made)
    return made
  }
}
