import { z } from 'zod'
import { localTimeExpression, offsetTransitions, periodOfDays, type Period } from '../../../domain/period.ts'
import type { ClickHouseView } from '../../../store/clickhouse/clickhouse.ts'
import type { Column } from '../formats/columns.ts'
import { csvFormat } from '../formats/csv.ts'
import { xlsxFormat } from '../formats/xlsx.ts'
import { aiCallsColumns } from './aiCallsColumns.ts'
import { callFilters } from './callFilters.ts'
import { selectAiCalls } from './aiCallsSelection.ts'
import { ExportRefusal, type Dataset, type Plan } from './dataset.ts'

/** What an export of this dataset is asked with: whole local days of a time zone, both ends included, and filters. */
const aiCallsParameters = callFilters.extend({
  dateFrom: z.string(),
  dateTo: z.string(),
  timezone: z.string(),
})

type AiCallsParameters = z.output<typeof aiCallsParameters>

const questionPrefix = 'EPA_'

/** The AI Calls report: the newest ended calls of a period with evaluation, survey and campaign, one row a call. */
export const aiCalls: Dataset = {
  name: 'ai-calls',
  description: 'The newest ended calls of a period with evaluation, survey and campaign, one row a call.',
  columns: aiCallsColumns,
  openColumns: {
    prefix: questionPrefix,
    description: 'The answer to the question after the prefix; one column a question.',
  },
  rowLimit: 50_000,
  formats: {
    csv: csvFormat({ byteOrderMark: true, neutraliseFormulas: true }),
    xlsx: xlsxFormat({ sheetName: 'AI Calls' }),
  },
  plan: (given) => planAiCalls(aiCallsParameters.parse(given)),
}

function planAiCalls(parameters: AiCallsParameters): Plan {
  const { dateFrom, dateTo, timezone } = parameters
  const period = periodOfDays(dateFrom, dateTo, timezone)
  return {
    fileName: `ai-calls_${dateFrom}_${dateTo}_${timezone.replaceAll('/', '-')}`,
    tables: ['calls', 'campaigns'],
    select: (bounds) => selectAiCalls(bounds, period, parameters),
    async columns(view, selectionTable, wanted) {
      const questions = wanted ? questionsOf(wanted) : await readQuestions(view, selectionTable)
      const answers = questions.map(answerColumn)
      const areSpread = !wanted && questions.length >= spreadFrom
      return [...fixedColumns(period), ...(areSpread ? spreadColumns(answers, selectionTable) : answers)]
    },
  }
}

// Excel's 16,384 columns without the fixed ones.
const maxQuestions = 16_366

async function readQuestions(view: Pick<ClickHouseView, 'rows'>, selectionTable: string): Promise<string[]> {
  // The engine compares bytes, which in UTF-8 is the order of code points.
  const rows = await view.rows<{ question: string }>(`
    SELECT DISTINCT arrayJoin(questions) AS question
    FROM ${selectionTable}
    ORDER BY question
    LIMIT ${maxQuestions + 1}`)
  if (rows.length > maxQuestions) {
    throw new ExportRefusal(
      `The calls of this export have more than ${maxQuestions} different survey questions, which is more than a ` +
        'spreadsheet has columns; choose a shorter period or one campaign.',
    )
  }
  return rows.map((row) => row.question)
}

/** The columns that every file has, in the order of the published table. */
function fixedColumns(period: Period): Column[] {
  const transitions = offsetTransitions(period.zone, period.fromMs, period.toMs)
  // An endpoint is what its sender says, a number or not: as an id it is checked for formulas, which phones pass.
  return [
    { header: 'Estado', type: 'text', sql: evaluationStatus, width: 14 },
    { header: 'Fecha', type: 'localTime', sql: localTimeExpression('ended_at', transitions) },
    { header: 'Teléfono', type: 'id', sql: 'external_endpoint', width: 16 },
    { header: 'CallId', type: 'id', sql: 'id' },
    { header: 'Identidad', type: 'id', sql: 'identity', width: 16 },
    { header: 'Versión IA', type: 'text', sql: 'flow_version', width: 14 },
    { header: 'Resultado', type: 'text', sql: 'outcome', width: 16 },
    { header: 'Duración (s)', type: 'number', sql: 'duration_seconds' },
    { header: 'Nota', type: 'number', sql: 'evaluation_score', width: 8 },
    { header: 'Tipificación', type: 'text', sql: 'classification', width: 48 },
    { header: 'Confianza', type: 'number', sql: 'evaluation_confidence' },
    { header: 'Campaña', type: 'text', sql: 'campaign_name' },
    { header: 'Transferencia', type: 'text', sql: 'transfer_function' },
    { header: 'EPA Encuesta', type: 'text', sql: surveyRan, width: 14 },
    { header: 'EPA Puntaje', type: 'number', sql: 'survey_score' },
    { header: 'EPA Resultado', type: 'text', sql: 'survey_completion_reason', width: 16 },
    { header: 'EPA Preguntas', type: 'text', sql: surveyQuestions, width: 14 },
    { header: 'EPA Completitud', type: 'number', sql: surveyCompleteness, width: 16 },
  ]
}

const evaluationStatus = `transform(
    evaluation_status,
    ['evaluated', 'notEvaluated', 'pending', 'processing', 'failed'],
    ['Evaluated', 'Not Evaluated', 'Pending', 'Processing', 'Failed'],
    evaluation_status
  )`

const surveyRan = `if(
    has_survey AND if(survey_state = '', answered_questions > 0, survey_state IN ('Completed', 'Partial')),
    'Sí',
    'No'
  )`

const surveyQuestions = "if(has_survey, concat(toString(answered_questions), ' / ', toString(total_questions)), '')"

// In whole numbers, so that a half is rounded up whatever the fraction's binary form.
const surveyCompleteness = `if(
    has_survey AND total_questions > 0,
    intDiv(2000 * answered_questions + total_questions, 2 * total_questions) / 10,
    NULL
  )`

/** The questions of the columns that are wanted. */
function questionsOf(wanted: readonly string[]): string[] {
  return wanted
    .filter((header) => header.startsWith(questionPrefix))
    .map((header) => header.slice(questionPrefix.length))
}

/** The text of a question reaches the statement as hexadecimal digits only. */
function answerColumn(question: string): Column {
  return {
    header: `${questionPrefix}${question}`,
    type: 'text',
    sql: `answers[indexOf(questions, unhex('${Buffer.from(question).toString('hex')}'))]`,
  }
}

/** From so many questions on their columns are made together: looking for each in each row takes the square of them. */
const spreadFrom = 1000

/** The columns of every question of the selection: each row's answers are sorted in among empty ones for all of them. */
function spreadColumns(answers: Column[], selectionTable: string): Column[] {
  const questions = `(
    SELECT groupArray(question)
    FROM (
      SELECT DISTINCT toString(arrayJoin(questions)) AS question
      FROM ${selectionTable}
      ORDER BY question
    )
  )`
  const spread = `arrayMap(
    entry -> entry.3,
    arrayFilter(
      (entry, before) -> entry.1 != before.1,
      arraySort(
        arrayConcat(
          arrayMap(
            (question, answer) -> (transform(toString(question), ${questions}, range(1, ${answers.length + 1}), 0), 0, answer),
            questions,
            answers
          ),
          arrayMap(place -> (place, 1, ''), range(1, ${answers.length + 1}))
        )
      ) AS sorted,
      arrayPushFront(arrayPopBack(sorted), (0, 0, ''))
    )
  )`
  return answers.map((column) => ({ ...column, spread }))
}
