import type { S3 } from '../../src/store/s3/s3.ts'

const retryForMs = 30_000
/** All that the program does; the policy itself can still be changed. */
const actions = ['GetObject', 'PutObject', 'DeleteObject', 'AbortMultipartUpload', 'ListBucket']

/** Denies everybody the objects of a bucket whose names begin so, and the bucket's list. */
export async function denyObjects({ s3, start = '' }: { s3: S3; start?: string }): Promise<void> {
  const bucket = `arn:aws:s3:::${s3.location.bucket}`
  const denied = {
    Effect: 'Deny',
    Principal: '*',
    Action: [...actions, 'ListBucketMultipartUploads'].map((action) => `s3:${action}`),
    Resource: [bucket, `${bucket}/${s3.location.prefix}${start}*`],
  }
  const body = [Buffer.from(JSON.stringify({ Version: '2012-10-17', Statement: [denied] }))]
  await s3.send({ method: 'PUT', query: { policy: '' }, body, retryForMs })
}

export async function allowObjects(s3: S3): Promise<void> {
  await s3.send({ method: 'DELETE', query: { policy: '' }, retryForMs })
}
