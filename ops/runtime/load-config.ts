/**
 * Reads mogo.yaml into the effective configuration. All faults are reported at once, each with its path and its line.
 */
import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { type Document, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { MogoError } from '#contracts/errors.ts'
import { nearest } from '#contracts/nearest.ts'
import { type ProjectConfig, projectConfigSchema } from './config-model.ts'

/** A project: its folder, its configuration, and its folders as absolute paths. */
export type Project = {
  /** Folder of mogo.yaml. */
  readonly dir: string
  readonly file: string
  readonly config: ProjectConfig
  readonly contractsDir: string
  readonly stateDir: string
}

const absolute = (dir: string, path: string): string => (isAbsolute(path) ? path : resolve(dir, path))

/**
 * Reads and checks the configuration of the project in `dir`.
 *
 * @throws MogoError MOGO_CONFIG_NOT_FOUND, MOGO_CONFIG_SYNTAX, MOGO_CONFIG_INVALID
 */
export function loadProject(dir: string): Project {
  const file = join(resolve(dir), 'mogo.yaml')
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new MogoError('MOGO_CONFIG_NOT_FOUND', { dir }, { cause })
  }
  const config = parseConfig(text, file)
  const base = dirname(file)
  return {
    dir: base,
    file,
    config,
    contractsDir: absolute(base, config.contracts),
    stateDir: absolute(base, config.stateDir),
  }
}

/** Parses the text of a mogo.yaml; `file` only names it in faults. */
export function parseConfig(text: string, file: string): ProjectConfig {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    prettyErrors: false,
    logLevel: 'error',
  })
  const syntax = document.errors[0]
  if (syntax) {
    const at = lines.linePos(syntax.pos[0])
    throw new MogoError('MOGO_CONFIG_SYNTAX', {
      file,
      line: at.line,
      column: at.col,
      detail: syntax.message.split('\n')[0] ?? '',
    })
  }
  const result = projectConfigSchema.safeParse(toValue(document, file) ?? {})
  if (result.success) return result.data
  const faults: string[] = []
  for (const issue of result.error.issues) {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined]
    for (const key of keys) {
      const path = key === undefined ? issue.path : [...issue.path, key]
      const message = key === undefined ? issue.message : `unknown key${suggestion(key, issue.path)}`
      faults.push(`  ${path.join('.') || '(root)'}${lineOf(path)}: ${message}`)
    }
  }
  throw new MogoError('MOGO_CONFIG_INVALID', { file, count: faults.length, faults: faults.join('\n') })

  function lineOf(path: readonly PropertyKey[]): string {
    for (let depth = path.length; depth > 0; depth--) {
      const node = document.getIn(path.slice(0, depth), true)
      const range =
        node && typeof node === 'object' && 'range' in node ? (node.range as readonly number[] | null) : null
      if (range) return ` (line ${lines.linePos(range[0] ?? 0).line})`
    }
    return ''
  }
}

/** The document as a value. @throws MogoError MOGO_CONFIG_SYNTAX if its aliases multiply without end */
function toValue(document: Document.Parsed, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 50 })
  } catch {
    throw new MogoError('MOGO_CONFIG_SYNTAX', { file, line: 1, column: 1, detail: 'aliases that multiply' })
  }
}

/** A key that may stand where the unknown one does and is written much like it. */
function suggestion(key: string, path: readonly PropertyKey[]): string {
  const whole = z.toJSONSchema(projectConfigSchema, { io: 'input', unrepresentable: 'any' })
  let schema = whole as KeysOf | undefined
  for (const part of path) schema = schema?.properties?.[String(part)]
  const near = nearest(key, Object.keys(schema?.properties ?? {}))
  return near ? `; did you mean ${near}?` : ''
}

/** As much of a JSON Schema as tells which keys there are. */
type KeysOf = { readonly properties?: Readonly<Record<string, KeysOf>> }
