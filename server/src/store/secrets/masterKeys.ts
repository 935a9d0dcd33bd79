import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { ConfigError } from '../../config.ts'

type KeyConfig = Pick<Config, 'masterKey' | 'dataDirectory'>

const pathIn = (dataDirectory: string): string => join(dataDirectory, 'master.key')

/** The master key is missing, or is not the one that what is stored is under: nothing may be opened or sealed. */
export class MasterKeyError extends ConfigError {
  override name = 'MasterKeyError'
}

/**
 * Makes the master key of a data folder that never had one. Throws MasterKeyError where one is missing that was there: a
 * new one would open nothing of what is stored.
 */
export function ensureMasterKey(config: KeyConfig, { isNew }: { isNew: boolean }): void {
  if (config.masterKey !== '' || existsSync(pathIn(config.dataDirectory))) return
  if (isNew) placeFirstKey(config.dataDirectory)
  else throw missing(config.dataDirectory)
}

function missing(dataDirectory: string): MasterKeyError {
  return new MasterKeyError(
    `${pathIn(dataDirectory)} is missing, and what is stored cannot be opened without it; put it back from a backup, or set EARSHOT_MASTER_KEY to it.`,
  )
}

/**
 * A function that gives the master keys, the one to write with first: those of the configuration, else those of the
 * file in the data folder. It gives the same array until the file changes; one that goes away meanwhile stays known.
 */
export function followMasterKeys(config: KeyConfig): () => readonly Buffer[] {
  if (config.masterKey !== '') {
    const keys = config.masterKey.split(',').map((text) => Buffer.from(text, 'hex'))
    return () => keys
  }
  const path = pathIn(config.dataDirectory)
  let seen = stampOf(path)
  if (seen === undefined) throw missing(config.dataDirectory)
  let keys = readKeyFile(path)
  return () => {
    const stamp = stampOf(path)
    if (stamp !== undefined && stamp !== seen) [keys, seen] = [readKeyFile(path), stamp]
    return keys
  }
}

/** Puts other master keys into the data folder, the one to write with first; whole and durable, or not at all. */
export function replaceMasterKeys(dataDirectory: string, keys: readonly Buffer[]): void {
  const path = pathIn(dataDirectory)
  const draft = writeDraft(path, keys)
  renameSync(draft, path)
  syncFolder(dataDirectory)
}

/** A file that is replaced has another number; one that is written over, another time. Undefined: there is none. */
function stampOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false })
  return found && `${found.ino} ${found.mtimeMs} ${found.size}`
}

function readKeyFile(path: string): readonly Buffer[] {
  const lines = readFileSync(path, 'utf8').trim().split(/\s+/)
  if (!lines.every((line) => /^[0-9a-f]{64}$/.test(line))) {
    throw new ConfigError(`${path} does not hold 64 hexadecimal digits; put the right master key back from a backup.`)
  }
  return lines.map((line) => Buffer.from(line, 'hex'))
}

/** Makes the file whole and durable under another name first: a crash leaves no half key, and of two makers one wins. */
function placeFirstKey(dataDirectory: string): void {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })
  const path = pathIn(dataDirectory)
  const draft = writeDraft(path, [randomBytes(32)])
  try {
    linkUnlessThere(draft, path)
  } finally {
    rmSync(draft, { force: true })
  }
  syncFolder(dataDirectory)
}

function writeDraft(path: string, keys: readonly Buffer[]): string {
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  const file = openSync(draft, 'wx', 0o600)
  try {
    writeSync(file, keys.map((key) => `${key.toString('hex')}\n`).join(''))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  return draft
}

function syncFolder(directory: string): void {
  const folder = openSync(directory, 'r')
  fsyncSync(folder)
  closeSync(folder)
}

function linkUnlessThere(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch (error) {
    // Another process was first: its key counts.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}
