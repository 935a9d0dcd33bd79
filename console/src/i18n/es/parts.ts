import type { partsTexts } from '../en/parts.ts'

/** Textos que comparten varias páginas. */
export const partsTextsEs: Record<keyof typeof partsTexts, string> = {
  'parts.back': 'Volver',
  'parts.copy': 'Copiar',
  'parts.copyOf': 'Copiar: {name}',
  'parts.copied': 'Copiado',
  'parts.selected': 'Seleccionado; cópielo con el teclado',
  'parts.done': 'Listo',
  'parts.needsTitle': 'Su rol no incluye esta página',
  'parts.needsHelp': 'Hace falta el permiso {scope}. Pídalo a un administrador de la cuenta.',
  'parts.more': 'Mostrar más',
  'parts.all': 'Todas',
  'parts.until': 'hasta {time}',
  'parts.curl': 'Lo mismo con curl',
  'live.live': 'Al día',
  'live.liveHelp': 'Lo que se muestra se actualiza solo',
  'live.broken': 'Reconectando…',
  'live.brokenHelp': 'La conexión con el servidor está interrumpida; lo que se muestra puede no estar al día',
  'live.connectingHelp': 'Conectando',
}
