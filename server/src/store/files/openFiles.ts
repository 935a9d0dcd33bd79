import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../../config.ts'
import { openDiskFiles } from './diskFiles.ts'
import type { Files } from './files.ts'
import { openS3Files } from './s3Files.ts'
import { s3LocationOf } from '../s3/s3Location.ts'
import type { Secrets } from '../secrets/secrets.ts'

/** Opens the configured file store: the data folder or a bucket. */
export async function openFiles(
  config: Pick<Config, 'dataDirectory' | 'files' | 's3AccessKey' | 's3SecretKey'>,
  secrets: Secrets,
  log: Pick<Logger, 'warn'>,
): Promise<Files> {
  const location = s3LocationOf(config.files)
  if (!location) return openDiskFiles(join(config.dataDirectory, 'files'), secrets)
  return openS3Files({ location, accessKey: config.s3AccessKey, secretKey: config.s3SecretKey, secrets, log })
}
