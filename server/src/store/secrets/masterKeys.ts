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

/**
 * A function that gives the master keys, the one to write with first: those of the configuration, else those of the
 * file in the data folder, which is made when there is none. It gives the same array until the file changes.
 */
export function followMasterKeys(config: KeyConfig): () => readonly Buffer[] {
  if (config.masterKey !== '') {
    const keys = config.masterKey.split(',').map((text) => Buffer.from(text, 'hex'))
    return () => keys
  }
  const path = pathIn(config.dataDirectory)
  if (!existsSync(path)) placeFirstKey(config.dataDirectory)
  let seen = stampOf(path)
  let keys = readKeyFile(path)
  return () => {
    const stamp = stampOf(path)
    if (stamp !== seen) [keys, seen] = [readKeyFile(path), stamp]
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

/** A file that is replaced has another number; one that is written over, another time. */
function stampOf(path: string): string {
  const { ino, mtimeMs, size } = statSync(path)
  return `${ino} ${mtimeMs} ${size}`
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
