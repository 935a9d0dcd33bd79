import { z } from 'zod'
import { roles } from '../../domain/roles.ts'
import { scopes } from '../../domain/scopes.ts'
import { storableText } from '../http/storableText.ts'

/** Either an API key, or a user's e-mail address and password. */
export const signInBody = z.union([
  z.strictObject({ apiKey: z.string().trim().min(1).max(200) }),
  z.strictObject({
    email: storableText.trim().min(1).max(254),
    password: z.string().min(1).max(200),
    /** Needed only when the same e-mail address and password fit several accounts. */
    account: storableText.min(1).max(200).optional(),
  }),
])

export const passwordBody = z.strictObject({
  currentPassword: z.string().min(1).max(200),
  /** 12 to 128 characters; none that guessers try first. */
  newPassword: z.string(),
})

export const session = z.object({
  account: z.object({ name: z.string(), timezone: z.string() }),
  /** Who signed in: an API key by its name, or a user. */
  subject: z.object({
    kind: z.enum(['key', 'user']),
    id: z.uuid(),
    name: z.string(),
    email: z.string().nullable(),
    role: z.enum(roles).nullable(),
  }),
  scopes: z.array(z.enum(scopes)),
  /** Somebody else gave the password: nothing is allowed before POST /v1/session/password. */
  mustChangePassword: z.boolean(),
  /** To be sent as X-CSRF-Token with everything but GET and HEAD. */
  csrfToken: z.string(),
  expiresAt: z.iso.datetime({ offset: true }),
})

export const sessionParams = z.object({ id: storableText })

export const sessionList = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      /** The one that asks. */
      isCurrent: z.boolean(),
      /** What the browser calls itself, shortened. */
      userAgent: z.string(),
      createdAt: z.iso.datetime({ offset: true }),
      lastSeenAt: z.iso.datetime({ offset: true }),
      expiresAt: z.iso.datetime({ offset: true }),
    }),
  ),
})
