import { AppError } from '../../errors.ts'
import { S3Refusal } from './s3Refusal.ts'
import { type S3 } from './s3.ts'
import { removeObject, type RetryTimes } from './s3Objects.ts'
import { remedyOf } from './s3Remedy.ts'

/** No key of a file begins so, and it is listed nowhere. */
const probeName = '.probe'

/**
 * Writes and removes an object. Throws BAD_REQUEST with what to mend when the store does not let that be done,
 * UNAVAILABLE when it does not answer.
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
