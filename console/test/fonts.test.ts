import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshPage, hasBrowser, openBrowser } from './browser.ts'

/** What the page measures and draws of a text: its width in pixels, and its picture as a data URL. */
interface Drawn {
  width: number
  picture: string
}

/** In the page: draws a text. The picture tells a glyph from a missing one. */
const drawing = `(text) => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 300, height: 60 })
  const drawn = canvas.getContext('2d')
  drawn.font = '32px sans-serif'
  drawn.fillText(text, 10, 40)
  return { width: drawn.measureText(text).width, picture: canvas.toDataURL() }
}`

describe.skipIf(!hasBrowser)('the fonts of the browser', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await openBrowser()
  })

  afterAll(() => browser?.close())

  test.each([
    ['Latin', 'a', 'ñ'],
    ['Arabic', 'ع', 'م'],
    ['Hebrew', 'ש', 'ל'],
    ['Devanagari', 'न', 'म'],
    ['Chinese', '你', '好'],
    ['emoji', '📞', '🙂'],
  ])('%s has a width and shapes of its own', async (_, one, other) => {
    const { page, close } = await freshPage(browser, { locale: 'en-US' })
    const draw = (text: string) => page.evaluate<Drawn>(`(${drawing})(${JSON.stringify(text)})`)
    const [first, second, missing] = [await draw(one), await draw(other), await draw('\u{12000}')]
    expect(first.width).toBeGreaterThan(0)
    expect(second.width).toBeGreaterThan(0)
    expect(new Set([first, second, missing].map(({ picture }) => picture)).size).toBe(3)
    await close()
  })

  test('text on a page has a width', async () => {
    const { page, close } = await freshPage(browser, { locale: 'en-US' })
    await page.setContent('<span>Calls</span>')
    const box = await page.locator('span').boundingBox()
    expect(box?.width).toBeGreaterThan(0)
    await close()
  })
})
