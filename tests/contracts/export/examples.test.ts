/** Other people's contracts, none of which a pipeline could run, in every format. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { compileContract } from '#contracts/compile/compile-contract.ts'
import { DATASET_FORMATS, exportFiles, exportText } from '#contracts/export/formats.ts'
import { parseContract } from '#contracts/parse.ts'

const dir = fileURLToPath(new URL('../../../../shared/specs/odcs/examples/', import.meta.url))
const files = existsSync(dir) ? readdirSync(dir) : []
const options = { database: 'analytics' }

describe.skipIf(files.length === 0)('an example of the standard', () => {
  test.each(files)('%s is described in every format', (file) => {
    const parsed = parseContract(readFileSync(`${dir}${file}`, 'utf8'))
    const { described } = compileContract(parsed, { purpose: 'document' })
    expect(described).toHaveLength(parsed.contract?.schema.length ?? 0)
    for (const format of DATASET_FORMATS) {
      const names = exportFiles(format, described, options).map(({ name }) => name)
      expect(new Set(names).size).toBe(names.length)
    }
    for (const dataset of described) {
      const schema = JSON.parse(exportText('json-schema', [dataset], options))
      expect(() => new Ajv2020({ strict: false, validateFormats: false }).compile(schema)).not.toThrow()
      expect(Object.keys(schema.properties)).toEqual(dataset.columns.map(({ source }) => source))
      expect(JSON.parse(exportText('avro', [dataset], options)).fields).toHaveLength(dataset.columns.length)
      const { diagnostics } = ts.transpileModule(exportText('typescript', [dataset], options), {
        reportDiagnostics: true,
      })
      expect(diagnostics).toEqual([])
    }
    if (described.length > 0) {
      expect(parse(exportText('dbt', described, options)).sources[0].tables.length).toBeGreaterThan(0)
      expect(exportText('html', described, options).match(/<article/g)).toHaveLength(described.length)
    }
  })
})
