import type { Figure } from './measure.ts'
import type { Rows } from './scaleSetup.ts'
import { at, costsOf, demand, secondsPerDay, type Costs, type Line, type Measured, type Sending } from './scaleCosts.ts'
import { total } from './scaleEngines.ts'

// What a large operation needs, worked out from the unit costs of a run. Everything that is not measured stands here.

/** Machines with cores as fast as those of the run; those of PostgreSQL have fewer. */
const machine = { cores: 16, diskBytes: 8e12, replicas: 2, postgresCores: 4 }
/** An account's batches wait a tenth of a second for company: so many inserts it has at the most. */
const maxInsertsPerSecond = 10
/** How far a processor is used in the busiest hour, a disk at the end, and background work over the day. */
const max = { processor: 0.5, disk: 0.7, background: 0.8 }
/** In any currency; one's own belong here. */
const prices = { coreHour: 0.04, diskTerabyteMonth: 60, objectTerabyteMonth: 20 }

const hoursPerMonth = 730

/** The accounts' shares of everything, the largest first. */
function sharesOf({ accounts, largestShare }: Pick<typeof demand, 'accounts' | 'largestShare'>): number[] {
  const weights = (exponent: number): number[] =>
    Array.from({ length: accounts }, (_, index) => (index + 1) ** -exponent)
  let [low, high] = [0, 4]
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2
    if (1 / total(weights(middle)) < largestShare) low = middle
    else high = middle
  }
  const found = weights(low)
  const sum = total(found)
  return found.map((weight) => weight / sum)
}

/** What an account asks of a cell's ClickHouse, each as a share of what may be used. */
interface Load {
  share: number
  processor: number
  disk: number
  /** A second, in the busiest hour. */
  inserts: number
}

interface Plan {
  shards: number
  cells: number
  /** The fullest cell. */
  fullest: Load
}

interface Scenario {
  costs: Costs
  sending: Sending
  factor: number
}

function loadOf(share: number, { costs, sending, factor }: Scenario, shards: number): Load {
  const calls = (share * factor * demand.callsPerDay) / secondsPerDay
  const busiest = calls * demand.peak
  const inserts = sending === 'in bulk' ? 0 : Math.min(2 * busiest, maxInsertsPerSecond)
  const written = busiest * at(costs.insert, shards) + inserts * at(costs.perInsert, shards) + calls * costs.laterMerges
  const cores = machine.replicas * written + busiest * (at(costs.reads, shards) + costs.probing)
  const purging = costs.purgeCores / machine.cores
  return {
    share,
    inserts,
    processor: cores / (shards * machine.replicas * machine.cores) / (max.processor - purging),
    disk: (calls * secondsPerDay * demand.keptDays * costs.diskBytes) / (shards * machine.diskBytes) / max.disk,
  }
}

const fullnessOf = ({ processor, disk }: Load): number => Math.max(processor, disk)

/** Each account goes whole into the emptiest cell, the largest first; undefined when one does not fit. */
function fullestOf(loads: Load[], cells: number): Load | undefined {
  const filled: Load[] = Array.from({ length: cells }, () => ({ share: 0, processor: 0, disk: 0, inserts: 0 }))
  for (const load of loads) {
    const emptiest = filled.reduce((min, cell) => (fullnessOf(cell) < fullnessOf(min) ? cell : min))
    emptiest.share += load.share
    emptiest.processor += load.processor
    emptiest.disk += load.disk
    emptiest.inserts += load.inserts
    if (fullnessOf(emptiest) > 1) return undefined
  }
  return filled.reduce((max, cell) => (fullnessOf(cell) > fullnessOf(max) ? cell : max))
}

const maxCells = 400

/** Fewest cells of so many shards into which the accounts fit; undefined when none do, as the largest needs more. */
function planOf(scenario: Scenario, shares: number[], shards: number): Plan | undefined {
  const loads = shares.map((share) => loadOf(share, scenario, shards))
  if (loads.some((load) => fullnessOf(load) > 1)) return undefined
  const min = Math.max(total(loads.map(({ processor }) => processor)), total(loads.map(({ disk }) => disk)))
  for (let cells = Math.ceil(min); cells <= maxCells; cells++) {
    const fullest = fullestOf(loads, cells)
    if (fullest) return { shards, cells, fullest }
  }
  return undefined
}

/** Every account in a cell of the fewest shards that bear it: cells need not all be alike. */
function mixedPlans(scenario: Scenario, shares: number[]): Plan[] | undefined {
  const fewest = (share: number): number | undefined =>
    shardsTried.find((shards) => fullnessOf(loadOf(share, scenario, shards)) <= 1)
  const groups = [...Map.groupBy(shares, fewest)]
  const plans = groups.flatMap(([shards, group]) => (shards && planOf(scenario, group, shards)) || [])
  return plans.length === groups.length ? plans : undefined
}

const machinesOf = (plans: Plan[]): number => total(plans.map(({ shards, cells }) => shards * cells * machine.replicas))

const shardsTried = [1, 2, 4, 8, 16, 32, 64]

/** What all of it takes: machines, utilisation, cost; once for each way of sending and for growing load. */
export function figuresOfModel(measured: Measured): Figure[] {
  const shares = sharesOf(demand)
  return (['in bulk', 'as calls end'] as const).flatMap((sending) => {
    const costs = costsOf(measured, sending)
    return [
      ...figuresOfCosts(costs, sending),
      ...[1, 3, 10].flatMap((factor) => {
        const scenario = { costs, sending, factor }
        const alike = shardsTried.flatMap((shards) => planOf(scenario, shares, shards) ?? [])
        const mixed = mixedPlans(scenario, shares)
        return [
          ...alike.map((plan) => ({
            label: `x ${factor}, ${sending}: ClickHouse machines, ${cellsText(plan)}`,
            value: machinesOf([plan]),
            unit: '',
          })),
          ...(mixed ? figuresOfPlans(scenario, mixed, shares, measured.rows) : []),
        ]
      }),
    ]
  })
}

const cellsText = ({ shards, cells }: Plan): string => `${cells} cells of ${shards} shards`

function figuresOfCosts(costs: Costs, sending: Sending): Figure[] {
  const cores = machine.cores * max.processor
  const ms = (what: string, seconds: number): Figure => ({
    label: `${sending}: ${what}`,
    value: seconds * 1000,
    unit: 'ms of processor',
  })
  const line = (what: string, { fixed, perShard }: Line, coresOfShard: number): Figure[] => [
    ms(what, fixed),
    ms(`${what}, more with every shard`, perShard),
    { label: `${sending}: ${what}, most of one cluster however large`, value: coresOfShard / perShard, unit: '/s' },
  ]
  return [
    ...line('inserting a call and its turns among others', costs.insert, cores),
    ...(sending === 'in bulk' ? [] : line('an insert by itself', costs.perInsert, cores)),
    ...line('reads of a call', costs.reads, cores * machine.replicas),
    ms('looking up the ids of a call and its turns in a full shard', costs.probing),
    ms('merges to come of a call and its turns', costs.laterMerges),
    ms('writing a call and its turns anew once', costs.rewrite),
    { label: `${sending}: cutting out what expired, cores of a replica`, value: costs.purgeCores, unit: '' },
    ms('program, a call, its turns and reads', costs.program),
    ms('PostgreSQL, a call and its turns', costs.postgres),
    { label: `${sending}: disk of a call and its turns, a replica`, value: costs.diskBytes, unit: 'bytes' },
  ]
}

function figuresOfPlans({ costs, sending, factor }: Scenario, plans: Plan[], shares: number[], rows: Rows): Figure[] {
  const perSecond = (factor * demand.callsPerDay) / secondsPerDay
  const busiest = perSecond * demand.peak
  const clickhouse = machinesOf(plans)
  const postgres = total(plans.map(({ cells }) => cells)) * machine.replicas
  const program = Math.ceil((busiest * costs.program) / (machine.cores * max.processor))
  const decoding = Math.ceil((perSecond * costs.recording) / (machine.cores * max.background))
  const keptBytes = factor * demand.callsPerDay * demand.keptDays
  const cores = (clickhouse + program + decoding) * machine.cores + postgres * machine.postgresCores
  const highest = (of: (load: Load) => number): number => Math.max(...plans.map(({ fullest }) => of(fullest)))
  const share = highest((load) => load.share)
  const largest = shares[0] ?? 0
  const retention = (perSecond * (1 + demand.turnsPerCall)) / rows.retention.recordsPerSecond
  const figure = (what: string, value: number, unit = ''): Figure => ({
    label: `x ${factor}, ${sending}: ${what}`,
    value,
    unit,
  })
  return [
    figure(`ClickHouse machines, every account in the smallest cell: ${plans.map(cellsText).join(', ')}`, clickhouse),
    figure('largest cell, share of all', share * 100, '%'),
    figure(
      'fullest cells, ClickHouse processor against what may be used',
      highest(({ processor }) => processor) * 100,
      '%',
    ),
    figure('fullest cells, ClickHouse disk against what may be used', highest(({ disk }) => disk) * 100, '%'),
    figure(
      'fullest cells, most inserts',
      highest(({ inserts }) => inserts),
      '/s',
    ),
    figure(
      'largest cell, PostgreSQL processor',
      ((share * busiest * costs.postgres) / machine.postgresCores) * 100,
      '%',
    ),
    figure('largest cell, write-ahead log', (share * busiest * costs.walBytes) / 1e6, 'MB/s'),
    figure('largest account, calls in the busiest hour', largest * busiest, '/s'),
    figure('largest account, thread of its queue', largest * busiest * costs.queue * 100, '%'),
    figure('largest account, job of retention', largest * retention * 100, '%'),
    figure('machines for PostgreSQL', postgres),
    figure('machines for requests', program),
    figure('machines for waveforms', decoding),
    figure('stored by ClickHouse, all replicas', (keptBytes * costs.diskBytes * machine.replicas) / 1e12, 'TB'),
    figure('recordings', (keptBytes * demand.recordingBytes) / 1e12, 'TB'),
    figure('network, records coming in', (busiest * costs.sentBytes) / 1e6, 'MB/s'),
    figure('network, recordings coming in', (busiest * demand.recordingBytes) / 1e6, 'MB/s'),
    figure('a month of machines', cores * hoursPerMonth * prices.coreHour),
    figure('a month of their disks', ((clickhouse * machine.diskBytes) / 1e12) * prices.diskTerabyteMonth),
    figure('a month of recordings', ((keptBytes * demand.recordingBytes) / 1e12) * prices.objectTerabyteMonth),
  ]
}
