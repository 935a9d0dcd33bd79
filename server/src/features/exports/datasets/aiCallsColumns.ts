import type { ColumnDescription } from './dataset.ts'

/** What the fixed columns of the AI Calls report mean, in the order of the published table. */
export const aiCallsColumns: readonly ColumnDescription[] = [
  { name: 'Estado', type: 'text', description: 'Status of the evaluation; Not Evaluated without one.' },
  { name: 'Fecha', type: 'localTime', description: 'End of the call in the time zone that was asked for.' },
  { name: 'Teléfono', type: 'id', description: "The customer's number or address." },
  { name: 'CallId', type: 'id', description: "The call's id." },
  { name: 'Identidad', type: 'id', description: "The customer's identity, e.g. a tax id." },
  { name: 'Versión IA', type: 'text', description: 'Version of the bot flow.' },
  { name: 'Resultado', type: 'text', description: 'What came of the call.' },
  { name: 'Duración (s)', type: 'number', description: 'Conversation seconds.' },
  { name: 'Nota', type: 'number', description: 'Score of the evaluation, 0 to 10.' },
  { name: 'Tipificación', type: 'text', description: 'Category, reason and sub-reason of the evaluation.' },
  { name: 'Confianza', type: 'number', description: 'Confidence of the typification in percent.' },
  { name: 'Campaña', type: 'text', description: "The campaign's name, its id until the campaign is known." },
  { name: 'Transferencia', type: 'text', description: 'Function that triggered a transfer.' },
  { name: 'EPA Encuesta', type: 'text', description: 'Whether the survey was answered: Sí or No.' },
  { name: 'EPA Puntaje', type: 'number', description: 'Score of the survey.' },
  { name: 'EPA Resultado', type: 'text', description: 'Why the survey ended.' },
  { name: 'EPA Preguntas', type: 'text', description: 'Questions answered / asked.' },
  { name: 'EPA Completitud', type: 'number', description: 'The same in percent.' },
]
