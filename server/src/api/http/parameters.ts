import { z } from 'zod'
import { splitList } from './queryText.ts'
import { storableText } from './storableText.ts'

/** The largest number of values in a list. */
const maxValues = 1000

/** The fault for a value of a wrong type; undefined for a missing value, which has a default text. */
export function wanted(right: string) {
  return ({ input }: { input?: unknown }): string | undefined => {
    if (input === undefined) return undefined
    return Array.isArray(input) ? `must be ${right}, given once` : `must be ${right}`
  }
}

/** Many clients send an empty text or null for an absent value. */
function absentIfEmpty(given: unknown): unknown {
  return given === '' || given === null ? undefined : given
}

/** An optional value; an empty one counts as absent. */
export function optional<Type extends z.ZodType>(type: Type) {
  return z.preprocess(absentIfEmpty, type.optional())
}

/** An optional value with a default; an empty one counts as absent. */
export function withDefault<Type extends z.ZodType>(type: Type, fallback: z.util.NoUndefined<z.output<Type>>) {
  return z.preprocess(absentIfEmpty, type.default(fallback))
}

/** One of several words, in any capitals. */
export function oneOf<const Values extends readonly string[]>(values: Values) {
  return z.preprocess(
    (given) => wordOf(values, given),
    z.enum(values, { error: wanted(`one of ${values.join(', ')}`) }),
  )
}

function wordOf(words: readonly string[], given: unknown): unknown {
  if (typeof given !== 'string') return given
  return words.find((word) => word.toLowerCase() === given.trim().toLowerCase()) ?? given
}

/** true or false, in any capitals. */
export const flag = oneOf(['true', 'false']).transform((word) => word === 'true')

/** A whole number in decimal digits: neither `1e1` nor `0x10` is one here. */
export function wholeNumber(min: number, max: number) {
  const right =
    max < Number.MAX_SAFE_INTEGER ? `a whole number from ${min} to ${max}` : `a whole number, ${min} or more`
  return numberOf(/^-?\d{1,16}$/, z.int({ error: wanted(right) }), { min, max, right })
}

/** A decimal number such as 2.5. */
export function decimal(min: number, max: number) {
  const right = `a number from ${min} to ${max}`
  return numberOf(/^-?\d{1,16}(?:\.\d{1,9})?$/, z.number({ error: wanted(right) }), { min, max, right })
}

function numberOf(form: RegExp, type: z.ZodNumber, bounds: { min: number; max: number; right: string }) {
  const error = `must be ${bounds.right}`
  return z.preprocess(
    (given) => (typeof given === 'string' && form.test(given) ? Number(given) : given),
    type.min(bounds.min, { error }).max(bounds.max, { error }),
  )
}

/** A text as it is, given once. */
export function text(min: number, max: number) {
  const right = min === 0 ? `a text of at most ${max} characters` : `a text of ${min} to ${max} characters`
  return z
    .string({ error: wanted(right) })
    .min(min, { error: `must be ${right}` })
    .max(max, { error: `must be ${right}` })
    .pipe(storableText)
}

/** Any text that can be stored. */
export const anyText = z.string({ error: wanted('a text') }).pipe(storableText)

/**
 * The values of a parameter of a query: repeated, joined by commas (see `splitList`), or both. Without one, an empty list.
 */
export function listOf<Value>(entry: z.ZodType<Value>, max = maxValues) {
  return z
    .preprocess(absentIfEmpty, z.union([z.string(), z.array(z.string())]).default([]))
    .transform((given, context) => valuesOf([given].flat().flatMap(splitList), entry, max, context))
}

/** The same in a JSON body: a text with values joined by commas, or a list, whose entries are values as they are. */
export function bodyListOf<Value>(entry: z.ZodType<Value>, max = maxValues) {
  return z
    .preprocess(
      absentIfEmpty,
      z
        .union(
          [z.string(), z.array(z.string()).min(1, { error: 'must not be an empty list; leave it out for no filter' })],
          {
            error: 'must be a text, or a list of texts',
          },
        )
        .optional(),
    )
    .transform((given, context) => valuesOf(Array.isArray(given) ? given : splitList(given ?? ''), entry, max, context))
}

function valuesOf<Value>(texts: string[], entry: z.ZodType<Value>, max: number, context: z.RefinementCtx): Value[] {
  if (texts.includes('')) context.addIssue({ code: 'custom', message: 'must hold no empty value between commas' })
  if (texts.length > max) context.addIssue({ code: 'custom', message: `must be at most ${max} values` })
  const values: Value[] = []
  for (const text of texts) {
    const read = entry.safeParse(text)
    if (!read.success) {
      // One fault says what would be right for all.
      context.addIssue({ code: 'custom', message: read.error.issues[0]?.message ?? 'does not fit' })
      break
    }
    values.push(read.data)
  }
  return values
}
