import { z } from 'zod'
import { scopes } from '../../domain/scopes.ts'
import { maxRetentionDays } from '../../features/accounts/account.ts'
import { anyText, optional, wholeNumber, withDefault } from '../http/parameters.ts'
import { storableText } from '../http/storableText.ts'

const instant = z.iso.datetime({ offset: true })

export const keyParams = z.object({ id: z.uuid() })

export const key = z.object({
  id: z.uuid(),
  name: z.string(),
  /** The key's first characters. */
  prefix: z.string(),
  scopes: z.array(z.enum(scopes)),
  expiresAt: instant.nullable(),
  revokedAt: instant.nullable(),
  /** The key that replaced it in a rotation. */
  replacedBy: z.uuid().nullable(),
  /** To the minute. */
  lastUsedAt: instant.nullable(),
  createdAt: instant,
})

/** Shown only once: the key, its HMAC secret and a JWT made from it. */
export const newKey = key.extend({
  account: z.string(),
  apiKey: z.string(),
  hmacSecret: z.string(),
  jwt: z.string(),
})

export const keyList = z.object({ data: z.array(key) })

export const createKeyBody = z.strictObject({
  name: storableText.min(1).max(200),
  scopes: z.array(z.enum(scopes)).min(1),
  expiresAt: instant.transform((text) => new Date(text)).nullish(),
})

export const rotateKeyBody = z.strictObject({
  /** How long the old key keeps working; 24 hours by default. */
  overlapSeconds: z.number().int().min(0).max(2_592_000).optional(),
})

const days = z.number().int().min(1).max(maxRetentionDays).nullable()

/** Retention in days, null for no limit: of recordings from their upload, of calls and turns from the call's end. */
const retention = z.strictObject({ recordingsDays: days, callsDays: days, turnsDays: days })

export const account = z.object({
  name: z.string(),
  accountId: z.uuid(),
  contextId: z.uuid(),
  timezone: z.string(),
  country: z.string().nullable(),
  retention,
  createdAt: instant,
})

export const accountBody = z.strictObject({
  /** IANA name. */
  timezone: z.string().optional(),
  /** ISO 3166 alpha-2, or null for unknown. */
  country: z.string().nullable().optional(),
  /** Only the given fields change. */
  retention: retention.partial().optional(),
})

export const holdParams = z.object({ id: storableText })

export const holdBody = z.strictObject({
  /** Why the call must be kept, such as the matter's number. */
  reason: storableText.trim().min(1).max(2000),
})

export const hold = z.object({
  data: z.object({
    callId: z.string(),
    reason: z.string(),
    /** `system`, or `key:` and the key's id. */
    setBy: z.string(),
    setAt: instant,
  }),
})

export const holdQuery = z.object({
  limit: withDefault(wholeNumber(1, 1000), 100).describe('Holds in a page, 1 to 1000'),
  after: optional(anyText).describe('nextAfter of the page before'),
})

export const holdList = z.object({ data: z.array(hold.shape.data), nextAfter: z.string().nullable() })
