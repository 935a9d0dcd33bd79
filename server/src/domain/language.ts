// A locale of POSIX: language, territory, perhaps an encoding.
const posixForm = /^([A-Za-z]{2,3})_([A-Za-z0-9]{2,8})(?:[.@].*)?$/

/** Converts POSIX locales such as `es_CL` and `es_CL.UTF-8` to BCP 47 (`es-CL`); other texts stay unchanged. */
export function languageTag(text: string): string {
  return text.replace(posixForm, '$1-$2')
}
