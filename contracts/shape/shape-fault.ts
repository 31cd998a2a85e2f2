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
import { likelyKey, likelyValue, newerKey, newerValue } from './likely-names.ts'
import { knownObject, MISSING, type NewerIssue } from './zod-parts.ts'

/** A fault of shape, without its place. */
export type ShapeFault = {
  readonly code:
    | 'CONTRACT_MISSING'
    | 'CONTRACT_UNKNOWN_KEY'
    | 'CONTRACT_SHAPE'
    | 'CONTRACT_VALUE'
    | 'CONTRACT_NEWER'
  readonly path: DocumentPath
  readonly message: string
  readonly expected?: string
  readonly suggestion?: string
  /** Where to point: at the value, or at the key. */
  readonly at: 'value' | 'key'
  /** Only where it is no error: the standard lets it pass, or published documents have it. */
  readonly severity?: 'warning'
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

/** The faults that one issue stands for, up to `most`: an unknown key is one each. */
export function shapeFaults(
  issue: z.core.$ZodIssue,
  document: unknown,
  version: StandardVersion,
  most: number,
): readonly ShapeFault[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol')
  if (most <= 0) return []
  if (issue.code === 'unrecognized_keys')
    return issue.keys.slice(0, most).map((key) => unknownKey([...path, key], key, issue.message, version))
  const key = keyText(path)
  if (issue.code === 'custom' && isNewer(issue.params)) return [newer(path, issue.message, issue.params)]
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
  const since = typeof found === 'string' && allowed.length > 1 ? newerValue(found, version) : undefined
  const near = typeof found === 'string' && since === undefined ? nearValue(found, allowed) : undefined
  const suggestion = since === undefined ? near : `apiVersion: v${since}.0`
  const hint =
    since === undefined ? (near === undefined ? '' : `; did you mean ${near}?`) : `; ${newText(since)}`
  return [
    {
      code: 'CONTRACT_VALUE',
      path,
      message: `${key} must be ${expected}${hint}`,
      expected,
      ...(suggestion !== undefined && { suggestion }),
      at: 'value',
    },
  ]
}

function isNewer(params: Readonly<Record<string, unknown>> | undefined): params is NewerIssue {
  return params !== undefined && 'newIn' in params
}

/** What is understood, but belongs to a later version than the document says. */
function newer(path: DocumentPath, what: string, { newIn, use }: NewerIssue): ShapeFault {
  const instead = use === undefined ? '' : `, or ${use}`
  return {
    code: 'CONTRACT_NEWER',
    path,
    message: `${what} is new in version ${newIn} of the standard; the document says an older one`,
    suggestion: `apiVersion: v${newIn}.0${instead}`,
    at: 'value',
    severity: 'warning',
  }
}

function newText(version: StandardVersion): string {
  return `it is new in version ${version} of the standard`
}

function unknownKey(path: DocumentPath, key: string, mark: string, version: StandardVersion): ShapeFault {
  const holder = knownObject(mark)
  const keys = holder?.keys ?? []
  const since = newerKey(key, holder?.what ?? '', version)
  const near = since === undefined ? (likelyKey(key, keys) ?? nearest(key, keys)) : undefined
  const hint =
    near !== undefined
      ? `; did you mean ${near}?`
      : since !== undefined
        ? `; ${newText(since)}`
        : keys.includes('customProperties')
          ? '; what the standard does not know belongs in customProperties'
          : ''
  return {
    code: 'CONTRACT_UNKNOWN_KEY',
    path,
    message: `${said(key)} is no key of ${holder?.what ?? 'this'}${hint}`,
    ...(keys.length > 0 && keys.length <= MAX_LISTED && { expected: `one of: ${keys.join(', ')}` }),
    ...(near !== undefined
      ? { suggestion: near }
      : since !== undefined
        ? { suggestion: `apiVersion: v${since}.0` }
        : {}),
    at: 'key',
    ...(holder?.open && { severity: 'warning' }),
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
  if (typeof value === 'number' && !Number.isFinite(value)) return 'infinity or no number at all'
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
