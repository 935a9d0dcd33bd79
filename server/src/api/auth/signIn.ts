import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Ports } from '../../ports.ts'
import { requireScope, type Context } from '../../context.ts'
import type { KeyState } from '../../features/keys/keyStates.ts'
import { verifyKey } from '../../features/keys/verifyKey.ts'
import type { RateLimits } from '../http/rateLimit.ts'
import { publicUrlOf } from '../http/publicUrl.ts'
import type { RouteRules } from '../http/route.ts'
import { presentedBy } from './apiKey.ts'
import { bringsKey, requestSession, sessionActor, sessionTokenOf } from '../http/sessionSignIn.ts'
import { bodyHashOf, checkSignature, claimsSignature, givenSignature, type GivenSignature } from './signature.ts'
import type { SlowDown } from './slowDown.ts'

/** A request with a valid key, whose signature can be checked only with the body. */
interface Pending {
  key: KeyState
  given: GivenSignature
}

declare module 'fastify' {
  interface FastifyRequest {
    pendingSignature: Pending | null
  }
}

export interface SignInParts {
  ports: Ports
  rateLimits: RateLimits
  slowDown: SlowDown
}

/**
 * Sign-in before the body is read. The order is key, timestamp, signature, scope, rate: a signed request stops after
 * the timestamp and continues in `finishSignIn`, unless it has no body.
 */
export async function beginSignIn(
  parts: SignInParts,
  rules: RouteRules,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  if (rules.signIn === 'none' || rules.signIn === 'link') return
  const { ports } = parts
  const token = rules.signIn === 'key' && !bringsKey(request) ? sessionTokenOf(ports, request) : undefined
  await parts.slowDown.guard(request.ip, async () => {
    if (token !== undefined) {
      const session = await requestSession(ports, request, token)
      const caller = { accountId: session.accountId, actor: sessionActor(session), rateId: session.subject.id }
      return admit(parts, rules, caller, request, reply)
    }
    const key = await verifyKey(ports, presentedBy(request.headers))
    if (rules.signIn === 'signed' || claimsSignature(request.headers)) {
      request.pendingSignature = { key, given: givenSignature(request.headers, ports.now()) }
    }
    // A stream is admitted now, and its signature is checked at its end.
    if (request.pendingSignature === null || rules.body === 'stream') {
      await admit(parts, rules, keyCaller(key), request, reply)
    }
  })
}

/** Sign-in after the body has arrived. */
export async function finishSignIn(
  parts: SignInParts,
  rules: RouteRules,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const pending = request.pendingSignature
  if (!pending || rules.body === 'stream') return
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  await parts.slowDown.guard(request.ip, async () => {
    check(pending, request, bodyHashOf(body))
    await admit(parts, rules, keyCaller(pending.key), request, reply)
  })
}

/** The chunks of a signed body; throws after the last one if the signature is wrong. */
export async function* checkedStream(
  parts: SignInParts,
  request: FastifyRequest,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const pending = request.pendingSignature
  if (!pending) {
    yield* chunks
    return
  }
  const hash = createHash('sha256')
  for await (const chunk of chunks) {
    hash.update(chunk)
    yield chunk
  }
  await parts.slowDown.guard(request.ip, async () => check(pending, request, hash.digest('base64')))
}

function check(pending: Pending, request: FastifyRequest, bodyHash: string): void {
  const { method = '', url = '' } = request.raw
  checkSignature(pending.given, pending.key.hmacSecret(), { method, target: url, bodyHash })
}

/** An authenticated caller, with the id under which requests are counted. */
interface Caller extends Pick<Context, 'accountId' | 'actor'> {
  rateId: string
}

function keyCaller({ accountId, keyId, scopes }: KeyState): Caller {
  return { accountId, actor: { kind: 'key', keyId, scopes }, rateId: keyId }
}

async function admit(
  parts: SignInParts,
  rules: RouteRules,
  { accountId, actor, rateId }: Caller,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const publicUrl = publicUrlOf(parts.ports.config, request)
  const context: Context = { ports: parts.ports, accountId, actor, requestId: request.id, publicUrl }
  request.caller = context
  if (rules.scope !== 'none') requireScope(context, rules.scope)
  const taken = await parts.rateLimits.take(rateId, rules.rate)
  if (!taken) return
  reply.headers(taken.headers)
  if (taken.refusal) throw taken.refusal
}
