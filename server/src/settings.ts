import { resolve } from 'node:path'
import { z } from 'zod'
import { s3LocationOf } from './store/s3/s3Location.ts'

const flag = z.enum(['true', 'false']).transform((text) => text === 'true')
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== ''),
)
const count = (min: number, max: number) => z.coerce.number().int().min(min).max(max)

/** One setting: its environment name, its default as text, how it is read, and what it means. */
export interface Setting<T> {
  name: string
  default: string
  schema: z.ZodType<T>
  description: string
  remedy: string
  secret?: boolean
}

function setting<T>(
  name: string,
  defaultText: string,
  schema: z.ZodType<T>,
  description: string,
  remedy: string,
  secret = false,
): Setting<T> {
  return { name, default: defaultText, schema, description, remedy, secret }
}

/** Every setting, once. The command `config` prints this table. */
export const settings = {
  port: setting(
    'EARSHOT_PORT',
    '8080',
    count(0, 65_535),
    'TCP port to listen on; 0 takes a free one.',
    'a whole number from 0 to 65535',
  ),
  host: setting(
    'EARSHOT_HOST',
    '127.0.0.1',
    z.string().min(1),
    'Address to listen on; 0.0.0.0 opens it to the network.',
    'an IP address or a host name',
  ),
  publicUrl: setting(
    'EARSHOT_PUBLIC_URL',
    '',
    z.union([z.literal(''), z.url({ protocol: /^https?$/ })]),
    'Address under which clients reach this server; links begin with it. Default: the address to which each request was sent.',
    'an address such as https://calls.example.com',
  ),
  dataDirectory: setting(
    'EARSHOT_DATA_DIR',
    './data',
    z
      .string()
      .min(1)
      .transform((path) => resolve(path)),
    'Folder of the embedded engines, the files and the master key.',
    'a folder that can be written',
  ),
  clickhouseUrls: setting(
    'EARSHOT_CLICKHOUSE_URL',
    '',
    list.pipe(z.array(z.url({ protocol: /^https?$/ }))),
    'A ClickHouse server (http://user:password@host:8123/database), or every node of a cluster, separated by commas. Default: embedded.',
    'an address such as http://default:@127.0.0.1:8123/earshot, or several separated by commas',
    true,
  ),
  clickhouseCluster: setting(
    'EARSHOT_CLICKHOUSE_CLUSTER',
    '',
    z.string().regex(/^\w*$/),
    'The cluster that the ClickHouse nodes form, as their remote_servers name it. Default: one server.',
    'a name of letters, digits and underscores',
  ),
  clickhouseInsertQuorum: setting(
    'EARSHOT_CLICKHOUSE_INSERT_QUORUM',
    '0',
    count(0, 100),
    'Replicas of each shard, all of which must have what can be read; 0 where shards have none.',
    'a whole number, 0 for no quorum',
  ),
  databaseUrl: setting(
    'EARSHOT_DATABASE_URL',
    '',
    z.union([z.literal(''), z.url({ protocol: /^postgres(ql)?$/ })]),
    'A PostgreSQL server (postgres://user:password@host:5432/database). Default: embedded.',
    'an address such as postgres://user:password@127.0.0.1:5432/earshot',
    true,
  ),
  files: setting(
    'EARSHOT_FILES',
    '',
    z.union([z.literal(''), z.string().refine((text) => s3LocationOf(text) !== undefined)]),
    'Where exports and recordings are kept, always encrypted: s3://bucket/folder?region=eu-west-1 at Amazon, s3://bucket/folder?endpoint=https://s3.example.com in any other S3-compatible store. Default: the folder files of the data folder.',
    'an address such as s3://bucket/folder?endpoint=https://s3.example.com, without keys; they have settings of their own',
  ),
  s3AccessKey: setting(
    'EARSHOT_S3_ACCESS_KEY',
    '',
    z.string(),
    'Access key for the bucket of EARSHOT_FILES.',
    "the access key's id",
  ),
  s3SecretKey: setting(
    'EARSHOT_S3_SECRET_KEY',
    '',
    z.string(),
    'Secret of that access key.',
    'the secret that came with the access key',
    true,
  ),
  roles: setting(
    'EARSHOT_ROLES',
    'api,worker',
    list.pipe(z.array(z.enum(['api', 'worker'])).min(1)),
    'What this process does: api (answers requests), worker (runs jobs), or both.',
    'api, worker or api,worker',
  ),
  masterKey: setting(
    'EARSHOT_MASTER_KEY',
    '',
    z.union([z.literal(''), z.string().regex(/^[0-9a-f]{64}(,[0-9a-f]{64})*$/)]),
    'Master key that protects stored secrets and files: 64 hexadecimal digits; older ones may follow, separated by commas. Default: made once and kept in the data folder as master.key.',
    '64 hexadecimal digits, for example from: openssl rand -hex 32',
    true,
  ),
  rateLimit: setting(
    'EARSHOT_RATE_LIMIT',
    '600',
    count(0, 10_000_000),
    'Requests a minute and API key; 0 switches limits off.',
    'a whole number, 0 for no limit',
  ),
  sessionHours: setting(
    'EARSHOT_SESSION_HOURS',
    '12',
    count(1, 720),
    'Hours after which a sign-in to the console ends in any case.',
    'a whole number of hours from 1 to 720',
  ),
  sessionIdleMinutes: setting(
    'EARSHOT_SESSION_IDLE_MINUTES',
    '30',
    count(5, 43_200),
    'Minutes without a request after which a sign-in to the console ends.',
    'a whole number of minutes from 5 to 43200',
  ),
  tlsCertificate: setting(
    'EARSHOT_TLS_CERT',
    '',
    z.string(),
    'File of the TLS certificate chain (PEM). With EARSHOT_TLS_KEY the server speaks https.',
    'the path of a readable PEM file',
  ),
  tlsKey: setting(
    'EARSHOT_TLS_KEY',
    '',
    z.string(),
    'File of the TLS private key (PEM).',
    'the path of a readable PEM file',
  ),
  trustedProxies: setting(
    'EARSHOT_TRUSTED_PROXIES',
    '',
    list,
    'Proxies whose X-Forwarded-For, -Host and -Proto are believed: addresses or CIDR ranges, separated by commas.',
    'addresses such as 10.0.0.0/8,127.0.0.1',
  ),
  corsOrigins: setting(
    'EARSHOT_CORS_ORIGINS',
    '',
    list,
    'Web origins that may call the API from a browser, separated by commas; * allows any.',
    'origins such as https://dashboard.example.com',
  ),
  ingestMaxRecords: setting(
    'EARSHOT_INGEST_MAX_RECORDS',
    '10000',
    count(1, 1_000_000),
    'Most records in one ingestion request.',
    'a whole number from 1',
  ),
  ingestMaxBytes: setting(
    'EARSHOT_INGEST_MAX_BYTES',
    String(32 * 1024 * 1024),
    count(1024, 1024 * 1024 * 1024),
    'Most bytes in one ingestion request, after decompression.',
    'a number of bytes from 1024',
  ),
  recordingMaxBytes: setting(
    'EARSHOT_RECORDING_MAX_BYTES',
    String(500 * 1024 * 1024),
    count(1024, 64 * 1024 * 1024 * 1024),
    'Most bytes of one recording.',
    'a number of bytes from 1024',
  ),
  minimumFreeBytes: setting(
    'EARSHOT_MIN_FREE_BYTES',
    String(512 * 1024 * 1024),
    count(0, Number.MAX_SAFE_INTEGER),
    'Free disk space below which whatever writes is refused with 507; 0 switches the check off.',
    'a number of bytes',
  ),
  clickhouseMemoryBytes: setting(
    'EARSHOT_CLICKHOUSE_MEMORY_BYTES',
    '0',
    count(0, Number.MAX_SAFE_INTEGER),
    'Most memory one query of the embedded ClickHouse may take; 0 chooses a quarter of the memory that the machine or the container has.',
    'a number of bytes, 0 to choose',
  ),
  exportWorkers: setting(
    'EARSHOT_EXPORT_WORKERS',
    '2',
    count(1, 64),
    'Exports that one process runs side by side.',
    'a whole number from 1 to 64',
  ),
  webhookTimeoutSeconds: setting(
    'EARSHOT_WEBHOOK_TIMEOUT_SECONDS',
    '15',
    count(1, 60),
    'Seconds that a webhook receiver has for its answer, connecting included.',
    'a whole number from 1 to 60',
  ),
  webhookConnectTimeoutSeconds: setting(
    'EARSHOT_WEBHOOK_CONNECT_TIMEOUT_SECONDS',
    '5',
    count(1, 60),
    'Seconds within which the connection to a webhook receiver must stand.',
    'a whole number from 1 to 60',
  ),
  webhookPrivate: setting(
    'EARSHOT_WEBHOOK_PRIVATE',
    '',
    list.pipe(z.array(z.union([z.literal('*'), z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()]))),
    'Private addresses that webhooks may be sent to, over plain http too: addresses or CIDR ranges, separated by commas; * is every address.',
    'addresses such as 10.20.0.0/16,127.0.0.1, or *',
  ),
  metricsToken: setting(
    'EARSHOT_METRICS_TOKEN',
    '',
    z.union([z.literal(''), z.string().min(16)]),
    'Who reads /metrics must send this as a Bearer token. Default: anybody who reaches the server may read it.',
    'at least 16 characters, for example from: openssl rand -hex 32',
    true,
  ),
  drainSeconds: setting(
    'EARSHOT_DRAIN_SECONDS',
    '0',
    count(0, 300),
    'Seconds from a stop signal, in which /ready says 503 and requests are still answered, until the server closes.',
    'a whole number from 0 to 300',
  ),
  feedBlockedAfterSeconds: setting(
    'EARSHOT_FEED_BLOCKED_AFTER_SECONDS',
    '21600',
    count(0, 31_536_000),
    'Seconds without a change after which an unfinished call that keeps the call feed waiting is reported.',
    'a whole number of seconds',
  ),
  logLevel: setting(
    'EARSHOT_LOG_LEVEL',
    'info',
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    'Least severity that is logged.',
    'fatal, error, warn, info, debug, trace or silent',
  ),
  logPretty: setting('EARSHOT_LOG_PRETTY', 'false', flag, 'Logs for people instead of JSON lines.', 'true or false'),
}
