import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MogoError } from '#contracts/errors.ts'
import { createLogger, errorFields, type Logger } from '#ops/runtime/logger.ts'

/** What a logger writes, as objects. */
const logged = (write: (logger: Logger) => void, level = 'info'): Record<string, unknown>[] => {
  const lines: string[] = []
  write(createLogger('worker', level, { write: (line: string) => void lines.push(line) }))
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

const driverError = (): Error =>
  Object.assign(new Error('duplicate key (email)=(ada@example.org)\n    at ada (ada@example.org:1:1)'), {
    code: '23505',
    detail: 'Key (email)=(ada@example.org) already exists.',
  })

describe('a log line', () => {
  test('has the process, the level and the time', () => {
    const [line] = logged((logger) => logger.info({ rows: 3 }, 'batch loaded'))
    expect(line).toMatchObject({ name: 'worker', level: 30, msg: 'batch loaded', rows: 3, pid: process.pid })
    expect(String(line?.['time'])).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/)
    expect(line).not.toHaveProperty('hostname')
  })

  test('is left out below the level', () => {
    expect(logged((logger) => logger.info('x'), 'warn')).toEqual([])
  })

  const ways: readonly (readonly [string, (logger: Logger, error: Error) => void])[] = [
    ['alone', (logger, error) => logger.error(error)],
    ['alone, with a text', (logger, error) => logger.error(error, 'it failed')],
    ['as err', (logger, error) => logger.error({ err: error }, 'it failed')],
    ['as err, without a text', (logger, error) => logger.error({ err: error })],
    ['as error', (logger, error) => logger.error({ error }, 'it failed')],
    ['under another name', (logger, error) => logger.warn({ cause: error, reason: error }, 'it failed')],
    ['by a child', (logger, error) => logger.child({ part: 'x' }).error(error)],
    ['as the cause of another', (logger, error) => logger.error(new Error('outer ada', { cause: error }))],
    [
      'as the cause of one of ours',
      (logger, error) => logger.error({ err: new MogoError('MOGO_NOT_RUNNING', {}, { cause: error }) }),
    ],
  ]
  test.each(ways)('has nothing of what an error says, logged %s', (_how, write) => {
    const lines = logged((logger) => write(logger, driverError()))
    expect(lines).toHaveLength(1)
    expect(JSON.stringify(lines)).not.toContain('ada')
    expect(lines[0]?.['msg']).toMatch(/^(it failed|Error|MOGO_NOT_RUNNING: .*)$/)
  })

  test('keeps class, code and frames of an error', () => {
    const [line] = logged((logger) => logger.error(driverError(), 'it failed'))
    expect(line?.['err']).toMatchObject({ type: 'Error', code: '23505' })
    const { stack } = (line?.['err'] ?? {}) as { stack: string[] }
    expect(stack[0]).toMatch(/logger\.test\.ts:\d+:\d+/)
    expect(stack.length).toBeLessThanOrEqual(8)
  })

  test('keeps the message of an error of the catalogue', () => {
    const [line] = logged((logger) => logger.error(new MogoError('MOGO_USAGE', { detail: 'Say who asks.' })))
    expect(line).toMatchObject({
      msg: 'MOGO_USAGE: Say who asks.',
      err: { code: 'MOGO_USAGE', message: 'Say who asks.' },
    })
  })

  const secrets = [
    'password',
    'token',
    'secret',
    'authorization',
    'cookie',
    'sql',
    'query',
    'value',
    'row',
    'payload',
    'record',
  ]
  test.each(secrets)('has no %s, however deep', (field) => {
    const one = { [field]: 'hunter2' }
    const deep = { a: one, b: { c: one }, d: [one, [{ e: { f: one } }]] }
    const [line, ofChild] = logged((logger) => {
      logger.info({ ...one, ...deep }, 'x')
      logger.child({ part: 'p', ...one, ...deep }).info({ g: 1 }, 'x')
    })
    expect(JSON.stringify([line, ofChild])).not.toContain('hunter2')
    expect(line).toMatchObject({ [field]: '[redacted]', d: [{ [field]: '[redacted]' }, [{}]] })
    expect(ofChild).toMatchObject({ part: 'p', [field]: '[redacted]', g: 1 })
  })
})

describe('errorFields', () => {
  test.each([
    [undefined, { type: 'undefined' }],
    ['ada@example.org', { type: 'string' }],
    [{ message: 'ada' }, { type: 'object' }],
    [null, { type: 'object' }],
  ])('of %j are its type', (error, fields) => expect(errorFields(error)).toEqual(fields))

  test('hold a code that is a text or a number, and no other', () => {
    expect(errorFields(Object.assign(new Error('x'), { code: 12 }))).toMatchObject({ code: 12 })
    expect(errorFields(Object.assign(new Error('x'), { code: { a: 'ada' } }))).not.toHaveProperty('code')
  })

  test('hold nothing of a message, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('needle', '\n', '    at ', '(x:1:2)', ':1:2', ' ', 'Error: '), {
          maxLength: 12,
        }),
        (parts) => {
          const message = parts.join('')
          expect(JSON.stringify(errorFields(new TypeError(message)))).not.toContain('needle')
        },
      ),
    )
  })
})
