import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../../src/config.ts'
import { openS3, type S3 } from '../../src/store/s3/s3.ts'
import { readRange } from '../../src/store/s3/s3Objects.ts'
import { s3LocationOf } from '../../src/store/s3/s3Location.ts'
import { elementsOf, textOf } from '../../src/store/s3/s3Xml.ts'

/** What lies where files are kept, seen past the program. */
export interface StoredBytes {
  read(key: string): Promise<Buffer>
  write(key: string, bytes: Buffer): Promise<void>
  /** What was begun and is not whole. */
  unfinished(): Promise<string[]>
}

const retryTimes = { readMs: 30_000, writeMs: 30_000 }

export function storedBytes(
  config: Pick<Config, 'dataDirectory' | 'files' | 's3AccessKey' | 's3SecretKey'>,
): StoredBytes {
  const place = s3LocationOf(config.files)
  if (!place) return bytesOnDisk(join(config.dataDirectory, 'files'))
  const keys = { accessKey: config.s3AccessKey, secretKey: config.s3SecretKey }
  return bytesInBucket(openS3(place, { ...keys, log: { warn: () => {} } }))
}

export function bytesOnDisk(directory: string): StoredBytes {
  return {
    read: (key) => readFile(join(directory, key)),
    write: (key, bytes) => writeFile(join(directory, key), bytes),
    unfinished: () => readdir(join(directory, '.writing')),
  }
}

export function bytesInBucket(s3: S3): StoredBytes {
  return {
    async read(key) {
      const found = await readRange(s3, key, { start: 0 }, retryTimes)
      if (found === undefined || found === 'changed') throw new Error('There is no such object.')
      return found.bytes
    },
    async write(key, bytes) {
      await s3.send({ method: 'PUT', name: key, body: [bytes], retryForMs: retryTimes.writeMs })
    },
    async unfinished() {
      const query = { uploads: '', prefix: s3.location.prefix }
      const { text } = await s3.send({ method: 'GET', query, retryForMs: retryTimes.readMs })
      return elementsOf(text, 'Upload').map((entry) => textOf(entry, 'Key').slice(s3.location.prefix.length))
    },
  }
}
