/**
 * Generated secrets: one file per secret in the secrets folder, named `<server>.<role>`, mode 0600, in a folder of mode 0700.
 *
 * A secret is made once and then kept: the servers' data know it. The text is base64url, so it can stand in every
 * configuration format of the servers (properties, XML, JAAS, URLs) without quoting.
 */

import { createHash, randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { MogoError } from '#contracts/errors.ts'

/** Path of a secret's file. */
export function secretPath(secretsDir: string, name: string): string {
  return join(secretsDir, name)
}

/**
 * Reads a secret that must be there.
 *
 * @throws MogoError MOGO_SECRET_MISSING
 */
export function readSecret(secretsDir: string, name: string): string {
  const file = secretPath(secretsDir, name)
  try {
    const text = readFileSync(file, 'utf8').trim()
    if (text !== '') return text
  } catch {
    // missing or not readable: the same answer
  }
  throw new MogoError('MOGO_SECRET_MISSING', { name, file })
}

/**
 * Reads a secret, making it first if there is none. Safe when two processes do it at once: both get the same one.
 *
 * @param bytes strength; 24 bytes are 32 characters
 */
export function ensureSecret(secretsDir: string, name: string, bytes = 24): string {
  const file = secretPath(secretsDir, name)
  try {
    const text = readFileSync(file, 'utf8').trim()
    if (text !== '') return text
    unlinkSync(file) // left empty by a full disk
  } catch {
    // not there yet
  }
  mkdirSync(secretsDir, { recursive: true, mode: 0o700 })
  // Written beside and linked into place, so that no reader ever sees half of it.
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  writePrivateFile(temporary, `${randomBytes(bytes).toString('base64url')}\n`)
  try {
    linkSync(temporary, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    unlinkSync(temporary)
  }
  return readSecret(secretsDir, name)
}

/**
 * Writes a file that only its owner may read, replacing what was there.
 *
 * @param durable wait until it is on the disk
 */
export function writePrivateFile(file: string, text: string, durable = true): void {
  try {
    unlinkSync(file) // the mode of an existing file would stay as it was
  } catch {
    // not there
  }
  const fd = openSync(file, 'wx', 0o600)
  try {
    writeSync(fd, text)
    if (durable) fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** SHA-256 in hex, as ClickHouse's users.xml wants it. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
