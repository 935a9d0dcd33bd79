import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react'
import { formats, type Formats } from './formats.ts'
import { en, type MessageKey } from './en.ts'
import { es } from './es.ts'

export const languages = { en: 'English', es: 'Español' } as const

export type Language = keyof typeof languages

const catalogues: Record<Language, Record<MessageKey, string>> = { en, es }
const storageKey = 'earshot.language'

type Values = Record<string, string | number>

/** The stems of texts that depend on a count. */
type CountKey = MessageKey extends infer Key ? (Key extends `${infer Stem}.other` ? Stem : never) : never

export interface I18n {
  language: Language
  setLanguage: (language: Language) => void
  /** The text of a key, with `{name}` filled in. */
  t: (key: MessageKey, values?: Values) => string
  /** The text for a count, which is filled in as `{count}`. */
  count: (stem: CountKey, count: number, values?: Values) => string
  /** The text of a word that a sender chose: ours when we know it, else the word itself. */
  word: (group: string, word: string) => string
  format: Formats
}

const Context = createContext<I18n | undefined>(undefined)

/** The texts and formats of the chosen language; times are shown in `timezone` (default: the browser's). */
export function I18nProvider({ timezone, children }: { timezone?: string; children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(initialLanguage)
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  const value = useMemo(
    () =>
      makeI18n(language, timezone, (chosen) => {
        localStorage.setItem(storageKey, chosen)
        setLanguage(chosen)
      }),
    [language, timezone],
  )
  return <Context value={value}>{children}</Context>
}

export function useI18n(): I18n {
  const i18n = useContext(Context)
  if (!i18n) throw new Error('There is no I18nProvider above.')
  return i18n
}

/** What was chosen here before, else the first of the browser's languages that there is. */
function initialLanguage(): Language {
  const wanted = [localStorage.getItem(storageKey) ?? '', ...navigator.languages].map((tag) => tag.slice(0, 2))
  return wanted.find((tag): tag is Language => tag in catalogues) ?? 'en'
}

function makeI18n(language: Language, timezone: string | undefined, setLanguage: (chosen: Language) => void): I18n {
  const catalogue = catalogues[language]
  const format = formats(language, timezone)
  const plural = new Intl.PluralRules(language)
  const t = (key: MessageKey, values: Values = {}) => fill(catalogue[key], values)
  return {
    language,
    setLanguage,
    t,
    count(stem, count, values = {}) {
      const form = plural.select(count) === 'one' ? 'one' : 'other'
      return t(`${stem}.${form}`, { count: format.integer(count), ...values })
    },
    word(group, word) {
      const key = `${group}.${word}`
      return isKey(key) ? catalogue[key] : word
    },
    format,
  }
}

function isKey(text: string): text is MessageKey {
  return text in en
}

function fill(text: string, values: Values): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}
