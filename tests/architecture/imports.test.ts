/**
 * The import rule holds, and it would be noticed if it did not: the rule is run over the project, and over a small tree with
 * one wrong import of each kind.
 */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FOLDERS = ['contracts', 'transforms', 'pipelines', 'query-api', 'lineage', 'ops']

type Cruise = {
  readonly summary: {
    readonly violations: readonly {
      readonly from: string
      readonly to: string
      readonly rule: { readonly name: string }
    }[]
    readonly totalCruised: number
  }
}

/** Runs the rule over the folders of a project; `rule: from -> to` of each broken edge. */
async function brokenEdges(dir: string): Promise<{ edges: readonly string[]; files: number }> {
  const tool = join(ROOT, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruiser.mjs')
  const args = [tool, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...FOLDERS]
  const text = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, args, { cwd: dir, maxBuffer: 256 * 1024 * 1024 }, (error, stdout, stderr) => {
      // The exit code is the number of broken edges; what matters is in the output.
      if (stdout === '') reject(new Error(stderr, { cause: error }))
      else resolve(stdout)
    })
  })
  const { summary } = JSON.parse(text) as Cruise
  return {
    edges: summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`).sort(),
    files: summary.totalCruised,
  }
}

test('every import of the project is allowed', async () => {
  const { edges, files } = await brokenEdges(ROOT)
  expect(files).toBeGreaterThan(200)
  expect(edges, 'run `npm run imports`: it says how to mend each').toEqual([])
}, 60_000)

describe('in a project with wrong imports', () => {
  const wrong: readonly (readonly [file: string, imported: string, rule: string])[] = [
    ['contracts/a.ts', '#transforms/good.ts', 'contracts-stand-alone'],
    ['contracts/b.ts', '#ops/runtime/good.ts', 'contracts-stand-alone'],
    ['ops/runtime/a.ts', '#transforms/good.ts', 'runtime-knows-contracts-only'],
    ['ops/runtime/b.ts', '../cli/good.ts', 'runtime-knows-contracts-only'],
    ['transforms/a.ts', '#ops/runtime/good.ts', 'transforms-know-contracts-only'],
    ['pipelines/a.ts', '#ops/cli/good.ts', 'pipelines-edges'],
    ['pipelines/b.ts', '#lineage/good.ts', 'pipelines-edges'],
    ['query-api/a.ts', '../pipelines/good.ts', 'query-api-edges'],
    ['lineage/a.ts', '#transforms/good.ts', 'lineage-edges'],
    ['ops/cli/a.ts', '#query-api/good.ts', 'ops-edges'],
    ['ops/compare/a.ts', '#pipelines/good.ts', 'ops-edges'],
    ['query-api/b.ts', 'kafkajs', 'kafkajs-only-in-its-files'],
    ['lineage/b.ts', '@clickhouse/client', 'clickhouse-only-in-its-files'],
    ['ops/demo/a.ts', 'pg', 'postgres-only-in-its-files'],
    ['ops/demo/b.ts', 'ffi-rs', 'chdb-only-in-its-files'],
    ['query-api/c.ts', 'oidc-provider', 'oidc-provider-only-in-its-files'],
    ['ops/cli/b.ts', '#tests/good.ts', 'product-without-tests'],
    ['transforms/e.ts', 'fast-check', 'product-without-dev-dependencies'],
    ['transforms/c.ts', './absent.ts', 'resolvable'],
    ['contracts/circle-one.ts', './circle-two.ts', 'no-cycle'],
  ]
  const allowed: readonly (readonly [file: string, imported: string])[] = [
    ['transforms/d.ts', '#contracts/good.ts'],
    ['pipelines/kafka-d.ts', 'kafkajs'],
    ['pipelines/d.ts', '#ops/runtime/good.ts'],
    ['lineage/clickhouse-d.ts', '@clickhouse/client'],
    ['ops/demo/postgres-d.ts', 'pg'],
    ['ops/compare/d.ts', '#ops/cli/good.ts'],
  ]
  let dir = ''
  let edges: readonly string[] = []

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'mogo-imports-'))
    for (const name of ['.dependency-cruiser.cjs', 'package.json', 'tsconfig.json'])
      cpSync(join(ROOT, name), join(dir, name))
    symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'))
    const put = (file: string, text: string): void => {
      mkdirSync(join(dir, dirname(file)), { recursive: true })
      writeFileSync(join(dir, file), text)
    }
    for (const folder of [...FOLDERS, 'ops/runtime', 'ops/cli', 'ops/demo', 'ops/compare', 'tests'])
      put(`${folder}/good.ts`, 'export type Good = 1\nexport const good = 1\n')
    // An import of a type alone counts like any other.
    for (const [file, imported] of [...wrong, ...allowed])
      put(
        file,
        file.endsWith('b.ts') ? `export type { Good } from '${imported}'\n` : `export * from '${imported}'\n`,
      )
    put('contracts/circle-two.ts', "export type { Good } from './circle-one.ts'\n")
    edges = (await brokenEdges(dir)).edges
  }, 60_000)
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  test.each(wrong)('%s may not import %s', (file, _imported, rule) => {
    expect(edges.filter((edge) => edge.startsWith(`${rule}: ${file} -> `))).toHaveLength(1)
  })

  test.each(allowed)('%s may import %s', (file) => {
    expect(edges.filter((edge) => edge.includes(`: ${file} -> `))).toEqual([])
  })
})
