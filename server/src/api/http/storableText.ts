import { z } from 'zod'

/** A text that the control database can hold: any but one with a null character or half of a surrogate pair. */
export const storableText = z
  .string()
  .refine((text) => text.isWellFormed() && !text.includes('\0'), { error: 'must hold no broken or null characters' })
