import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { ERRORS, type ErrorCode, isMogoError, MogoError } from '#contracts/errors.ts'

const entries = Object.entries(ERRORS)
const places = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')

describe('the catalogue', () => {
  test.each(entries)('%s says what is wrong and what to do', (code, entry) => {
    expect(code).toMatch(/^MOGO_[A-Z]+(_[A-Z]+)*$/)
    expect(entry.message.trim()).toBe(entry.message)
    expect(entry.message).toMatch(/^[A-Z{]/)
    expect(entry.remedy).toMatch(/^([A-Z]|GET |\{remedy\}$).*[.}]$|^\{remedy\}$/s)
    // A brace that is no place would be printed as it is.
    expect(`${entry.message}${entry.remedy}`.replaceAll(/\{\w+\}/g, '')).not.toMatch(/[{}]/)
  })

  test.each(entries)('%s has a status that fits its class', (code, entry) => {
    if (entry.class === 'retriable') expect([429, 503]).toContain(entry.status)
    else if (entry.class === 'fatal') expect(entry.status).toBeGreaterThanOrEqual(400)
    else if (code !== 'MOGO_NOT_RUNNING') expect(entry.status).toBeLessThan(500)
    expect(entry.status).toBeGreaterThanOrEqual(400)
    expect(entry.status).toBeLessThan(600)
  })

  test('has each code once', () => {
    const folder = fileURLToPath(new URL('../../contracts/errors', import.meta.url))
    const source = readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('\n')
    const codes = [...source.matchAll(/^ {2}(MOGO_\w+): entry\(/gm)].map((match) => match[1])
    expect(codes).toEqual([...new Set(codes)])
    expect(codes.sort()).toEqual(Object.keys(ERRORS).sort())
  })

  test('has messages that differ, so that one can tell them apart', () => {
    const messages = entries.map(([, entry]) => entry.message).filter((text) => text !== '{detail}')
    expect(new Set(messages).size).toBe(messages.length)
  })
})

describe('a MogoError', () => {
  test.each(Object.keys(ERRORS) as ErrorCode[])('%s fills every place of its message and remedy', (code) => {
    const { message, remedy } = ERRORS[code]
    const names = [...places(message), ...places(remedy)]
    const error = new MogoError(code, Object.fromEntries(names.map((name) => [name, `<${name}>`])))
    for (const name of names) expect(`${error.message} ${error.remedy}`).toContain(`<${name}>`)
    expect(places(error.message)).toEqual([])
    expect(error).toMatchObject({
      name: 'MogoError',
      code,
      class: ERRORS[code].class,
      status: ERRORS[code].status,
    })
  })

  test('leaves a place as it is if nothing fills it, and fills 0 and the empty text', () => {
    expect(new MogoError('MOGO_DISK_FULL', { free: 0, dir: '' }).message).toBe(
      'Only 0 MB are free on the disk of ; {needed} MB are needed.',
    )
  })

  test('does not fill in again what was filled in', () => {
    expect(new MogoError('MOGO_USAGE', { detail: '{detail} $& $1' }).message).toBe('{detail} $& $1')
  })

  test('keeps its cause, and says none of it', () => {
    const error = new MogoError('MOGO_NOT_RUNNING', {}, { cause: new Error('ada@example.org') })
    expect(error.cause).toBeInstanceOf(Error)
    expect(`${error.message} ${error.remedy}`).not.toContain('ada')
  })

  test('is told from other errors, and by its code', () => {
    const error = new MogoError('MOGO_USAGE', { detail: 'x' })
    expect(isMogoError(error)).toBe(true)
    expect(isMogoError(error, 'MOGO_USAGE')).toBe(true)
    expect(isMogoError(error, 'MOGO_INTERNAL')).toBe(false)
    for (const other of [new Error('x'), { code: 'MOGO_USAGE' }, undefined, null, 'MOGO_USAGE'])
      expect(isMogoError(other)).toBe(false)
  })
})
