const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** The content of every element of a name, as it stands in the document; elements of one name do not nest in S3's answers. */
export function elementsOf(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([^]*?)</${name}>`, 'g'))].map(
    ([, content = '']) => content,
  )
}

/** The text of the first element of a name; empty when there is none. */
export function textOf(xml: string, name: string): string {
  const [content = ''] = elementsOf(xml, name)
  return content.replaceAll(
    /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex?: string, decimal?: string, word = '') => {
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
      return decimal === undefined ? (entities[word] ?? whole) : String.fromCodePoint(Number(decimal))
    },
  )
}
