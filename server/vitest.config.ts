import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: import.meta.dirname,
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', '../console/test/**/*.test.ts'],
    exclude: ['**/*.cluster.test.ts'],
    globalSetup: ['test/globalSetup.ts'],
    // The embedded engines are native and per process: every test file has a process of its own.
    pool: 'forks',
    // More than two cores have work for: many tests wait for programs that start, stop and are killed.
    maxWorkers: 3,
    // Many times what anything takes on a quiet machine: what waits so long has failed.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 20_000 } },
  },
})
