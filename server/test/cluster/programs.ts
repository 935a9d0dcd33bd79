import { setTimeout as wait } from 'node:timers/promises'
import { serve, signalIfAlive, type Serving } from '../program.ts'
import type { TestAccount, TestAnswer } from '../testApp.ts'

/** One of several programs on the same engines, that can be killed and started again at the same address. */
export interface ClusterProgram {
  readonly url: string
  start(): Promise<void>
  kill(): Promise<void>
}

export function clusterProgram(settings: Record<string, string>): ClusterProgram {
  let running: Serving | undefined
  const url = `http://127.0.0.1:${settings['EARSHOT_PORT']}`
  return {
    url,
    async start() {
      running = await serve(settings)
    },
    async kill() {
      if (!running) return
      signalIfAlive(running.pid, 'SIGKILL')
      await running.ended
      running = undefined
    },
  }
}

/** What was answered while something was away. */
export interface Answers {
  /** Requests that nobody answered, because the program was dead. */
  unanswered: number
  /** Answers 503, all with Retry-After. */
  unavailable: number
  wrong: string[]
}

/** Sends an account's requests to one program and the other in turn; whoever gets no answer asks again. */
export function requestInTurn(urls: string[], apiKey: string, answers: Answers): TestAccount['request'] {
  let sent = 0
  return async (method, path, body, headers = {}) => {
    const url = urls[sent++ % urls.length]
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        'X-Api-Key': apiKey,
        ...(typeof body === 'object' ? { 'Content-Type': 'application/json' } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    }).catch((error: unknown) => {
      answers.unanswered++
      throw error
    })
    note(answers, `${method} ${path}`, response)
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('/json') ?? false
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined }
  }
}

function note(answers: Answers, what: string, { status, headers }: Response): void {
  if (status === 503) {
    answers.unavailable++
    if (!headers.has('retry-after')) answers.wrong.push(`${what} was answered 503 without Retry-After`)
  } else if (status >= 500) answers.wrong.push(`${what} was answered ${status}`)
}

/** Asks until there is an answer of the kind. */
export async function askUntil(
  ask: () => Promise<TestAnswer>,
  isRight: (answer: TestAnswer) => boolean,
  withinMs: number,
): Promise<TestAnswer> {
  for (const deadline = Date.now() + withinMs; ;) {
    const answer = await ask().catch(() => undefined)
    if (answer && isRight(answer)) return answer
    if (Date.now() > deadline) throw new Error(`No such answer came; the last was ${answer?.status} ${answer?.text}`)
    await wait(100)
  }
}
