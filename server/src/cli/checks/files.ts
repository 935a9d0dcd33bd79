import type { Config } from '../../config.ts'
import { AppError } from '../../errors.ts'
import { checkS3 } from '../../store/s3/s3Check.ts'
import { openS3, originOf } from '../../store/s3/s3.ts'
import { s3LocationOf } from '../../store/s3/s3Location.ts'
import { fail, ok, type Finding } from './check.ts'

const patience = { readMs: 5_000, writeMs: 5_000 }

/** Checks that files can be written to and removed from their store. */
export async function checkFiles({ files, s3AccessKey, s3SecretKey }: Config): Promise<Finding> {
  const location = s3LocationOf(files)
  if (!location) return ok('files', 'in the data folder')
  const s3 = openS3(location, { accessKey: s3AccessKey, secretKey: s3SecretKey, log: { warn: () => {} } })
  try {
    await checkS3(s3, patience)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'UNAVAILABLE') throw error
    return fail(
      'files',
      `${location.endpoint} does not answer (${originOf(error)})`,
      'Check the address in EARSHOT_FILES and the network; until then exports and recordings wait or answer 503.',
    )
  }
  return ok('files', `the bucket ${location.bucket} of ${location.endpoint} can be written`)
}
