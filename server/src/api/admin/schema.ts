import { z } from 'zod'
import { scopes } from '../../domain/scopes.ts'

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
  /** The key that rotation put in its place. */
  replacedBy: z.uuid().nullable(),
  /** To the minute. */
  lastUsedAt: instant.nullable(),
  createdAt: instant,
})

/** Shown once: the key, its HMAC secret and a JWT made from it. */
export const newKey = key.extend({
  account: z.string(),
  apiKey: z.string(),
  hmacSecret: z.string(),
  jwt: z.string(),
})

export const keyList = z.object({ data: z.array(key) })

export const createKeyBody = z.strictObject({
  name: z.string().min(1).max(200),
  scopes: z.array(z.enum(scopes)).min(1),
  expiresAt: instant.transform((text) => new Date(text)).nullish(),
})

export const rotateKeyBody = z.strictObject({
  /** How long the old key goes on working; 24 hours by default. */
  overlapSeconds: z.number().int().min(0).max(2_592_000).optional(),
})

export const account = z.object({
  name: z.string(),
  accountId: z.uuid(),
  contextId: z.uuid(),
  timezone: z.string(),
  country: z.string().nullable(),
  createdAt: instant,
})

export const accountBody = z.strictObject({
  /** IANA name. */
  timezone: z.string().optional(),
  /** ISO 3166 alpha-2, or null for unknown. */
  country: z.string().nullable().optional(),
})
