import { RecordsModel } from './recordsModel.ts'

/** What must be there when each sender has its part, under keys of its own. */
export function joinModels(models: readonly RecordsModel[]): RecordsModel {
  const whole = new RecordsModel()
  for (const model of models) {
    whole.lastSeq += model.lastSeq
    whole.lastNumber += model.lastNumber
    for (const [place, record] of model.records) whole.records.set(place, record)
  }
  return whole
}
