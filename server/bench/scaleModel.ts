import type { Figure } from './measure.ts'
import type { Rows, Setup } from './scale.ts'
export function figuresOfModel(_clusters: Setup[], _rows: Rows): Figure[] {
  return []
}
