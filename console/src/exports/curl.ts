import type { ExportBody } from './exportsApi.ts'

const key = '-H "X-Api-Key: $EARSHOT_API_KEY"'

/** The command that starts an export. */
export function startCommand(origin: string, body: ExportBody): string {
  // Escapes a quote inside shell quotes.
  const text = JSON.stringify(body).replaceAll("'", String.raw`'\''`)
  return `curl ${origin}/v1/exports \\\n  ${key} \\\n  -H "Content-Type: application/json" \\\n  -d '${text}'`
}

/** The command that asks for the state of an export. */
export function stateCommand(origin: string, exportId: string): string {
  return `curl ${origin}/v1/exports/${exportId} ${key}`
}
