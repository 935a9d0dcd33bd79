import { defineConfig } from 'vitest/config'

/** The surfaces once more, on a cluster of ClickHouse with two of the program side by side, and what only a cluster has. */
export default defineConfig({
  root: import.meta.dirname,
  test: {
    include: ['src/api/**/*.test.ts', '**/*.cluster.test.ts'],
    globalSetup: ['test/globalSetup.ts', 'test/cluster/globalSetup.ts'],
    pool: 'forks',
    // As in the other suite, and many wait for nodes and stores that are away.
    maxWorkers: 3,
    // Many times what anything takes on a quiet machine: what waits so long has failed.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 20_000 } },
  },
})
