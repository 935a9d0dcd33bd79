import type { S3Refusal } from './s3Refusal.ts'
import type { S3Location } from './s3Location.ts'

/** What an operator must change when a store refuses requests; contains no secret. */
export function remedyOf({ status, code }: Pick<S3Refusal, 'status' | 'code'>, location: S3Location): string {
  const bucket = `the bucket ${location.bucket} of ${location.endpoint}`
  switch (code) {
    case 'SignatureDoesNotMatch':
      return `EARSHOT_S3_SECRET_KEY is not the secret of EARSHOT_S3_ACCESS_KEY for ${bucket}; set the right one.`
    case 'InvalidAccessKeyId':
      return `EARSHOT_S3_ACCESS_KEY is unknown to ${location.endpoint}; set a key that it knows.`
    case 'AccessDenied':
      return `EARSHOT_S3_ACCESS_KEY may not do all that is needed in ${bucket}; let it read, write, list and delete objects and uploads there.`
    case 'NoSuchBucket':
      return `There is no bucket ${location.bucket} at ${location.endpoint}; make it, or name another in EARSHOT_FILES.`
    case 'NoSuchUpload':
      return `An upload under way went from ${bucket}; let nothing but Earshot clear those away that are younger than a day.`
    case 'RequestTimeTooSkewed':
      return `The clock of this machine and that of ${location.endpoint} are minutes apart; let NTP keep both.`
    case 'PermanentRedirect':
    case 'AuthorizationHeaderMalformed':
      return `EARSHOT_FILES names the region ${location.region}, but ${bucket} is in another; name that one.`
    default:
      return status === 301 || status === 307
        ? `EARSHOT_FILES names the region ${location.region}, but ${bucket} is in another; name that one.`
        : `EARSHOT_FILES names ${bucket}, which does not take files; check the address and the keys.`
  }
}
