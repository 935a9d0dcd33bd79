import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Ports } from '../../ports.ts'
import { hasEmbeddedEngine } from '../../config.ts'
import { messageOf } from '../../errors.ts'
import { openAddressGuard } from './addressGuard.ts'
import { claimDeliveries, releaseDeliveries, type ClaimedDelivery } from './claimDeliveries.ts'
import { nextDelivery, watchDeliveries } from './wakeDeliveries.ts'
import { recordOutcomes } from './recordOutcomes.ts'
import { resolveHost, type ResolveHost } from './resolveHost.ts'
import { openSender, type Sender } from './sender.ts'
import { sendDelivery, type Outcome } from './sendDelivery.ts'

/** Deliveries under way in one process, and how many of them to endpoints that fail. */
const maxUnderWay = 1000
const maxForFailingEndpoints = 500
/** How often the queue is looked at while something waits, and at the least between two looks. */
const pollMs = 200
const minPauseMs = 20
/** The same while nothing waits and nobody wakes the loop, as a notice may be lost; and between two looks at the clock. */
const idlePollMs = 5_000
const betweenClocksMs = 1_000
/** Beyond the time for the answer: what it may take to write down what came of it. */
const leaseMarginMs = 15_000
/** What is under way when the process stops may end by itself within this time. */
const graceMs = 2000
const pauseAfterFailureMs = 500

interface Worker {
  id: string
  ports: Ports
  sender: Sender
  /** What is under way, by the delivery's id. */
  underWay: Map<string, { isFailing: boolean; ended: Promise<void> }>
  /** What came of attempts and is not written yet. */
  outcomes: Outcome[]
  /** Something may be due, or an attempt ended: the loop looks again, at once when it pauses. */
  wake: () => void
  isWoken: boolean
  onWake: () => void
  /** When the next delivery is due; undefined: none waits. */
  nextAt: number | undefined
  /** Ends what is under way. */
  cutOff: AbortController
}

/** Sends what is due, until `signal` is aborted. Several processes may do so at once. */
export async function deliverEvents(
  ports: Ports,
  signal: AbortSignal,
  resolve: ResolveHost = resolveHost,
): Promise<void> {
  const worker = openWorker(ports, resolve)
  signal.addEventListener('abort', () => worker.wake(), { once: true })
  const { config, postgres } = ports
  const stopWatching = await watchDeliveries(ports, () => worker.wake()).catch((error: unknown) => {
    ports.log.warn({ reason: messageOf(error) }, 'webhook deliveries are found by looking only, as LISTEN failed')
    return async () => {}
  })
  // Embedded engines have one process, so what is held there belongs to a dead one.
  if (hasEmbeddedEngine(config)) await attempt(worker, 'old leases cannot be ended', () => releaseDeliveries(postgres))
  while (!signal.aborted) {
    worker.isWoken = false
    await attempt(worker, 'webhook deliveries cannot be taken', () => claim(worker))
    await wait(minPauseMs)
    if (worker.outcomes.length === 0) await pause(worker, signal)
    await writeOutcomes(worker)
  }
  await stopWatching()
  await finish(worker)
}

function openWorker(ports: Ports, resolve: ResolveHost): Worker {
  const { webhookPrivate, webhookTimeoutSeconds, webhookConnectTimeoutSeconds } = ports.config
  const sender = openSender({
    guard: openAddressGuard(webhookPrivate),
    resolveHost: resolve,
    timeoutMs: webhookTimeoutSeconds * 1000,
    connectTimeoutMs: webhookConnectTimeoutSeconds * 1000,
  })
  const worker: Worker = {
    id: randomUUID(),
    ports,
    sender,
    underWay: new Map(),
    outcomes: [],
    wake: () => {
      worker.isWoken = true
      worker.onWake()
    },
    isWoken: false,
    onWake: () => {},
    nextAt: undefined,
    cutOff: new AbortController(),
  }
  return worker
}

/** Takes what is due and begins to send it. */
async function claim(worker: Worker): Promise<void> {
  const { ports, id, underWay } = worker
  const toFailing = [...underWay.values()].filter(({ isFailing }) => isFailing).length
  const freeSlots = maxUnderWay - underWay.size
  if (freeSlots === 0) return
  // One look tells whether there is anything to take, where nothing is under way.
  worker.nextAt = underWay.size === 0 ? await nextDelivery(ports.postgres, ports.now()) : ports.now()
  if (!isDue(worker)) return
  const toTake = {
    worker: id,
    now: ports.now(),
    leaseMs: ports.config.webhookTimeoutSeconds * 1000 + leaseMarginMs,
    freeSlots,
    freeSlotsOfFailing: maxForFailingEndpoints - toFailing,
  }
  const claimed = await ports.postgres.transaction((tx) => claimDeliveries(tx, toTake))
  for (const delivery of claimed) begin(worker, delivery)
}

function begin(worker: Worker, delivery: ClaimedDelivery): void {
  const { ports, sender, underWay, outcomes, cutOff } = worker
  const ended = sendDelivery(ports, sender, delivery, cutOff.signal).then(
    (outcome) => {
      outcomes.push(outcome)
      worker.wake()
    },
    // Cut off: nothing is known of it, and its lease is given back.
    () => void underWay.delete(delivery.id),
  )
  underWay.set(delivery.id, { isFailing: delivery.failing_since !== null, ended })
}

function isDue({ ports, nextAt }: Worker): boolean {
  return nextAt !== undefined && nextAt <= ports.now()
}

/** Until it is time to look again, or to see whether the clock has moved on. */
function pauseMs(worker: Worker): number {
  const { ports, nextAt = Number.POSITIVE_INFINITY, underWay } = worker
  if (underWay.size > 0 || isDue(worker)) return pollMs
  return Math.min(nextAt - ports.now(), betweenClocksMs)
}

/** Until an attempt ends, something may have become due, the process stops, or it is time to look again. */
async function pause(worker: Worker, signal: AbortSignal): Promise<void> {
  const began = performance.now()
  while (!signal.aborted && !worker.isWoken && performance.now() - began < idlePollMs) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pauseMs(worker))
      worker.onWake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    if (worker.underWay.size > 0 || isDue(worker)) return
  }
}

/** Writes what came of attempts. What cannot be written is kept for the next time, and its places stay taken. */
async function writeOutcomes(worker: Worker): Promise<void> {
  const { ports, id, underWay, outcomes } = worker
  if (outcomes.length === 0) return
  const written = [...outcomes]
  await attempt(worker, 'what came of webhook deliveries cannot be written', async () => {
    await recordOutcomes(ports, id, written)
    outcomes.splice(0, written.length)
    for (const { delivery } of written) underWay.delete(delivery.id)
  })
}

/** A store that fails for a while only delays what is done here. */
async function attempt({ ports }: Worker, failure: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    ports.log.warn({ reason: messageOf(error) }, failure)
    await wait(pauseAfterFailureMs)
  }
}

/** Lets what is under way end for a moment, then cuts it off and gives it back. */
async function finish(worker: Worker): Promise<void> {
  const { ports, id, sender, underWay, cutOff } = worker
  const ended = Promise.all([...underWay.values()].map((entry) => entry.ended))
  const timer = new AbortController()
  await Promise.race([ended, wait(graceMs, undefined, { signal: timer.signal }).catch(() => {})])
  timer.abort()
  cutOff.abort(new Error('The process stops.'))
  await ended
  await writeOutcomes(worker)
  await attempt(worker, 'webhook deliveries cannot be given back', () => releaseDeliveries(ports.postgres, id))
  await sender.close()
}
