import type { TestAccount, TestAnswer } from '../testApp.ts'
import type { Json, ModelWrite, RecordsModel } from './recordsModel.ts'
import type { Step } from './sentRecords.ts'

/** Sends a step to the program; gives its status and counts. */
export async function send(
  account: Pick<TestAccount, 'request'>,
  taken: Step,
  headers: Record<string, string> = {},
): Promise<{ status: number; data: Json }> {
  const answer = await request(account, taken, headers)
  return { status: answer.status, data: answer.json?.data ?? answer.json }
}

function request(
  account: Pick<TestAccount, 'request'>,
  taken: Step,
  headers: Record<string, string>,
): Promise<TestAnswer> {
  switch (taken.kind) {
    case 'send': {
      const query = `onError=${taken.skips ? 'skip' : 'fail'}&dryRun=${taken.isDryRun}`
      return account.request('POST', `/v1/ingest/${taken.collection}?${query}`, ndjson(taken.writes), {
        ...headers,
        'Content-Type': 'application/x-ndjson',
      })
    }
    case 'replaceTurns':
      return account.request('PUT', `/v1/ingest/calls/${taken.callId}/turns`, ndjson(taken.writes), {
        ...headers,
        'Content-Type': 'application/x-ndjson',
      })
    default:
      return account.request('DELETE', `/v1/ingest/${taken.collection}/${taken.key}`)
  }
}

function ndjson(writes: ModelWrite[]): string {
  return writes.map(({ record }) => JSON.stringify(record)).join('\n')
}

/** Does the step in the model; gives the answer that the contract asks for. */
export function expectOf(model: RecordsModel, taken: Step): { status: number; data?: object } {
  if (taken.kind === 'remove') {
    const answer = model.remove(taken.collection, taken.key)
    return answer.status === 200 ? { status: 200, data: { deleted: answer.deleted } } : answer
  }
  const answer =
    taken.kind === 'send'
      ? model.ingest(taken.collection, taken.writes, taken)
      : model.replaceTurns(taken.callId, taken.writes)
  return answer.status === 200 ? { status: 200, data: answer.counts } : answer
}
