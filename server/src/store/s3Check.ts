import { AppError } from '../errors.ts'
import { S3Refusal, type S3 } from './s3.ts'
import { removeObject, type Patience } from './s3Objects.ts'

/** No key of a file begins so, and it is listed nowhere. */
const probeName = '.probe'

/**
 * Writes and removes an object. Throws BAD_REQUEST with what to mend when the store does not let that be done,
 * UNAVAILABLE when it does not answer.
 */
export async function checkS3(s3: S3, patience: Patience): Promise<void> {
  try {
    await s3.send({ method: 'PUT', name: probeName, body: [Buffer.from('Earshot')], patienceMs: patience.readMs })
    await removeObject(s3, probeName, patience)
  } catch (error) {
    if (!(error instanceof S3Refusal)) throw error
    throw new AppError('BAD_REQUEST', `${remedyOf(error, s3)} (${error.status}${error.code && ` ${error.code}`})`, {
      cause: error,
    })
  }
}

function remedyOf({ status, code }: S3Refusal, { place }: S3): string {
  const bucket = `the bucket ${place.bucket} of ${place.endpoint}`
  switch (code) {
    case 'SignatureDoesNotMatch':
      return `EARSHOT_S3_SECRET_KEY is not the secret of EARSHOT_S3_ACCESS_KEY for ${bucket}; set the right one.`
    case 'InvalidAccessKeyId':
      return `EARSHOT_S3_ACCESS_KEY is unknown to ${place.endpoint}; set a key that it knows.`
    case 'AccessDenied':
      return `EARSHOT_S3_ACCESS_KEY may not write to ${bucket}; let it read, write, list and delete objects and uploads there.`
    case 'NoSuchBucket':
      return `There is no bucket ${place.bucket} at ${place.endpoint}; make it, or name another in EARSHOT_FILES.`
    case 'RequestTimeTooSkewed':
      return `The clock of this machine and that of ${place.endpoint} are minutes apart; let NTP keep both.`
    case 'PermanentRedirect':
    case 'AuthorizationHeaderMalformed':
      return `EARSHOT_FILES names the region ${place.region}, but ${bucket} is in another; name that one.`
    default:
      return status === 301 || status === 307
        ? `EARSHOT_FILES names the region ${place.region}, but ${bucket} is in another; name that one.`
        : `EARSHOT_FILES names ${bucket}, which does not take files; check the address and the keys.`
  }
}
