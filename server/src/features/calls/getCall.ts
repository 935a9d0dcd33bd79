import { requireScope, type Context } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { waitUntilReadable } from '../../recordLog/waitUntilReadable.ts'
import type { ShownCall } from './callColumns.ts'
import { readCall } from './readCalls.ts'

/** Reads a call by its id. Throws RESOURCE_NOT_FOUND when it does not exist. */
export async function getCall(context: Context, id: string): Promise<ShownCall> {
  requireScope(context, 'calls:read')
  const { ports, accountId } = context
  await waitUntilReadable(ports, accountId)
  const call = await readCall(ports, accountId, id)
  if (!call) throw new AppError('RESOURCE_NOT_FOUND', `There is no call ${JSON.stringify(id)}.`)
  return call
}
