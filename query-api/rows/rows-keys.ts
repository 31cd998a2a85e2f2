/** Keys of cursors and entity tags, derived from the secret of access scopes by HKDF-SHA256 (RFC 5869): one for each use. */
import { hkdfSync } from 'node:crypto'

/** See the header. */
export type RowsKeys = {
  /** Encrypts cursors: two AES-256 keys, as AES-SIV takes them. */
  readonly seal: Buffer
  /** Signs cursors. */
  readonly sign: Buffer
  /** Makes entity tags. */
  readonly tag: Buffer
}

/** Derives the keys; every process of the API gets to the same. */
export function rowsKeys(secret: string): RowsKeys {
  const derive = (use: string, length: number): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, 'mogo rows 1', use, length))
  return { seal: derive('cursor seal', 64), sign: derive('cursor sign', 32), tag: derive('entity tag', 32) }
}
