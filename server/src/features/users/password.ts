import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto'
import { AppError } from '../../errors.ts'
import { refuseField } from './user.ts'

// 32 MiB and about a quarter of a second: a guess is dear, and a sign-in still quick.
const strength = { cost: 2 ** 15, blockSize: 8, parallelization: 3 }
const hashBytes = 32
const saltBytes = 16
const leastCharacters = 12
const mostCharacters = 200
const mostWaiting = 50

/** Refuses a password that is too short to withstand guessing, or absurdly long. */
export function checkPassword(password: string): void {
  if (password.length < leastCharacters || password.length > mostCharacters) {
    refuseField('password', `must have ${leastCharacters} to ${mostCharacters} characters`)
  }
}

/** A password that nobody could guess, for people to be given once. */
export function newPassword(): string {
  return randomBytes(15).toString('base64url')
}

/** What is kept of a password: `scrypt$cost$blockSize$parallelization$salt$hash`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes)
  const hash = await derive(password, salt, strength)
  const { cost, blockSize, parallelization } = strength
  return ['scrypt', cost, blockSize, parallelization, salt.toString('base64url'), hash.toString('base64url')].join('$')
}

// Of a password that nobody has: an e-mail address that is unknown takes as long as a wrong password.
let decoy: Promise<string> | undefined

/** Whether this is the password that was kept; without one it is not, and takes as long to say so. */
export async function passwordMatches(password: string, kept: string | undefined): Promise<boolean> {
  const text = kept ?? (await (decoy ??= hashPassword(newPassword())))
  const [, cost, blockSize, parallelization, salt = '', hash = ''] = text.split('$')
  const expected = Buffer.from(hash, 'base64url')
  const options = { cost: Number(cost), blockSize: Number(blockSize), parallelization: Number(parallelization) }
  const actual = await derive(password, Buffer.from(salt, 'base64url'), options)
  return actual.length === expected.length && timingSafeEqual(actual, expected) && kept !== undefined
}

let waiting = 0
let last: Promise<unknown> = Promise.resolve()

/** One at a time: more would fill the threads that files are read with, whoever sends them. */
async function derive(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  if (waiting >= mostWaiting) {
    throw new AppError('RATE_LIMIT_EXCEEDED', 'Too many people sign in at this moment; try again.', {
      retryAfterSeconds: 5,
    })
  }
  waiting += 1
  const turn = last.then(() => scryptOf(password, salt, options))
  last = turn.catch(() => undefined)
  try {
    return await turn
  } finally {
    waiting -= 1
  }
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
