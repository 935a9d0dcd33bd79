import { agent } from './agent.ts'
import { aiCalls } from './aiCalls.ts'
import { analytics } from './analytics.ts'
import { calls } from './calls.ts'
import { customer } from './customer.ts'
import type { Dataset } from './dataset.ts'
import { engagement } from './engagement.ts'
import { review } from './review.ts'
import { turn } from './turn.ts'

/** The files of the dataset exports, in the order in which they are listed. */
export const windowDatasets: readonly Dataset[] = [engagement, customer, turn, review, agent]

/** Every kind of rows that can be exported by its name; analytics have questions of their own, and a surface for them. */
export const datasets: readonly Dataset[] = [aiCalls, calls, ...windowDatasets]

const byName = new Map([...datasets, analytics].map((dataset) => [dataset.name, dataset]))

/** The dataset of that name. Names come from our own surfaces, so an unknown one is a mistake there. */
export function datasetOf(name: string): Dataset {
  const dataset = byName.get(name)
  if (!dataset) throw new Error(`There is no dataset ${name}.`)
  return dataset
}
