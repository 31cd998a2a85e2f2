import { parseArgs } from 'node:util'
import { afterEach, expect, test, vi } from 'vitest'
import { MogoError } from '#contracts/errors.ts'
import { sayEntryFault } from '#ops/runtime/entry-fault.ts'

afterEach(() => vi.restoreAllMocks())

function said(error: unknown, format: 'text' | 'json' = 'text') {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  return { exitCode: sayEntryFault(error, 'the test', format), text: String(write.mock.lastCall?.[0]) }
}

function misuse(): unknown {
  try {
    return parseArgs({ args: ['--foo'] })
  } catch (error) {
    return error
  }
}

test('arguments that Node refuses are wrong usage, in its words', () => {
  const { exitCode, text } = said(misuse())
  expect(exitCode).toBe(2)
  expect(text).toMatch(/^MOGO_USAGE: Unknown option '--foo'/)
})

test('what is unavailable ends with 3, what is refused with 1, a fault of ours with 1 and without its words', () => {
  expect(said(new MogoError('MOGO_NOT_RUNNING', {})).exitCode).toBe(3)
  const refused = said(new MogoError('MOGO_DATASET_UNKNOWN', { dataset: 'a', suggestion: '' }), 'json')
  expect(refused.exitCode).toBe(1)
  expect(JSON.parse(refused.text)).toMatchObject({ code: 'MOGO_DATASET_UNKNOWN' })
  const ours = said(new Error('alice@example.com'))
  expect(ours.exitCode).toBe(1)
  expect(ours.text).toMatch(/^MOGO_INTERNAL: /)
  expect(ours.text).not.toContain('alice')
})
