import type { TestAccount } from './testApp.ts'

/** An export as the dataset API shows it. */
export interface ShownExport {
  exportId: string
  status: string
  downloadUrls: Record<string, string>
  error: string | null
}

type Sender = Pick<TestAccount, 'request'>

/** Starts a dataset export and asks after it until it has ended. */
export async function exportDatasets(account: Sender, query: Record<string, string>): Promise<ShownExport> {
  const started = await account.request('POST', `/api/v1/export?${new URLSearchParams(query).toString()}`)
  if (started.status !== 200) throw new Error(`The export was not started: ${started.text}`)
  for (;;) {
    const answer = await account.request('GET', `/${started.json.statusUrl}`)
    if (answer.json.status !== 'PROCESSING') return answer.json
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** The text of a file of an export. */
export async function fileOf({ downloadUrls, error }: ShownExport, dataset: string): Promise<string> {
  const answer = await fetch(downloadUrls[dataset] ?? '')
  if (answer.status !== 200) throw new Error(`The file of ${dataset} cannot be read (${error}): ${answer.status}`)
  return answer.text()
}
