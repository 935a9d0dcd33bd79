/** How a field's value is checked and kept. Limits are those of the ingestion contract. */
export type FieldType =
  | { kind: 'id' }
  /** `isLanguage`: a tag of BCP 47. */
  | { kind: 'string'; maxLength: number; isLanguage?: true }
  | { kind: 'oneOf'; values: readonly string[] }
  | { kind: 'number'; min: number; max: number; integer?: boolean }
  | { kind: 'boolean' }
  /** An instant: RFC 3339 outside, milliseconds since 1970 inside. */
  | { kind: 'time' }
  | { kind: 'strings' }
  | { kind: 'integers' }
  /** A list of objects with fixed entries, each of which may be null unless it is required. */
  | { kind: 'objects'; entries: Readonly<Record<string, FieldType & { required?: boolean }>> }
  /** Free pairs of a name and a string or number, merged by name. */
  | { kind: 'attributes' }

/** One field of a record: its name in JSON, its column, its type, and what it means. */
export interface Field {
  name: string
  column: string
  type: FieldType
  required: boolean
  /** Set by the program alone; senders cannot write it. */
  assigned?: boolean
  description: string
}

export const id = { kind: 'id' } as const
/** A name, a code, an address: up to 256 characters. */
export const string = { kind: 'string', maxLength: 256 } as const
/** A tag of BCP 47, such as es-CL. */
export const language = { ...string, isLanguage: true } as const
/** Free text: up to 64 KiB. */
export const text = { kind: 'string', maxLength: 65_536 } as const
export const boolean = { kind: 'boolean' } as const
export const time = { kind: 'time' } as const
/**
 * Numbers are bounded so that each is stored exactly, and neither an exponent nor a large sum breaks a reader. Integers
 * are bounded to the range that every JSON reader supports.
 */
export const integer = {
  kind: 'number',
  integer: true,
  min: Number.MIN_SAFE_INTEGER,
  max: Number.MAX_SAFE_INTEGER,
} as const
/** A measure in a unit that the sender chooses: a score, a cost, a frequency. */
export const number = { kind: 'number', min: -1e15, max: 1e15 } as const
/** A count, or a position in a sequence. */
export const count = { kind: 'number', integer: true, min: 0, max: 1e9 } as const
/** A duration: up to a thousand million seconds, which is 31 years. */
export const seconds = { kind: 'number', min: 0, max: 1e9 } as const
export const milliseconds = { kind: 'number', min: 0, max: 1e12 } as const
/** A time offset from a start, positive or negative. */
export const offsetMs = { kind: 'number', min: -1e12, max: 1e12 } as const
export const strings = { kind: 'strings' } as const
export const integers = { kind: 'integers' } as const
export const attributes = { kind: 'attributes' } as const

export function oneOf(...values: string[]): FieldType {
  return { kind: 'oneOf', values }
}

export function between(min: number, max: number): FieldType {
  return { kind: 'number', min, max }
}

export function objects(entries: Readonly<Record<string, FieldType & { required?: boolean }>>): FieldType {
  return { kind: 'objects', entries }
}

/** A field that is needed when its record is first written. */
export function required(name: string, type: FieldType, description: string): Field {
  return { name, column: columnOf(name), type, required: true, description }
}

export function field(name: string, type: FieldType, description: string): Field {
  return { name, column: columnOf(name), type, required: false, description }
}

/** A field that the program sets and senders cannot write. */
export function assigned(name: string, type: FieldType, description: string): Field {
  return { ...field(name, type, description), assigned: true }
}

/** Several optional fields of one type with self-explanatory names. */
export function fields(type: FieldType, names: string, describe: (name: string) => string): Field[] {
  return names.split(' ').map((name) => field(name, type, describe(name)))
}

/** `startedAt` → `started_at`, `attribute01` → `attribute_01`. */
function columnOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/(\d\d)$/, '_$1')
}

/** `waitForCustomerTime` → `wait for customer time`. */
export function wordsOf(name: string): string {
  return columnOf(name).replaceAll('_', ' ')
}
