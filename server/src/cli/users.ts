import type { Control } from '../ports.ts'
import { listAccounts } from '../features/accounts/listAccounts.ts'
import { systemControl, type ControlContext } from '../features/accounts/controlContext.ts'
import { createUser } from '../features/users/createUser.ts'
import { listUsers } from '../features/users/listUsers.ts'
import { newPassword } from '../features/users/password.ts'
import { updateUser, type UserChange } from '../features/users/updateUser.ts'
import type { User } from '../features/users/user.ts'
import { CommandError } from './failure.ts'
import { print, printJson, printTable, showTime } from './output.ts'
import { withControl } from './withControl.ts'

interface CreateOptions {
  account: string
  role: string
  name?: string
  passwordStdin?: boolean
  json?: boolean
}

export async function createUserCommand(email: string, options: CreateOptions): Promise<void> {
  const { role, name } = options
  const password = await givenPassword(options)
  const user = await withControl(async (control) =>
    createUser(await contextOf(control, options.account), {
      email,
      name,
      role,
      password: password.text,
      mustChangePassword: true,
    }),
  )
  if (options.json) return printJson({ ...user, ...shownPassword(password) })
  print(`${user.email} may sign in to ${options.account} as ${user.role}.`)
  tellPassword(password)
}

export async function listUsersCommand(options: { account?: string; json?: boolean }): Promise<void> {
  const listed = await withControl(async (control) => {
    const accounts = await listAccounts(control)
    const chosen = accounts.filter(({ name }) => options.account === undefined || name === options.account)
    if (options.account !== undefined && chosen.length === 0) throw noAccount()
    const users = await Promise.all(chosen.map(({ id }) => listUsers(systemControl(control, id))))
    return chosen.flatMap(({ name }, index) => (users[index] ?? []).map((user) => ({ account: name, ...user })))
  })
  if (options.json) return printJson(listed)
  printTable(
    ['E-MAIL', 'ACCOUNT', 'ROLE', 'STATE', 'LAST SIGN-IN (UTC)', 'NAME'],
    listed.map((user) => [
      user.email,
      user.account,
      user.role,
      user.disabledAt ? 'disabled' : 'works',
      showTime(user.lastSignInAt),
      user.name,
    ]),
  )
}

export async function switchUserCommand(
  verb: 'disable' | 'enable',
  email: string,
  options: { account: string; json?: boolean },
): Promise<void> {
  const user = await changeUser(email, options.account, { disabled: verb === 'disable' })
  if (options.json) return printJson(user)
  print(verb === 'disable' ? `${user.email} can no longer sign in.` : `${user.email} can sign in again.`)
}

export async function userPasswordCommand(
  email: string,
  options: { account: string; passwordStdin?: boolean; json?: boolean },
): Promise<void> {
  const password = await givenPassword(options)
  const user = await changeUser(email, options.account, { password: password.text })
  if (options.json) return printJson({ ...user, ...shownPassword(password) })
  print(`${user.email} has a new password; all their sessions have ended.`)
  tellPassword(password)
}

interface Password {
  text: string
  isMade: boolean
}

/** The password from standard input, or a generated one. */
async function givenPassword({ passwordStdin }: { passwordStdin?: boolean }): Promise<Password> {
  if (!passwordStdin) return { text: newPassword(), isMade: true }
  let text = ''
  for await (const chunk of process.stdin) text += String(chunk)
  return { text: text.replace(/\r?\n$/, ''), isMade: false }
}

function shownPassword({ text, isMade }: Password): { password?: string } {
  return isMade ? { password: text } : {}
}

function tellPassword({ text, isMade }: Password): void {
  if (isMade) print(`Password (shown only once): ${text}`)
}

function changeUser(email: string, account: string, change: UserChange): Promise<User> {
  return withControl(async (control) => {
    const context = await contextOf(control, account)
    const users = await listUsers(context)
    const user = users.find((entry) => entry.email.toLowerCase() === email.toLowerCase())
    if (!user) throw new CommandError('There is no such user; "earshot users list" shows all.')
    return updateUser(context, { userId: user.id, ...change })
  })
}

async function contextOf(control: Control, name: string): Promise<ControlContext> {
  const accounts = await listAccounts(control)
  const account = accounts.find((entry) => entry.name === name)
  if (!account) throw noAccount()
  return systemControl(control, account.id)
}

function noAccount(): CommandError {
  return new CommandError('There is no account of this name; "earshot accounts list" shows all.')
}
