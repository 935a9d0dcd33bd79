import { bodyHashOf, canonicalText, pathAsSent, signatureOf } from '../src/api/auth/signature.ts'
import type { TestAccount, TestAnswer } from './testApp.ts'

/** Whose clock the signature is made by. */
interface Signed {
  ports: { now(): number }
}

type Signer = Pick<TestAccount, 'request' | 'hmacSecret'>

/** Sends a signed request, as the published clients do; a body that is no text goes as JSON. */
export async function signedRequest(
  earshot: Signed,
  account: Signer,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<TestAnswer> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  const timestamp = String(Math.floor(earshot.ports.now() / 1000))
  const canonical = canonicalText(timestamp, method, pathAsSent(path), bodyHashOf(Buffer.from(text ?? '')))
  return account.request(method, path, text, {
    ...(text === undefined ? {} : { 'Content-Type': 'application/json' }),
    'X-Timestamp': timestamp,
    'X-Signature': signatureOf(account.hmacSecret, canonical),
    ...headers,
  })
}

/** A job as the API shows it. */
export type ShownJob = Record<string, unknown> & { jobId: string; status: string; downloadUrl: string }

/** Starts an export and asks after it until it has ended. */
export async function exportToEnd(earshot: Signed, account: Signer, body: object): Promise<ShownJob> {
  const started = await signedRequest(earshot, account, 'POST', '/api/v1/exports/ai-calls', body)
  if (started.status !== 202) throw new Error(`The export was not started: ${started.text}`)
  return waitForEnd(earshot, account, started.json.data.jobId)
}

/** Asks after a job until it has ended. */
export async function waitForEnd(earshot: Signed, account: Signer, jobId: string): Promise<ShownJob> {
  for (;;) {
    const answer = await signedRequest(earshot, account, 'GET', `/api/v1/exports/${jobId}`)
    if (answer.status !== 200) throw new Error(`The job cannot be read: ${answer.text}`)
    if (['completed', 'failed'].includes(answer.json.data.status)) return answer.json.data
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** The bytes behind a link. */
export async function download(job: ShownJob): Promise<Buffer> {
  const answer = await fetch(job.downloadUrl)
  if (answer.status !== 200) throw new Error(`The file cannot be read: ${answer.status} ${await answer.text()}`)
  return Buffer.from(await answer.arrayBuffer())
}
