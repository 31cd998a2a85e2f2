/** The engine as a library: through the package's own name, without a server or a command line. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import * as library from 'mogothrow77/contracts'
import { describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const contract = (type: string, version: string): string => `
apiVersion: v3.1.0
kind: DataContract
id: urn:test:orders
name: orders
version: ${version}
status: active
schema:
  - name: orders
    physicalName: public.orders
    customProperties: [{ property: tenant, value: { column: tenant_id } }]
    properties:
      - { name: tenant_id, physicalType: text, required: true, primaryKey: true, primaryKeyPosition: 1 }
      - { name: id, physicalType: bigint, required: true, primaryKey: true, primaryKeyPosition: 2 }
      - { name: total, physicalType: "${type}", required: true }
roles:
  - role: analyst
    access: read
    customProperties: [{ property: rowFilter, value: [{ column: tenant_id, operator: "=", principal: tenant }] }]
`

describe('mogothrow77/contracts', () => {
  it('parses, checks, compiles, validates, exports and compares', () => {
    const older = library.parseContract(contract('numeric(12,2)', '1.0.0'))
    const newer = library.parseContract(contract('text', '1.0.1'))
    if (!older.contract || !newer.contract) throw new Error('not parsed')
    const diff = library.diffContracts(older.contract, newer.contract, { perspective: 'consumer' })
    expect(diff.changes.filter(({ severity }) => severity === 'error').map(({ code }) => code)).toContain(
      'DIFF_TYPE_CHANGED',
    )
    expect(diff.requiredBump).toBe('major')
    const { datasets, faults } = library.checkContract(older)
    expect(faults.filter(({ severity }) => severity === 'error')).toEqual([])
    const [dataset] = datasets
    if (!dataset) throw new Error('not compiled')
    const validate = library.createValidator(dataset)
    expect(validate({ tenant_id: 'a', id: 1, total: '1.50' })).toEqual([])
    expect(validate({ tenant_id: 'a', id: 1, total: null })).toEqual([{ code: 'required', column: 'total' }])
  })

  it('loads by its name in a plain Node process, without a client of any server', () => {
    const script = `
      const { parseContract } = await import('mogothrow77/contracts')
      process.stdout.write(typeof parseContract)`
    const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: ROOT,
      encoding: 'utf8',
    })
    expect({ stdout, status, stderr: stderr.replace(/^\(node.*\n|^\(Use.*\n/gm, '') }).toEqual({
      stdout: 'function',
      status: 0,
      stderr: '',
    })
  })

  it('refuses what is not public', async () => {
    const hidden = ['mogothrow77', 'compile', 'x.ts'].join('/')
    await expect(import(/* @vite-ignore */ hidden)).rejects.toThrow()
  })
})
