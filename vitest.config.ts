/**
 * Three kinds of tests, by file name:
 *   *.test.ts      fast, no server
 *   *.it.test.ts   on the real servers, which the global setup starts once a run
 *   *.e2e.test.ts  the product as its users start it, one at a time
 */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'fast',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/**/*.it.test.ts', 'tests/**/*.e2e.test.ts'],
          testTimeout: 30_000,
          // One for each of two cores: the usual number is one less than there are.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'servers',
          include: ['tests/**/*.it.test.ts'],
          globalSetup: ['tests/support/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // Two cores, and the servers want one of them.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['tests/**/*.e2e.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
