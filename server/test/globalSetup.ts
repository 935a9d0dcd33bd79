import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { ensureEmbeddedPostgres } from '../src/store/postgres/embeddedPostgres.ts'
import { migratePostgres } from '../src/store/migrate.ts'
import { newClient, openPostgres, type ConnectionOptions } from '../src/store/postgres/postgres.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The test run's PostgreSQL, at its maintenance database. */
    postgres: ConnectionOptions
    /** The name of a migrated database to copy. */
    templateDatabase: string
  }
}

const templateDatabase = 'earshot_template'

/** One embedded PostgreSQL for the whole run, with one migrated database that test files copy. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'earshot-test-'))
  const engine = await ensureEmbeddedPostgres(dataDirectory, { info: () => {}, warn: () => {} })
  async function teardown(): Promise<void> {
    await engine.stopIfUnused()
    await rm(dataDirectory, { recursive: true, force: true })
  }
  try {
    await makeTemplate(engine.options)
  } catch (error) {
    await teardown()
    throw error
  }
  project.provide('postgres', engine.options)
  project.provide('templateDatabase', templateDatabase)
  return teardown
}

async function makeTemplate(options: ConnectionOptions): Promise<void> {
  const client = newClient(options)
  await client.connect()
  await client.query(`CREATE DATABASE ${templateDatabase}`)
  await client.end()
  const postgres = await openPostgres({ ...options, database: templateDatabase }, { maxConnections: 1 })
  try {
    await migratePostgres(postgres)
  } finally {
    await postgres.close()
  }
}
