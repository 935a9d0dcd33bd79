// The first that fits counts: most browsers name the others, too.
const browsers: [string, RegExp][] = [
  ['Edge', /\bEdg/],
  ['Opera', /\bOPR\//],
  ['Firefox', /\bFirefox\//],
  ['Chrome', /Chrome\//],
  ['Safari', /\bSafari\//],
]
const systems: [string, RegExp][] = [
  ['Windows', /Windows/],
  ['Android', /Android/],
  ['iOS', /iPhone|iPad/],
  ['macOS', /Mac OS X/],
  ['Linux', /Linux/],
]

/** A browser and its system by what it calls itself, such as "Firefox, Windows"; otherwise its own words. */
export function browserName(userAgent: string): string {
  const names = [browsers, systems].map((known) => known.find(([, form]) => form.test(userAgent))?.[0])
  return names.some((name) => name !== undefined) ? names.filter((name) => name !== undefined).join(', ') : userAgent
}
