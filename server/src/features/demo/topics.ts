import type { CampaignKey } from './company.ts'
import * as englishBilling from './texts/english/billing.ts'
import * as englishCollections from './texts/english/collections.ts'
import * as englishRetention from './texts/english/retention.ts'
import * as englishSales from './texts/english/sales.ts'
import * as englishSupport from './texts/english/support.ts'
import * as englishVisits from './texts/english/visits.ts'
import type { Language, TopicScript } from './texts/script.ts'
import * as spanishBilling from './texts/spanish/billing.ts'
import * as spanishCollections from './texts/spanish/collections.ts'
import * as spanishOutage from './texts/spanish/outage.ts'
import * as spanishRetention from './texts/spanish/retention.ts'
import * as spanishSales from './texts/spanish/sales.ts'
import * as spanishSupport from './texts/spanish/support.ts'
import * as spanishVisits from './texts/spanish/visits.ts'

/** What a call is about: how it is classified, and what is said. */
export interface Topic {
  campaign: CampaignKey
  /** How often within the campaign. */
  weight: number
  category: string
  reason: string
  subReasons: readonly string[]
  keywords: readonly string[]
  phrases: readonly string[]
  tools: readonly string[]
  transferFunction: string
  /** The outcome where the call reaches its aim, or does not; `completed` unless said. */
  solvedOutcome?: string
  unsolvedOutcome?: string
  /** Whether a solved call leaves a ticket too. */
  hasTicket: boolean
  scripts: Record<Language, TopicScript>
}

const same = { weight: 1, hasTicket: false }

export const topics: readonly Topic[] = [
  {
    ...same,
    campaign: 'support',
    weight: 4,
    category: 'Soporte técnico',
    reason: 'Sin servicio de internet',
    subReasons: ['Módem con luz roja', 'Fibra desconectada', 'Equipo sin señal'],
    keywords: ['sin internet', 'módem', 'luz roja', 'reinicio'],
    phrases: ['no tengo internet', 'luz roja', 'visita técnica', 'trabajo desde la casa', 'reiniciar el módem'],
    tools: ['consultarCuenta', 'diagnosticarLinea', 'reiniciarEquipo'],
    transferFunction: 'transferir_soporte_nivel2',
    scripts: { spanish: spanishSupport.noInternet, english: englishSupport.noInternet },
  },
  {
    ...same,
    campaign: 'support',
    weight: 3,
    category: 'Soporte técnico',
    reason: 'Internet lento',
    subReasons: ['Canal wifi saturado', 'Módem antiguo', 'Muchos equipos conectados'],
    keywords: ['velocidad', 'wifi', 'lento', 'medición'],
    phrases: ['está muy lento', 'videollamadas', 'megas contratados', 'cambiar el canal', 'por wifi'],
    tools: ['consultarCuenta', 'medirVelocidad', 'cambiarCanalWifi'],
    transferFunction: 'transferir_soporte_nivel2',
    scripts: { spanish: spanishSupport.slowInternet, english: englishSupport.slowInternet },
  },
  {
    ...same,
    campaign: 'support',
    weight: 2,
    category: 'Soporte técnico',
    reason: 'Falla de televisión',
    subReasons: ['Decodificador sin imagen', 'Canales no disponibles', 'Actualización pendiente'],
    keywords: ['decodificador', 'canales', 'HDMI', 'televisión'],
    phrases: ['pantalla en negro', 'se queda pegada', 'decodificador', 'no puedo ver la tele'],
    tools: ['consultarCuenta', 'reiniciarDecodificador'],
    transferFunction: 'transferir_soporte_tv',
    scripts: { spanish: spanishSupport.television, english: englishSupport.television },
  },
  {
    ...same,
    campaign: 'billing',
    weight: 3,
    category: 'Facturación',
    reason: 'Cobro no reconocido',
    subReasons: ['Adicional no contratado', 'Cobro duplicado', 'Activación desde el control remoto'],
    keywords: ['cobro', 'boleta', 'devolución', 'reclamo'],
    phrases: ['no contraté', 'cobro de más', 'nota de crédito', 'dar de baja'],
    tools: ['consultarCuenta', 'consultarBoleta', 'emitirNotaCredito'],
    transferFunction: 'transferir_facturacion',
    hasTicket: true,
    scripts: { spanish: spanishBilling.unknownCharge, english: englishBilling.unknownCharge },
  },
  {
    ...same,
    campaign: 'billing',
    weight: 2,
    category: 'Facturación',
    reason: 'Alza de la boleta',
    subReasons: ['Término de descuento', 'Reajuste de tarifa'],
    keywords: ['alza', 'descuento', 'boleta', 'promoción'],
    phrases: ['me subió la cuenta', 'término del descuento', 'nadie me avisó', 'muy caro'],
    tools: ['consultarCuenta', 'consultarBoleta', 'aplicarDescuento'],
    transferFunction: 'transferir_facturacion',
    scripts: { spanish: spanishBilling.priceIncrease, english: englishBilling.priceIncrease },
  },
  {
    ...same,
    campaign: 'billing',
    weight: 3,
    category: 'Facturación',
    reason: 'Copia y vencimiento de boleta',
    subReasons: ['No recibió la boleta', 'Consulta de monto', 'Cambio de correo'],
    keywords: ['boleta', 'vencimiento', 'correo', 'pago'],
    phrases: ['copia de la boleta', 'cuánto debo', 'fecha de pago', 'pago automático'],
    tools: ['consultarBoleta', 'enviarCorreo'],
    transferFunction: 'transferir_facturacion',
    scripts: { spanish: spanishBilling.billCopy, english: englishBilling.billCopy },
  },
  {
    ...same,
    campaign: 'retention',
    weight: 3,
    category: 'Fidelización',
    reason: 'Solicitud de baja',
    subReasons: ['Precio', 'Oferta de la competencia', 'Ya no lo necesita'],
    keywords: ['baja', 'competencia', 'oferta', 'precio'],
    phrases: ['dar de baja', 'me voy a cambiar', 'está muy caro', 'sin permanencia'],
    tools: ['consultarCuenta', 'consultarOfertas', 'ingresarBaja'],
    transferFunction: 'transferir_fidelizacion',
    solvedOutcome: 'retained',
    unsolvedOutcome: 'cancelled',
    scripts: { spanish: spanishRetention.cancellation, english: englishRetention.cancellation },
  },
  {
    ...same,
    campaign: 'retention',
    weight: 2,
    category: 'Fidelización',
    reason: 'Traslado de domicilio',
    subReasons: ['Con factibilidad', 'Cambio de comuna'],
    keywords: ['traslado', 'cambio de casa', 'factibilidad'],
    phrases: ['cambio de casa', 'casa nueva', 'costo del traslado', 'agendar'],
    tools: ['consultarCuenta', 'consultarFactibilidad', 'agendarVisita'],
    transferFunction: 'transferir_traslados',
    hasTicket: true,
    scripts: { spanish: spanishRetention.moving, english: englishRetention.moving },
  },
  {
    ...same,
    campaign: 'collections',
    weight: 3,
    category: 'Cobranza',
    reason: 'Boleta vencida',
    subReasons: ['Olvido', 'Falta de fondos', 'Pago en proceso'],
    keywords: ['boleta', 'vencimiento', 'pago', 'compromiso'],
    phrases: ['boleta pendiente', 'fecha de pago', 'medios de pago', 'suspensión'],
    tools: ['consultarDeuda', 'registrarCompromiso', 'enviarEnlacePago'],
    transferFunction: 'transferir_cobranza',
    solvedOutcome: 'payment_promise',
    unsolvedOutcome: 'payment_refused',
    scripts: { spanish: spanishCollections.overdueBill, english: englishCollections.overdueBill },
  },
  {
    ...same,
    campaign: 'collections',
    weight: 2,
    category: 'Cobranza',
    reason: 'Convenio de pago',
    subReasons: ['Tres cuotas', 'Mora sobre 60 días'],
    keywords: ['convenio', 'cuotas', 'deuda', 'interés'],
    phrases: ['convenio de pago', 'tres cuotas', 'sin intereses', 'estoy atrasado'],
    tools: ['consultarDeuda', 'simularConvenio', 'ingresarConvenio'],
    transferFunction: 'transferir_cobranza',
    solvedOutcome: 'payment_plan',
    unsolvedOutcome: 'payment_refused',
    hasTicket: true,
    scripts: { spanish: spanishCollections.paymentPlan, english: englishCollections.paymentPlan },
  },
  {
    ...same,
    campaign: 'sales',
    weight: 3,
    category: 'Ventas',
    reason: 'Mejora de plan',
    subReasons: ['Mayor velocidad', 'Repetidor incluido', 'Precio promocional'],
    keywords: ['oferta', 'plan', 'velocidad', 'precio'],
    phrases: ['mejorar el plan', 'instalación gratis', 'sin permanencia', 'por doce meses'],
    tools: ['consultarOfertas', 'ingresarVenta', 'agendarVisita'],
    transferFunction: 'transferir_ventas',
    solvedOutcome: 'sale',
    unsolvedOutcome: 'rejected',
    scripts: { spanish: spanishSales.planUpgrade, english: englishSales.planUpgrade },
  },
  {
    ...same,
    campaign: 'sales',
    weight: 2,
    category: 'Ventas',
    reason: 'Línea móvil',
    subReasons: ['Portabilidad', 'Línea adicional'],
    keywords: ['móvil', 'gigas', 'portabilidad', 'chip'],
    phrases: ['línea móvil', 'mantener el número', 'gigas', 'despacho del chip'],
    tools: ['consultarOfertas', 'validarPortabilidad', 'ingresarVenta'],
    transferFunction: 'transferir_ventas',
    solvedOutcome: 'sale',
    unsolvedOutcome: 'rejected',
    scripts: { spanish: spanishSales.mobileLine, english: englishSales.mobileLine },
  },
  {
    ...same,
    campaign: 'visits',
    weight: 3,
    category: 'Terreno',
    reason: 'Confirmación de visita',
    subReasons: ['Instalación', 'Reparación', 'Cambio de equipo'],
    keywords: ['visita', 'técnico', 'confirmación'],
    phrases: ['visita técnica', 'va a estar en la casa', 'llegar el técnico'],
    tools: ['consultarAgenda', 'confirmarVisita'],
    transferFunction: 'transferir_agenda',
    solvedOutcome: 'confirmed',
    scripts: { spanish: spanishVisits.confirmVisit, english: englishVisits.confirmVisit },
  },
  {
    ...same,
    campaign: 'visits',
    category: 'Terreno',
    reason: 'Cambio de visita',
    subReasons: ['Cliente no disponible', 'Cambio de horario'],
    keywords: ['visita', 'reagendar', 'horario'],
    phrases: ['cambiar la visita', 'no voy a estar', 'otro día'],
    tools: ['consultarAgenda', 'reagendarVisita'],
    transferFunction: 'transferir_agenda',
    solvedOutcome: 'rescheduled',
    scripts: { spanish: spanishVisits.moveVisit, english: englishVisits.moveVisit },
  },
  {
    ...same,
    campaign: 'satisfaction',
    category: 'Satisfacción',
    reason: 'Encuesta de instalación',
    subReasons: ['Puntualidad', 'Explicación del servicio', 'Orden y limpieza'],
    keywords: ['instalación', 'técnico', 'encuesta'],
    phrases: ['llegó a la hora', 'me explicó todo', 'quedó ordenado'],
    tools: ['registrarEncuesta'],
    transferFunction: 'transferir_terreno',
    scripts: { spanish: spanishVisits.afterInstallation, english: englishVisits.afterInstallation },
  },
]

/** What nearly everyone calls about on a bad day. */
export const outageTopic: Topic = {
  ...same,
  campaign: 'support',
  category: 'Soporte técnico',
  reason: 'Falla masiva',
  subReasons: ['Corte de fibra troncal', 'Sin plazo de reposición', 'Solicita descuento'],
  keywords: ['falla masiva', 'corte', 'reposición', 'descuento', 'reclamo'],
  phrases: ['sin servicio', 'toda la cuadra', 'a qué hora vuelve', 'falla masiva', 'pésimo servicio'],
  tools: ['consultarCuenta', 'consultarIncidencias', 'registrarReclamo'],
  transferFunction: 'transferir_reclamos',
  hasTicket: true,
  scripts: { spanish: spanishOutage.outage, english: englishSupport.outage },
}

/** How calls about an outage end, in the order of `endings`. */
export const outageEndings: readonly number[] = [28, 30, 4, 12, 9, 12, 4, 0, 0, 0, 0, 1]
