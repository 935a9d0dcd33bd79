import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto'
import { AppError } from '../../errors.ts'

// 32 MiB and about a quarter of a second: expensive for an attacker, fast enough for a sign-in.
const strength = { cost: 2 ** 15, blockSize: 8, parallelization: 3 }
const hashBytes = 32
const saltBytes = 16
const maxRequesters = 50
const maxWaitingPerRequester = 20

/** The requester of a computation, for fair queueing. */
export interface Requester {
  by: string
  isKnown: boolean
}

const internalRequester: Requester = { by: '', isKnown: true }

/** Generates a random password for a user to receive once. */
export function newPassword(): string {
  return randomBytes(15).toString('base64url')
}

/** Hashes a password as `scrypt$cost$blockSize$parallelization$salt$hash`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes)
  const hash = await derive(password, salt, strength, internalRequester)
  const { cost, blockSize, parallelization } = strength
  return ['scrypt', cost, blockSize, parallelization, salt.toString('base64url'), hash.toString('base64url')].join('$')
}

// A hash that no password matches, so that checking an unknown e-mail address takes as long as a wrong password.
let decoy: Promise<string> | undefined

/** Checks a password against a stored hash; without a hash it returns false after the same time. */
export async function passwordMatches(
  password: string,
  kept: string | undefined,
  requester: Requester = internalRequester,
): Promise<boolean> {
  const text = kept ?? (await (decoy ??= hashPassword(newPassword())))
  const [, cost, blockSize, parallelization, salt = '', hash = ''] = text.split('$')
  const expected = Buffer.from(hash, 'base64url')
  const options = { cost: Number(cost), blockSize: Number(blockSize), parallelization: Number(parallelization) }
  const actual = await derive(password, Buffer.from(salt, 'base64url'), options, requester)
  const isSame = actual.length === expected.length && timingSafeEqual(actual, expected)
  // The derivation ignores a NUL at the end, so it is refused here.
  return isSame && kept !== undefined && !password.includes('\0')
}

/** Waiting computations by requester. */
type Waiting = Map<string, (() => void)[]>

// Known requesters have priority over all others.
const known: Waiting = new Map()
const others: Waiting = new Map()
let isTaken = false

/**
 * Runs one computation at a time, because more would fill the threads that also read files. Waiting requesters
 * alternate, so that many requests of one delay another by at most one computation.
 */
async function derive(
  password: string,
  salt: Buffer,
  options: ScryptOptions,
  { by, isKnown }: Requester,
): Promise<Buffer> {
  const waiting = isKnown ? known : others
  const own = waiting.get(by) ?? []
  if (own.length >= maxWaitingPerRequester || waiting.size >= maxRequesters) {
    throw new AppError('RATE_LIMIT_EXCEEDED', 'Too many people sign in at this moment; try again.', {
      retryAfterSeconds: 5,
    })
  }
  const { promise, resolve } = Promise.withResolvers<void>()
  own.push(resolve)
  waiting.set(by, own)
  letNextIn()
  await promise
  try {
    return await scryptOf(password, salt, options)
  } finally {
    isTaken = false
    letNextIn()
  }
}

function letNextIn(): void {
  if (isTaken) return
  const waiting = known.size > 0 ? known : others
  const [next] = waiting
  if (!next) return
  const [by, own] = next
  const letIn = own.shift()
  // A requester with more waiting computations moves to the end.
  waiting.delete(by)
  if (own.length > 0) waiting.set(by, own)
  isTaken = true
  letIn?.()
}

function scryptOf(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  const maxmem = 256 * Number(options.cost) * Number(options.blockSize)
  return new Promise((resolve, reject) => {
    // Unicode is normalized, so that the same password from different keyboards matches.
    scrypt(password.normalize('NFC'), salt, hashBytes, { ...options, maxmem }, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}
