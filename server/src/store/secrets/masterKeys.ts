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

/** The master key is missing, or is not the key of the stored data; nothing may be opened or sealed. */
export class MasterKeyError extends ConfigError {
  override name = 'MasterKeyError'
}

/**
 * Creates the master key of a data folder that never had one. Throws MasterKeyError when an existing key is missing,
 * because a new one could not decrypt the stored data.
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
 * Returns a function that reads the master keys, the one for writing first: those of the configuration, otherwise those
 * of the file in the data folder. The function returns the same array until the file changes or after it was removed.
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

/** Replaces the master keys in the data folder, the one for writing first; atomic and durable. */
export function replaceMasterKeys(dataDirectory: string, keys: readonly Buffer[]): void {
  const path = pathIn(dataDirectory)
  const draft = writeDraft(path, keys)
  renameSync(draft, path)
  syncFolder(dataDirectory)
}

/**
 * Identifies the state of a file: a replaced file has another inode, an overwritten one another time. Undefined without
 * one.
 */
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

/** Writes the file under another name first, so that a crash leaves no partial key and only one of two writers wins. */
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
    // Another process created the key first; use that one.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}
