import { defineConfig } from 'vitest/config'

/** The surfaces once more, on a cluster of ClickHouse with two of the program side by side, and what only a cluster has. */
export default defineConfig({
  root: import.meta.dirname,
  test: {
    include: ['src/api/**/*.test.ts', '**/*.cluster.test.ts'],
    globalSetup: ['test/globalSetup.ts', 'test/cluster/globalSetup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
