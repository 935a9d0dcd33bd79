import type { Config } from '../../config.ts'
import type { Control } from '../../ports.ts'
import { bytesText, counted } from '../../domain/amounts.ts'
import { AppError } from '../../errors.ts'
import { openNodes, unavailableOr, type ClickHouseNode } from '../../store/clickhouse/nodes.ts'
import { readSharding, requireReplication, shardDatabaseOf } from '../../store/clickhouse/shards.ts'
import { isSetUp } from '../../store/migrate.ts'
import { hasReplica, lost, requireVersion, storeOf } from '../../store/clickhouse/migrateNodes.ts'
import { requireFittingTables } from '../../store/clickhouse/requireFittingTables.ts'
import { describeForeseen, reasonOf } from '../failure.ts'
import { fail, findingOf, ok, warn, type Finding } from './check.ts'
import { agrees, skewMs } from './clock.ts'
import { comfortableDisk } from './machine.ts'

const check = 'ClickHouse'
const patienceMs = 5_000

type Servers = Pick<Config, 'clickhouseUrls' | 'clickhouseCluster' | 'clickhouseInsertQuorum'>

/** Checks every node, then compares the nodes with the cluster in the settings. */
export async function checkServers(config: Servers, { postgres }: Pick<Control, 'postgres'>): Promise<Finding[]> {
  const nodes = openNodes(config.clickhouseUrls, {})
  try {
    const looks = await Promise.all(nodes.all.map((node) => lookAt(node, config)))
    const views = looks.flatMap((look) => ('view' in look ? [look.view] : []))
    const findings = looks.map((look) => ('view' in look ? findingFor(look.view) : look.finding))
    // A node that does not answer cannot show what it lacks.
    if (views.length < looks.length) return findings
    return [...findings, await findingOf('cluster', () => checkTogether(config, postgres, views))]
  } finally {
    await nodes.close()
  }
}

/** The report of a node. */
interface View {
  node: ClickHouseNode
  version: string
  skew: number
  /** Free bytes on its local disk; null if it has none. */
  freeBytes: number | null
  /** That of the tables that hold rows. */
  database: string
  hasDatabase: boolean
  tables: number
}

async function lookAt(
  node: ClickHouseNode,
  { clickhouseCluster }: Servers,
): Promise<{ view: View } | { finding: Finding }> {
  const database = clickhouseCluster === '' ? node.database : shardDatabaseOf(node.database)
  try {
    const before = Date.now()
    const answer = await node.client('default').query({
      query: `
        SELECT
          version() AS version,
          toUnixTimestamp64Milli(now64(3)) AS now,
          (SELECT minOrNull(unreserved_space) FROM system.disks WHERE type = 'Local') AS freeBytes,
          (SELECT count() FROM system.databases WHERE name = {database:String}) AS databases,
          (SELECT count() FROM system.tables WHERE database = {database:String}) AS tables`,
      format: 'JSONEachRow',
      query_params: { database },
      abort_signal: AbortSignal.timeout(patienceMs),
    })
    const [row] = await answer.json<{
      version: string
      now: number
      freeBytes: number | null
      databases: number
      tables: number
    }>()
    if (!row) throw new Error('no answer of ClickHouse')
    requireVersion(node, row.version)
    return {
      view: { node, ...row, database, hasDatabase: row.databases === 1, skew: skewMs(before, row.now, Date.now()) },
    }
  } catch (error) {
    return { finding: explain(node, error) }
  }
}

function explain({ name }: ClickHouseNode, error: unknown): Finding {
  const isSilent = error instanceof Error && error.message.includes('aborted')
  const failure = unavailableOr(error)
  if (isSilent || (failure instanceof AppError && failure.code === 'UNAVAILABLE')) {
    return fail(
      check,
      isSilent
        ? `${name} says nothing for ${patienceMs / 1000} seconds`
        : `${name} does not answer (${reasonOf(error)})`,
      'Check that it runs, its address in EARSHOT_CLICKHOUSE_URL, and the network.',
    )
  }
  const foreseen = describeForeseen(error)
  return foreseen === undefined
    ? fail(
        check,
        `${name}: ${reasonOf(error)}`,
        'EARSHOT_CLICKHOUSE_URL must be the HTTP address of a ClickHouse server, whose log says more.',
      )
    : fail(check, `${name}: ${foreseen}`, 'Fix this, then run "earshot doctor" again.')
}

function findingFor({ node: { name }, version, skew, freeBytes, database, hasDatabase }: View): Finding {
  const free = freeBytes === null ? '' : `, ${bytesText(freeBytes)} are free`
  const found = `${name}: ${version} answers${free}`
  if (!agrees(skew)) {
    const remedy = 'Let NTP keep the clocks of both machines.'
    return fail(check, `${name}: its clock is ${counted(Math.round(skew / 1000), 'second')} away`, remedy)
  }
  if (freeBytes !== null && freeBytes < comfortableDisk)
    return warn(check, found, 'Make space there soon; a full disk takes nothing more.')
  return ok(check, hasDatabase ? found : `${found}, it has no database ${database} yet`)
}

/** Throws the error that a server start would throw for these nodes. */
async function checkTogether(
  { clickhouseCluster: cluster, clickhouseInsertQuorum }: Servers,
  postgres: Control['postgres'],
  views: readonly View[],
): Promise<Finding> {
  const nodes = views.map(({ node }) => node)
  const sharding = cluster === '' ? undefined : await readSharding(nodes, cluster)
  if (sharding) requireReplication(sharding, clickhouseInsertQuorum)
  await requireFittingTables(nodes, cluster)
  const empty = views.find((view) => !view.hasDatabase && !hasReplica(view.node, views, sharding))
  if (empty && (await isSetUp(postgres, storeOf(empty.node, cluster)))) throw lost(empty.node, empty.database)
  if (!sharding) return ok('cluster', 'none: one server')
  const { replicas } = sharding
  return ok('cluster', `${cluster}: ${counted(nodes.length, 'node')}, ${counted(replicas, 'replica')} a shard`)
}
