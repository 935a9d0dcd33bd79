/**
 * What runs in the page beside the console. For the last click or key press it tells, in milliseconds: how long the
 * browser itself took to show the next frame (Event Timing, the longest of all since `reset`), when the page first
 * showed a change, when it first said that it waits, and when everything that was asked for was shown.
 */
export const probe = `(() => {
  const probe = { interaction: 0, changed: 0, pending: 0, settled: 0, requests: 0, wanted: '' }
  let began = 0
  let open = 0
  let isChanging = false
  const sinceThen = () => performance.now() - began
  // A message runs once the frame that was asked for is painted.
  const afterPaint = (done) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = done
    port2.postMessage(0)
  })
  const begin = (event) => {
    // A label's click makes a second one, on its field.
    if (event.type === 'click' && event.timeStamp - began < 5) return
    began = event.timeStamp
    Object.assign(probe, { changed: 0, pending: 0, settled: 0, requests: 0 })
    isChanging = false
  }
  addEventListener('click', begin, { capture: true })
  addEventListener('keydown', begin, { capture: true })
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.interactionId) probe.interaction = Math.max(probe.interaction, entry.duration)
    }
  }).observe({ type: 'event', durationThreshold: 16 })
  const { fetch } = window
  window.fetch = (...given) => {
    probe.requests++
    open++
    const asked = fetch(...given)
    // The body is read after the answer has begun; a copy tells when it is there.
    asked.then((answer) => answer.clone().text()).catch(() => {}).finally(() => open--)
    return asked
  }
  const waits = () => document.querySelector('[aria-busy=true], .mantine-Skeleton-root') !== null
    || (probe.wanted !== '' && document.querySelector(probe.wanted) === null)
  const look = () => {
    const isWaiting = waits()
    if (isWaiting && probe.pending === 0) probe.pending = sinceThen()
    if (!isWaiting && open === 0 && probe.requests > 0 && probe.settled === 0) {
      afterPaint(() => { if (!waits() && open === 0) probe.settled ||= sinceThen() })
    }
    requestAnimationFrame(look)
  }
  addEventListener('DOMContentLoaded', () => {
    look()
    new MutationObserver(() => {
      if (isChanging || began === 0) return
      isChanging = true
      afterPaint(() => { probe.changed = sinceThen() })
    }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true })
  })
  window.earshotProbe = probe
})()`

/** What the probe knows, and what it is asked. */
export interface Seen {
  interaction: number
  changed: number
  pending: number
  settled: number
}

export const readProbe = '({ ...earshotProbe })'
/** Makes ready for what comes; `wanted` selects what must be on the page before all is shown. */
export const makeReady = (wanted: string): string =>
  `void Object.assign(earshotProbe, { interaction: 0, changed: 0, settled: 0, wanted: ${JSON.stringify(wanted)} })`
export const isSettled = 'earshotProbe.settled > 0'
export const isChanged = 'earshotProbe.changed > 0'
