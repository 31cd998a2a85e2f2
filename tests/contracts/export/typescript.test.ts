import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import ts from 'typescript'
import { afterAll, expect, test } from 'vitest'
import type { z } from 'zod'
import { typescriptModule } from '#contracts/export/typescript.ts'
import { loadContracts } from '#contracts/load-contracts.ts'
import { rulesDataset } from './rules-contract.ts'
import { hostileDataset, WIDE_ROW, wideDataset } from './wide-contract.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
// Inside of the project, so that `zod` is found.
const dir = join(root, 'node_modules/.cache', `export-${process.pid}`)
mkdirSync(dir, { recursive: true })
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const write = (name: string, text: string): string => {
  const file = join(dir, name)
  writeFileSync(file, text)
  return file
}

test('the modules compile under the strictest options', { timeout: 60_000 }, () => {
  const datasets = [
    wideDataset(),
    hostileDataset(),
    rulesDataset(),
    ...loadContracts(join(root, 'ops/demo/contracts')),
  ]
  const files = datasets.flatMap((dataset, index) =>
    (['source', 'stored'] as const).map((side) =>
      write(`m${index}-${side}.ts`, typescriptModule([dataset], side)),
    ),
  )
  const use = write(
    'use.ts',
    `import { type Wide, wideSchema } from './m0-source.ts'
     export const row: Wide = wideSchema.parse({})
     // @ts-expect-error: a required column
     export const none: Wide = {}
     export const amount: number | string = row.amount`,
  )
  const program = ts.createProgram([...files, use], {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    target: ts.ScriptTarget.ES2024,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
  })
  const faults = ts
    .getPreEmitDiagnostics(program)
    .map(
      (one) =>
        `${one.file?.fileName.slice(dir.length)} ${ts.flattenDiagnosticMessageText(one.messageText, ' ')}`,
    )
  expect(faults).toEqual([])
})

test('the zod schema takes what the contract allows, and nothing else', async () => {
  const file = write('wide-run.ts', typescriptModule([wideDataset()], 'source'))
  const { wideSchema } = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as {
    readonly wideSchema: z.ZodType
  }
  expect(wideSchema.safeParse(WIDE_ROW).error?.issues).toBeUndefined()
  const broken: readonly (readonly [string, unknown])[] = [
    ['tenant_id', null],
    ['id', 'x'],
    ['small', 5],
    ['small', 1.5],
    ['code', 'F'],
    ['code', 'FRAN'],
    ['code', 'fr'],
    ['state', 'else'],
    ['tags', []],
    ['tags', 'a'],
    ['address', {}],
    ['labels', { a: 'x' }],
    ['amount', 'x'],
    ['flag', 1],
  ]
  for (const [name, value] of broken)
    expect(wideSchema.safeParse({ ...WIDE_ROW, [name]: value }).success, name).toBe(false)
  // Lengths are characters.
  expect(wideSchema.safeParse({ ...WIDE_ROW, tags: ['😀'] }).success).toBe(true)
})

test('a hostile contract ends no comment and no text', async () => {
  const text = typescriptModule([hostileDataset()], 'source')
  const file = write('hostile-run.ts', text)
  const module = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Record<string, z.ZodType>
  const schema = Object.entries(module).find(([name]) => name.endsWith('Schema'))?.[1]
  expect(schema?.safeParse({}).success).toBe(false)
})
