import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import {
  allPids,
  commandLineOf,
  hasEnvironment,
  identityOf,
  isAlive,
  startTicksOf,
} from '#ops/embedded/process-identity.ts'

const FIELDS = 'S 1 1 1 0 -1 4194560 1 0 0 0 1 1 0 0 20 0 1 0 987654 1 1'

describe('the identity of a process', () => {
  it.each([
    ['plain', `42 (sleep) ${FIELDS}`, '987654'],
    ['with blanks and brackets in its name', `42 (a) b (c)) ${FIELDS}`, '987654'],
    ['of a zombie', `42 (sleep) ${FIELDS.replace('S', 'Z')}`, undefined],
    ['of another form', 'nothing', undefined],
  ])('is read from /proc: %s', (_case, stat, expected) => {
    expect(startTicksOf(stat)).toBe(expected)
  })

  it('names this very process, and not one that began at another time under its pid', () => {
    const self = identityOf(process.pid)
    expect(self?.pid).toBe(process.pid)
    expect(isAlive(self!)).toBe(true)
    expect(isAlive({ pid: process.pid, startTicks: '1' })).toBe(false)
    expect(allPids()).toContain(process.pid)
  })

  it('ends with the process', async () => {
    const child = spawn('sleep', ['60'], { env: { MARK: 'here' } })
    await once(child, 'spawn')
    const identity = identityOf(child.pid!)!
    expect(commandLineOf(child.pid!).slice(0, 2)).toEqual(['sleep', '60'])
    expect(hasEnvironment(child.pid!, 'MARK', 'here')).toBe(true)
    expect(hasEnvironment(child.pid!, 'MARK', 'her')).toBe(false)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(isAlive(identity)).toBe(false)
  })
})
