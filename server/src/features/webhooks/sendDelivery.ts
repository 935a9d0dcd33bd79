import { performance } from 'node:perf_hooks'
import type { Ports } from '../../ports.ts'
import { messageOf } from '../../errors.ts'
import type { ClaimedDelivery } from './claimDeliveries.ts'
import { payloadOf } from './delivery.ts'
import { readRetryAfterMs } from './retry.ts'
import { webhookPurpose } from './secret.ts'
import { SendFailure, type ReceiverAnswer, type Sender } from './sender.ts'
import { signatureHeaders } from './signature.ts'

/** The outcome of one attempt. */
export interface Outcome {
  delivery: ClaimedDelivery
  /** Start of the attempt, in milliseconds since 1970. */
  at: number
  durationMs: number
  status: number | null
  /** Why no answer came. */
  error: string | null
  responseStart: string | null
  /** The pause that the receiver requests. */
  requestedPauseMs: number
}

/** Sends a delivery once. Throws only when `signal` is aborted; the outcome is then unknown. */
export async function sendDelivery(
  ports: Ports,
  sender: Sender,
  delivery: ClaimedDelivery,
  signal: AbortSignal,
): Promise<Outcome> {
  const at = ports.now()
  const began = performance.now()
  const outcome = (known: Partial<Outcome>): Outcome => ({
    delivery,
    at,
    durationMs: Math.round(performance.now() - began),
    status: null,
    error: null,
    responseStart: null,
    requestedPauseMs: 0,
    ...known,
  })
  try {
    const { event_id: id, type, at: happenedAt, data } = delivery
    const body = Buffer.from(payloadOf({ id, type, at: happenedAt, data }))
    const headers = signatureHeaders({
      eventId: id,
      timestampSeconds: Math.floor(at / 1000),
      body,
      secrets: secretsOf(ports, delivery, at),
    })
    return outcome(answered(await sender.post(delivery.url, headers, body, signal), ports.now()))
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof SendFailure) return outcome({ error: error.message })
    ports.log.error({ deliveryId: delivery.id, reason: messageOf(error) }, 'a webhook cannot be sent')
    return outcome({ error: 'The delivery cannot be sent for an internal reason.' })
  }
}

function answered({ status, retryAfter, responseStart }: ReceiverAnswer, now: number): Partial<Outcome> {
  const mayRequestPause = status === 429 || status === 503
  return { status, responseStart, requestedPauseMs: mayRequestPause ? readRetryAfterMs(retryAfter, now) : 0 }
}

function secretsOf(ports: Ports, delivery: ClaimedDelivery, now: number): [string, ...string[]] {
  const purpose = webhookPurpose(delivery.endpoint_id)
  const { previous_secret: previous, previous_secret_until: until } = delivery
  const current = ports.secrets.open(delivery.secret, purpose)
  return previous && until && until.getTime() > now ? [current, ports.secrets.open(previous, purpose)] : [current]
}

/** Returns whether an attempt succeeded: only 2xx counts. */
export function hasSucceeded({ status }: Outcome): boolean {
  return status !== null && status >= 200 && status < 300
}
