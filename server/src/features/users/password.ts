import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto'
import { AppError } from '../../errors.ts'

// 32 MiB and about a quarter of a second: a guess is dear, and a sign-in still quick.
const strength = { cost: 2 ** 15, blockSize: 8, parallelization: 3 }
const hashBytes = 32
const saltBytes = 16
const maxWhoWait = 50
const maxWaitingOfOne = 20

/** Whose turn a computation is. */
export interface Turn {
  by: string
  isKnown: boolean
}

const ownTurn: Turn = { by: '', isKnown: true }

/** A password that nobody could guess, for people to be given once. */
export function newPassword(): string {
  return randomBytes(15).toString('base64url')
}

/** What is kept of a password: `scrypt$cost$blockSize$parallelization$salt$hash`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes)
  const hash = await derive(password, salt, strength, ownTurn)
  const { cost, blockSize, parallelization } = strength
  return ['scrypt', cost, blockSize, parallelization, salt.toString('base64url'), hash.toString('base64url')].join('$')
}

// Of a password that nobody has: an e-mail address that is unknown takes as long as a wrong password.
let decoy: Promise<string> | undefined

/** Whether this is the password that was kept; without one it is not, and takes as long to say so. */
export async function passwordMatches(
  password: string,
  kept: string | undefined,
  turn: Turn = ownTurn,
): Promise<boolean> {
  const text = kept ?? (await (decoy ??= hashPassword(newPassword())))
  const [, cost, blockSize, parallelization, salt = '', hash = ''] = text.split('$')
  const expected = Buffer.from(hash, 'base64url')
  const options = { cost: Number(cost), blockSize: Number(blockSize), parallelization: Number(parallelization) }
  const actual = await derive(password, Buffer.from(salt, 'base64url'), options, turn)
  const isSame = actual.length === expected.length && timingSafeEqual(actual, expected)
  // To the derivation a NUL at the end is nothing.
  return isSame && kept !== undefined && !password.includes('\0')
}

/** Who waits, by whom it is. */
type Waiting = Map<string, (() => void)[]>

// Before those who are known nobody comes.
const known: Waiting = new Map()
const others: Waiting = new Map()
let isTaken = false

/**
 * One at a time: more would fill the threads that files are read with, whoever sends them. Those who wait take turns by
 * whom they are, so that a crowd of one holds up nobody else for longer than a turn.
 */
async function derive(password: string, salt: Buffer, options: ScryptOptions, { by, isKnown }: Turn): Promise<Buffer> {
  const waiting = isKnown ? known : others
  const own = waiting.get(by) ?? []
  if (own.length >= maxWaitingOfOne || waiting.size >= maxWhoWait) {
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
  // To the end of the order, where more of them wait.
  waiting.delete(by)
  if (own.length > 0) waiting.set(by, own)
  isTaken = true
  letIn?.()
}

function scryptOf(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  const maxmem = 256 * Number(options.cost) * Number(options.blockSize)
  return new Promise((resolve, reject) => {
    // One form of each letter: what looks the same on two keyboards is the same password.
    scrypt(password.normalize('NFC'), salt, hashBytes, { ...options, maxmem }, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}
