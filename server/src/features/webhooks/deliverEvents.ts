import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Ports } from '../../ports.ts'
import { hasEmbeddedEngine } from '../../config.ts'
import { messageOf } from '../../errors.ts'
import { openAddressGuard } from './addressGuard.ts'
import { claimDeliveries, releaseDeliveries, type ClaimedDelivery } from './claimDeliveries.ts'
import { readNextDueTime, watchDeliveries } from './wakeDeliveries.ts'
import { recordOutcomes } from './recordOutcomes.ts'
import { resolveHost, type ResolveHost } from './resolveHost.ts'
import { openSender, type Sender } from './sender.ts'
import { sendDelivery, type Outcome } from './sendDelivery.ts'

/** Maximum concurrent deliveries of one process, and how many of them may go to failing endpoints. */
const maxInFlight = 1000
const maxForFailingEndpoints = 500
/** Poll interval while deliveries are in flight or due, and the minimum pause between two polls. */
const pollMs = 200
const minPauseMs = 20
/**
 * Poll interval while nothing is due, in case a notification is lost; and the interval for comparing the next due time
 * with the clock.
 */
const idlePollMs = 5_000
const betweenClocksMs = 1_000
/** Added to the answer timeout: the time for storing the outcome. */
const leaseMarginMs = 15_000
/** At shutdown, deliveries in flight get this time to finish. */
const graceMs = 2000
const pauseAfterFailureMs = 500

interface Worker {
  id: string
  ports: Ports
  sender: Sender
  /** Deliveries in flight by their id. */
  inFlight: Map<string, { isFailing: boolean; ended: Promise<void> }>
  /** Outcomes of attempts that are not stored yet. */
  outcomes: Outcome[]
  /** Makes the loop poll again, at once if it is pausing: a delivery may be due, or an attempt ended. */
  wake: () => void
  isWoken: boolean
  onWake: () => void
  /** When the next delivery is due; undefined when none is pending. */
  nextAt: number | undefined
  /** Aborts the deliveries in flight. */
  abortController: AbortController
}

/** Sends due deliveries until `signal` is aborted. Several processes may run it at the same time. */
export async function deliverEvents(
  ports: Ports,
  signal: AbortSignal,
  resolve: ResolveHost = resolveHost,
): Promise<void> {
  const worker = openWorker(ports, resolve)
  signal.addEventListener('abort', () => worker.wake(), { once: true })
  const { config, postgres } = ports
  const stopWatching = await watchDeliveries(ports, () => worker.wake()).catch((error: unknown) => {
    ports.log.warn({ reason: messageOf(error) }, 'LISTEN failed; webhook deliveries are found by polling only')
    return async () => {}
  })
  // With embedded engines there is one process, so every existing lease belongs to a dead process.
  if (hasEmbeddedEngine(config))
    await attempt(worker, 'old leases of webhook deliveries not released', () => releaseDeliveries(postgres))
  while (!signal.aborted) {
    worker.isWoken = false
    await attempt(worker, 'webhook deliveries not claimed', () => claim(worker))
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
    inFlight: new Map(),
    outcomes: [],
    wake: () => {
      worker.isWoken = true
      worker.onWake()
    },
    isWoken: false,
    onWake: () => {},
    nextAt: undefined,
    abortController: new AbortController(),
  }
  return worker
}

/** Claims due deliveries and starts to send them. */
async function claim(worker: Worker): Promise<void> {
  const { ports, id, inFlight } = worker
  const inFlightToFailing = [...inFlight.values()].filter(({ isFailing }) => isFailing).length
  const freeSlots = maxInFlight - inFlight.size
  if (freeSlots === 0) return
  // When nothing is in flight, this cheap query shows whether a claim is needed.
  worker.nextAt = inFlight.size === 0 ? await readNextDueTime(ports.postgres, ports.now()) : ports.now()
  if (!isDue(worker)) return
  const request = {
    worker: id,
    now: ports.now(),
    leaseMs: ports.config.webhookTimeoutSeconds * 1000 + leaseMarginMs,
    freeSlots,
    freeSlotsOfFailing: maxForFailingEndpoints - inFlightToFailing,
  }
  const claimed = await ports.postgres.transaction((tx) => claimDeliveries(tx, request))
  for (const delivery of claimed) begin(worker, delivery)
}

function begin(worker: Worker, delivery: ClaimedDelivery): void {
  const { ports, sender, inFlight, outcomes, abortController } = worker
  const ended = sendDelivery(ports, sender, delivery, abortController.signal).then(
    (outcome) => {
      outcomes.push(outcome)
      worker.wake()
    },
    // Aborted: the outcome is unknown, and `finish` releases the lease.
    () => void inFlight.delete(delivery.id),
  )
  inFlight.set(delivery.id, { isFailing: delivery.failing_since !== null, ended })
}

function isDue({ ports, nextAt }: Worker): boolean {
  return nextAt !== undefined && nextAt <= ports.now()
}

/** Milliseconds until the next poll, or until the next comparison with the clock, which may have been moved. */
function pauseMs(worker: Worker): number {
  const { ports, nextAt = Number.POSITIVE_INFINITY, inFlight } = worker
  if (inFlight.size > 0 || isDue(worker)) return pollMs
  return Math.min(nextAt - ports.now(), betweenClocksMs)
}

/** Waits until an attempt ends, a delivery may be due, the process stops, or the poll interval is over. */
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
    if (worker.inFlight.size > 0 || isDue(worker)) return
  }
}

/**
 * Stores the outcomes of attempts. Outcomes that cannot be stored are kept for the next try, and their slots stay
 * occupied.
 */
async function writeOutcomes(worker: Worker): Promise<void> {
  const { ports, id, inFlight, outcomes } = worker
  if (outcomes.length === 0) return
  const written = [...outcomes]
  await attempt(worker, 'outcomes of webhook deliveries not stored yet', async () => {
    await recordOutcomes(ports, id, written)
    outcomes.splice(0, written.length)
    for (const { delivery } of written) inFlight.delete(delivery.id)
  })
}

/** Logs an error and pauses, because a failing store should only delay the work. */
async function attempt({ ports }: Worker, failure: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    ports.log.warn({ reason: messageOf(error) }, failure)
    await wait(pauseAfterFailureMs)
  }
}

/** Waits briefly for the deliveries in flight, then aborts the rest and releases their leases. */
async function finish(worker: Worker): Promise<void> {
  const { ports, id, sender, inFlight, abortController } = worker
  const ended = Promise.all([...inFlight.values()].map((entry) => entry.ended))
  const timer = new AbortController()
  await Promise.race([ended, wait(graceMs, undefined, { signal: timer.signal }).catch(() => {})])
  timer.abort()
  abortController.abort(new Error('The process stops.'))
  await ended
  await writeOutcomes(worker)
  await attempt(worker, 'leases of webhook deliveries not released', () => releaseDeliveries(ports.postgres, id))
  await sender.close()
}
