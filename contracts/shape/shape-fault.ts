/**
 * What zod says -> a fault in plain words: what is wrong, what was expected, what was probably meant. Names of keys are said, values never;
 * that a value was near an allowed one is said by the allowed one.
 */
import type { z } from 'zod'
import { printable } from '../check/printable.ts'
import type { DocumentPath } from '../fault.ts'
import { isRecord, valueAt } from '../model/raw-value.ts'
import { nearest } from '../nearest.ts'
import type { StandardVersion } from './api-version.ts'
import { likelyKey, likelyValue, NEW_IN_3_2 } from './likely-names.ts'
import { closedObject, MISSING } from './zod-parts.ts'

/** A fault of shape, without its place. */
export type ShapeFault = {
  readonly code: 'CONTRACT_MISSING' | 'CONTRACT_UNKNOWN_KEY' | 'CONTRACT_SHAPE' | 'CONTRACT_VALUE'
  readonly path: DocumentPath
  readonly message: string
  readonly expected?: string
  readonly suggestion?: string
  /** Where to point: at the value, or at the key. */
  readonly at: 'value' | 'key'
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
}

/** Longest list of allowed keys that is worth reading. */
const MAX_LISTED = 24

/** The faults that one issue stands for: an unknown key is one each, up to `most`. */
export function shapeFaults(
  issue: z.core.$ZodIssue,
  document: unknown,
  version: StandardVersion,
  most: number,
): readonly ShapeFault[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol')
  if (issue.code === 'unrecognized_keys')
    return issue.keys
      .slice(0, Math.max(most, 0))
      .map((key) => unknownKey([...path, key], key, issue.message, version))
  const key = keyText(path)
  const found = valueAt(document, path)
  if (found === undefined || issue.message === MISSING) return [missing(path, key, expectedOf(issue))]
  const expected = expectedOf(issue)
  if (issue.code === 'invalid_type') {
    const hint = typeHint(issue.expected, found)
    return [
      {
        code: 'CONTRACT_SHAPE',
        path,
        message: `${key} must be ${expected}, not ${typeText(found)}${hint === undefined ? '' : `; ${hint}`}`,
        expected,
        ...(hint !== undefined && { suggestion: hint }),
        at: 'value',
      },
    ]
  }
  const allowed = issue.code === 'invalid_value' ? issue.values.map(String) : []
  if (allowed.length > 0 && typeof found !== 'string') {
    const hint = typeHint('string', found)
    const message = `${key} must be one of: ${allowed.join(', ')}; not ${typeText(found)}${hint === undefined ? '' : `; ${hint}`}`
    return [{ code: 'CONTRACT_SHAPE', path, message, expected, at: 'value' }]
  }
  const near = typeof found === 'string' ? nearValue(found, allowed) : undefined
  return [
    {
      code: 'CONTRACT_VALUE',
      path,
      message: `${key} must be ${expected}${near === undefined ? '' : `; did you mean ${near}?`}`,
      expected,
      ...(near !== undefined && { suggestion: near }),
      at: 'value',
    },
  ]
}

function unknownKey(path: DocumentPath, key: string, mark: string, version: StandardVersion): ShapeFault {
  const holder = closedObject(mark)
  const keys = holder?.keys ?? []
  const near = likelyKey(key, keys) ?? nearest(key, keys)
  const newer = near === undefined && version !== '3.2' && NEW_IN_3_2.has(key)
  const hint =
    near !== undefined
      ? `; did you mean ${near}?`
      : newer
        ? '; it is new in version 3.2 of the standard'
        : keys.includes('customProperties')
          ? '; what the standard does not know belongs in customProperties'
          : ''
  return {
    code: 'CONTRACT_UNKNOWN_KEY',
    path,
    message: `${said(key)} is no key of ${holder?.what ?? 'this'}${hint}`,
    ...(keys.length > 0 && keys.length <= MAX_LISTED && { expected: `one of: ${keys.join(', ')}` }),
    ...(near !== undefined ? { suggestion: near } : newer ? { suggestion: 'apiVersion: v3.2.0' } : {}),
    at: 'key',
  }
}

function missing(path: DocumentPath, key: string, expected: string): ShapeFault {
  return { code: 'CONTRACT_MISSING', path, message: `${key} is missing`, expected, at: 'value' }
}

/** What should stand there, in words. */
function expectedOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return TYPES[issue.expected] ?? issue.expected
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String)
    return values.length === 1 ? (values[0] ?? '') : `one of: ${values.join(', ')}`
  }
  return issue.message === MISSING ? 'a value' : issue.message
}

function typeText(value: unknown): string {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  return value === true || value === false ? 'true or false' : (TYPES[typeof value] ?? 'something else')
}

/** How a wrong type is mended, where that is plain. */
function typeHint(expected: string, found: unknown): string | undefined {
  if (expected === 'string' && (typeof found === 'number' || typeof found === 'boolean'))
    return 'put it in quotes'
  if (expected === 'boolean' && typeof found === 'string') {
    if (/^(yes|y|on|true)$/i.test(found)) return 'write true'
    if (/^(no|n|off|false)$/i.test(found)) return 'write false'
  }
  if (expected === 'number' && typeof found === 'string' && /^[-+]?\d+(\.\d+)?$/.test(found))
    return 'write it without quotes'
  if (expected === 'array' && (typeof found === 'string' || isRecord(found))) return 'begin it with a dash'
  return undefined
}

function nearValue(found: string, allowed: readonly string[]): string | undefined {
  return allowed.length === 1 ? undefined : (likelyValue(found, allowed) ?? nearest(found, allowed))
}

/** Name of what a path leads to: its last key, and the position in a list. */
function keyText(path: DocumentPath): string {
  const last = path.at(-1)
  if (last === undefined) return 'the document'
  if (typeof last === 'string') return said(last)
  const list = path.at(-2)
  return `element ${last + 1} of ${typeof list === 'string' ? said(list) : 'the list'}`
}

/** A key as it is said: in short. */
function said(key: string): string {
  const text = printable(key)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text === '' ? '(empty)' : text
}
