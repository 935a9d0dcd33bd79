// A locale of POSIX: language, territory, perhaps an encoding.
const posixForm = /^([A-Za-z]{2,3})_([A-Za-z0-9]{2,8})(?:[.@].*)?$/

/** A language as BCP 47 writes it: `es_CL` and `es_CL.UTF-8`, as operating systems name it, mean `es-CL`. Others stay as they are. */
export function languageTag(text: string): string {
  return text.replace(posixForm, '$1-$2')
}
