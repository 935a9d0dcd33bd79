import { z } from 'zod'

/** A text that PostgreSQL can store: without null characters and unpaired surrogates. */
export const storableText = z
  .string()
  .refine((text) => text.isWellFormed() && !text.includes('\0'), { error: 'must hold no broken or null characters' })
