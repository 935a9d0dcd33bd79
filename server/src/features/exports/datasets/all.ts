import { aiCalls } from './aiCalls.ts'
import type { Dataset } from './dataset.ts'

const datasets: readonly Dataset[] = [aiCalls]

const byName = new Map(datasets.map((dataset) => [dataset.name, dataset]))

/** The dataset of that name. Names come from our own surfaces, so an unknown one is a mistake there. */
export function datasetOf(name: string): Dataset {
  const dataset = byName.get(name)
  if (!dataset) throw new Error(`There is no dataset ${name}.`)
  return dataset
}
