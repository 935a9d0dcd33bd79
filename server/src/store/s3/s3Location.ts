/** The location of files in an S3-compatible store. */
export interface S3Location {
  /** Scheme, host and port. */
  endpoint: string
  region: string
  bucket: string
  /** The prefix of every object name: empty, or with a slash at its end. */
  prefix: string
}

const usualRegion = 'us-east-1'
const bucketName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/
const prefixName = /^([A-Za-z0-9][A-Za-z0-9._-]*\/)*$/

/**
 * Reads `s3://bucket/folder?region=eu-west-1` (Amazon) or `s3://bucket/folder?endpoint=https://s3.example.com` (any
 * other store; `region` if it wants one). Undefined for anything else: also for one with a password, which has its own
 * setting.
 */
export function s3LocationOf(text: string): S3Location | undefined {
  if (!URL.canParse(text)) return undefined
  const { protocol, username, password, port, hash, hostname, pathname, searchParams } = new URL(text)
  if (protocol !== 's3:' || username + password + port + hash !== '' || !bucketName.test(hostname)) return undefined
  if ([...searchParams.keys()].some((name) => name !== 'region' && name !== 'endpoint')) return undefined
  const folder = pathname.replaceAll(/^\/+|\/+$/g, '')
  const prefix = folder === '' ? '' : `${folder}/`
  const region = searchParams.get('region') ?? usualRegion
  const endpoint = httpOrigin(searchParams.get('endpoint') ?? `https://s3.${region}.amazonaws.com`)
  if (!prefixName.test(prefix) || !/^[A-Za-z0-9-]+$/.test(region) || endpoint === undefined) return undefined
  return { endpoint, region, bucket: hostname, prefix }
}

/** An http or https address without a path. */
function httpOrigin(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const { protocol, origin, username, password, pathname, search, hash } = new URL(text)
  const isPlain = username + password + search + hash === '' && pathname === '/'
  return isPlain && /^https?:$/.test(protocol) ? origin : undefined
}
