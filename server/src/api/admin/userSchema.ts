import { z } from 'zod'
import { roles } from '../../domain/roles.ts'
import { storableText } from '../http/storableText.ts'

const instant = z.iso.datetime({ offset: true })

export const userParams = z.object({ id: z.uuid() })

export const user = z.object({
  id: z.uuid(),
  email: z.string(),
  name: z.string(),
  role: z.enum(roles),
  disabledAt: instant.nullable(),
  lastSignInAt: instant.nullable(),
  createdAt: instant,
})

export const userList = z.object({ data: z.array(user) })

export const createUserBody = z.strictObject({
  email: storableText,
  /** The displayed name; the e-mail address by default. */
  name: storableText.optional(),
  role: z.enum(roles),
  /** 12 to 128 characters; common passwords are refused. */
  password: z.string(),
})

export const updateUserBody = z.strictObject({
  name: storableText.optional(),
  role: z.enum(roles).optional(),
  disabled: z.boolean().optional(),
  /** A new password ends the user's sessions. */
  password: z.string().optional(),
})
