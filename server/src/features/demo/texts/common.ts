import { common as english } from './english/common.ts'
import type { CommonScript, Language } from './script.ts'
import { common as spanish } from './spanish/common.ts'

export const commonScripts: Record<Language, CommonScript> = { spanish, english }
