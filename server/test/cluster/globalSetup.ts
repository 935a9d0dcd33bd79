import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startObjectStore } from '../s3/objectStore.ts'
import { startShards } from './clickhouseNodes.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** HTTP addresses of the run's ClickHouse nodes, one a shard; not there in a run on the embedded engine. */
    clusterUrls?: string[]
    /** Settings that put files into the run's bucket, each test file's below a folder of its own. */
    bucketSettings?: Record<string, string>
  }
}

/** Two shards of ClickHouse and a bucket for the whole run; every test file has databases and a folder of its own there. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'earshot-cluster-'))
  const nodes = await startShards(folder, 2)
  project.provide(
    'clusterUrls',
    nodes.map(({ url }) => url),
  )
  const objects = await startObjectStore()
  project.provide('bucketSettings', (await objects.bucket()).settings())
  return async () => {
    await objects.stop()
    await Promise.all(nodes.map((node) => node.kill()))
    await rm(folder, { recursive: true, force: true })
  }
}
