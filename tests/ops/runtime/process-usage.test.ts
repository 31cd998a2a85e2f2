import { expect, it } from 'vitest'
import { cpuSeconds, peakMb, residentMb } from '#ops/runtime/process-usage.ts'

const NO_PROCESS = 2 ** 30

it('the CPU time of a process grows with its work', () => {
  const before = cpuSeconds(process.pid)
  const { user, system } = process.cpuUsage()
  const end = user + system + 50_000
  for (let used = 0; used < end; ) {
    const now = process.cpuUsage()
    used = now.user + now.system
  }
  expect(before).toBeGreaterThan(0)
  expect(cpuSeconds(process.pid) - before).toBeGreaterThanOrEqual(0.03)
})

it('its memory is about what Node says, and never above its peak', () => {
  const resident = residentMb(process.pid)
  expect(Math.abs(resident - process.memoryUsage.rss() / 2 ** 20)).toBeLessThan(50)
  expect(peakMb(process.pid)).toBeGreaterThanOrEqual(resident)
})

it('a process that is not there uses nothing', () => {
  expect([cpuSeconds(NO_PROCESS), residentMb(NO_PROCESS), peakMb(NO_PROCESS)]).toEqual([0, 0, 0])
})
