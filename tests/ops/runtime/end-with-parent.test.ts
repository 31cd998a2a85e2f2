/** A process that ends when its parent is gone, and only if its parent has said so. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, expect, it } from 'vitest'

const HELPER = new URL('../../../ops/runtime/end-with-parent.ts', import.meta.url).href
const CHILD = `
  const { endWithParent } = await import('${HELPER}')
  endWithParent()
  console.log(process.pid, process.env.MOGO_ENDS_WITH_PARENT ?? 'no mark')
  setInterval(() => {}, 1000)
`
const PARENT = `
  const { spawn } = await import('node:child_process')
  const { WITH_PARENT } = await import('${HELPER}')
  const [child, tied] = process.argv.slice(1)
  spawn(process.execPath, ['--input-type=module', '-e', child], {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { ...process.env, ...(tied === 'tied' ? WITH_PARENT : {}) },
  })
`

let pids: number[] = []
afterEach(() => {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // has ended
    }
  }
  pids = []
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** A parent, and the first line that its child says: its pid, and what it hands on of the mark. */
async function startParent(tied: boolean): Promise<readonly [ChildProcess, number, string]> {
  const args = ['--input-type=module', '-e', PARENT, CHILD, tied ? 'tied' : 'free']
  const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(parent.stdout.setEncoding('utf8'), 'data')) as [string]
  const [pid = '', ...mark] = line.trim().split(' ')
  pids.push(parent.pid ?? 0, Number(pid))
  return [parent, Number(pid), mark.join(' ')]
}

it('ends with its parent that is killed with -9, and hands the mark on to nobody', async () => {
  const [parent, child, mark] = await startParent(true)
  expect(mark).toBe('no mark')
  expect(isAlive(child)).toBe(true)
  parent.kill('SIGKILL')
  await expect.poll(() => isAlive(child), { timeout: 10_000 }).toBe(false)
})

it('does not look at a standard input of anybody else', async () => {
  const [parent, child] = await startParent(false)
  const ended = once(parent, 'exit')
  parent.kill('SIGKILL')
  await ended
  // Its standard input has closed; a process that looked at it would have gone before this one has started and ended.
  await once(spawn(process.execPath, ['-e', '0']), 'exit')
  expect(isAlive(child)).toBe(true)
})
