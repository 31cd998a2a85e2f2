import { expect, test } from 'vitest'
import { checkContract } from '#contracts/check-contract.ts'
import type { ContractFault } from '#contracts/fault.ts'
import { createFaultList } from '#contracts/fault-list.ts'

const fault = (line: number, severity: ContractFault['severity'] = 'warning'): ContractFault => ({
  severity,
  code: 'CONTRACT_X',
  path: 'x',
  message: 'x',
  line,
  column: 2,
})

test('a list that was not cut is as it is', () => {
  const list = createFaultList(2, 'faults')
  list.add(fault(1))
  list.skip(0, 'error', { line: 1, column: 1 })
  list.add(fault(2))
  expect(list.left()).toBe(0)
  expect(list.all()).toEqual([fault(1), fault(2)])
})

test('a list that was cut says how many are missing, at the place of the first, with the weight of the worst', () => {
  const list = createFaultList(1, 'faults of shape')
  list.add(fault(1))
  list.add(fault(7))
  list.skip(10, 'error', { line: 9, column: 9 })
  list.add(fault(3, 'info'))
  expect(list.all()).toEqual([
    fault(1),
    {
      severity: 'error',
      code: 'CONTRACT_MORE_FAULTS',
      path: '',
      message: '12 more faults of shape are not said; mend those above first',
      line: 7,
      column: 2,
    },
  ])
})

test('that there are more comes last, and keeps every dataset from being compiled', () => {
  const names = Array.from({ length: 1_200 }, () => '{name: x}').join(', ')
  const text = `apiVersion: v3.1.0\nkind: DataContract\nid: a\nversion: 1.0.0\nstatus: active\nschema:\n  - name: good\n    properties: [{name: y, primaryKey: true, required: true}]\n  - {name: bad, properties: [${names}]}\n`
  const { faults, described } = checkContract(text, { purpose: 'document' })
  expect(faults.at(-1)?.message).toBe('199 more faults of meaning are not said; mend those above first')
  expect(described).toEqual([])
})
