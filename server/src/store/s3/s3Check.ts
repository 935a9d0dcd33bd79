import { AppError } from '../../errors.ts'
import { S3Refusal } from './s3Refusal.ts'
import { type S3 } from './s3.ts'
import { removeObject, type RetryTimes } from './s3Objects.ts'
import { remedyOf } from './s3Remedy.ts'

/** The name of the test object; no file key has this prefix, so no listing shows it. */
const probeName = '.probe'

/**
 * Writes and removes a test object. Throws BAD_REQUEST with a remedy when the store refuses, and UNAVAILABLE when it
 * does not answer.
 */
export async function checkS3(s3: S3, retryTimes: RetryTimes): Promise<void> {
  try {
    await s3.send({ method: 'PUT', name: probeName, body: [Buffer.from('Earshot')], retryForMs: retryTimes.readMs })
    await removeObject(s3, probeName, retryTimes)
  } catch (error) {
    if (!(error instanceof S3Refusal)) throw error
    throw new AppError(
      'BAD_REQUEST',
      `${remedyOf(error, s3.location)} (${error.status}${error.code && ` ${error.code}`})`,
      {
        cause: error,
      },
    )
  }
}
