import { defineConfig } from 'vitest/config'
import LongestFirst from './test/longestFirst.ts'

/** The surfaces once more, on a cluster of ClickHouse with two of the program side by side, and what only a cluster has. */
export default defineConfig({
  root: import.meta.dirname,
  test: {
    include: ['src/api/**/*.test.ts', '**/*.cluster.test.ts'],
    globalSetup: ['test/globalSetup.ts', 'test/cluster/globalSetup.ts'],
    pool: 'forks',
    // As in the other suite, and many wait for nodes and stores that are away.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    reporters: ['default', './test/slowestFiles.ts'],
    // Many times what anything takes, also on a machine that is busy with other work: what waits so long has failed.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 180_000 } },
  },
})
