import { roles, type Role } from '../../domain/roles.ts'
import { AppError } from '../../errors.ts'

/** A console user as other users see it. */
export interface User {
  id: string
  email: string
  name: string
  role: Role
  disabledAt: Date | null
  lastSignInAt: Date | null
  createdAt: Date
}

export interface UserRow {
  id: string
  email: string
  name: string
  role: Role
  disabled_at: Date | null
  last_sign_in_at: Date | null
  created_at: Date
}

export function userFrom(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    role: row.role,
    disabledAt: row.disabled_at,
    lastSignInAt: row.last_sign_in_at,
    createdAt: row.created_at,
  }
}

/** Refuses an invalid e-mail address; it need not exist, because it only identifies the user. */
export function checkEmail(email: string): void {
  if (email.length > 254 || !/^[^\s@]+@[^\s@]+$/.test(email)) {
    refuseField('email', 'must be an e-mail address such as ana@example.com')
  }
}

/** Refuses a name that is empty, padded or too long. */
export function checkUserName(name: string): void {
  if (name !== name.trim() || name.length < 1 || name.length > 200) {
    refuseField('name', 'must have 1 to 200 characters, without spaces at either end')
  }
}

/** The role of this name. */
export function checkRole(text: string): Role {
  return roles.find((role) => role === text) ?? refuseField('role', `must be one of ${roles.join(', ')}`)
}

/** A VALIDATION_ERROR about one field. */
export function refuseField(field: string, message: string): never {
  throw new AppError('VALIDATION_ERROR', `${field} ${message}.`, { details: [{ field, message }] })
}
