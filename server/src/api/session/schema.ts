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
  /** 12 to 128 characters; common passwords are refused. */
  newPassword: z.string(),
})

export const session = z.object({
  account: z.object({ name: z.string(), timezone: z.string() }),
  /** The signed-in caller: an API key by its name, or a user. */
  subject: z.object({
    kind: z.enum(['key', 'user']),
    id: z.uuid(),
    name: z.string(),
    email: z.string().nullable(),
    role: z.enum(roles).nullable(),
  }),
  scopes: z.array(z.enum(scopes)),
  /** Another person set the password; only POST /v1/session/password is allowed. */
  mustChangePassword: z.boolean(),
  /** Clients send it as X-CSRF-Token with every method but GET and HEAD. */
  csrfToken: z.string(),
  expiresAt: z.iso.datetime({ offset: true }),
})

export const sessionParams = z.object({ id: storableText })

export const sessionList = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      /** The session of this request. */
      isCurrent: z.boolean(),
      /** The User-Agent of the browser, shortened. */
      userAgent: z.string(),
      createdAt: z.iso.datetime({ offset: true }),
      lastSeenAt: z.iso.datetime({ offset: true }),
      expiresAt: z.iso.datetime({ offset: true }),
    }),
  ),
})
