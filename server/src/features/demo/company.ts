import type { Language } from './texts/script.ts'

/** The invented company whose calls the demo data shows. */
export const companyName = 'Andes Conecta'

/** Plans, with what they cost a month in pesos. */
export const plans = [
  { name: 'Fibra 300', megabits: 300, price: 16_990 },
  { name: 'Fibra 600', megabits: 600, price: 19_990 },
  { name: 'Fibra 800', megabits: 800, price: 23_990 },
  { name: 'Fibra Giga', megabits: 1000, price: 27_990 },
] as const

export type CampaignKey = 'support' | 'billing' | 'retention' | 'collections' | 'sales' | 'visits' | 'satisfaction'
export type Team = 'Soporte' | 'Comercial' | 'Cobranza'

/** How a call can end; weights of these make up a campaign. */
export const endings = [
  'solved',
  'unsolved',
  'personSolved',
  'personUnsolved',
  'queueAbandoned',
  'hangUp',
  'callback',
  'noAnswer',
  'voicemail',
  'unreachable',
  'wrongNumber',
  'error',
] as const

export type Ending = (typeof endings)[number]

export interface Campaign {
  key: CampaignKey
  id: string
  name: string
  description: string
  direction: 'inbound' | 'outbound'
  engagementId: string
  queueId: string
  team: Team
  /** The number reached, or the number from which it calls. */
  number: string
  /** Which identity the campaign asks for. */
  identity: 'rut' | 'contract'
  appId: string
  menu: string
  /** Part of all calls. */
  share: number
  /** How often it ends in each way, in the order of `endings`. */
  endings: readonly number[]
  surveyChance: number
}

export const campaigns: readonly Campaign[] = [
  {
    key: 'support',
    id: 'camp-soporte',
    name: 'Soporte Técnico Hogar',
    description: 'Atención de fallas de internet y televisión.',
    direction: 'inbound',
    engagementId: 'prog-postventa',
    queueId: 'queue-soporte',
    team: 'Soporte',
    number: '+56226002601',
    identity: 'contract',
    appId: 'voicebot-soporte',
    menu: '1',
    share: 0.27,
    endings: [52, 9, 17, 5, 3, 6, 6, 0, 0, 0, 0, 1],
    surveyChance: 0.4,
  },
  {
    key: 'billing',
    id: 'camp-boletas',
    name: 'Boletas y Pagos',
    description: 'Consultas de boleta, cobros y fechas de pago.',
    direction: 'inbound',
    engagementId: 'prog-postventa',
    queueId: 'queue-boletas',
    team: 'Comercial',
    number: '+56226002602',
    identity: 'rut',
    appId: 'voicebot-comercial',
    menu: '2',
    share: 0.18,
    endings: [59, 9, 14, 4, 2, 5, 5, 0, 0, 0, 0, 1],
    surveyChance: 0.45,
  },
  {
    key: 'retention',
    id: 'camp-fidelizacion',
    name: 'Fidelización',
    description: 'Bajas, traslados y ofertas de permanencia.',
    direction: 'inbound',
    engagementId: 'prog-postventa',
    queueId: 'queue-fidelizacion',
    team: 'Comercial',
    number: '+56226002603',
    identity: 'rut',
    appId: 'voicebot-comercial',
    menu: '3',
    share: 0.08,
    endings: [38, 14, 27, 9, 3, 5, 3, 0, 0, 0, 0, 1],
    surveyChance: 0.3,
  },
  {
    key: 'collections',
    id: 'camp-cobranza',
    name: 'Cobranza Preventiva',
    description: 'Llamados por boletas vencidas y convenios de pago.',
    direction: 'outbound',
    engagementId: 'prog-recaudacion',
    queueId: 'queue-cobranza',
    team: 'Cobranza',
    number: '+56226002611',
    identity: 'rut',
    appId: 'voicebot-cobranza',
    menu: '',
    share: 0.19,
    endings: [30, 12, 5, 1, 0, 8, 8, 20, 10, 3, 2, 1],
    surveyChance: 0.03,
  },
  {
    key: 'sales',
    id: 'camp-ventas',
    name: 'Venta Fibra y Móvil',
    description: 'Ofertas de mejora de plan y de líneas móviles a clientes.',
    direction: 'outbound',
    engagementId: 'prog-ventas',
    queueId: 'queue-ventas',
    team: 'Comercial',
    number: '+56226002612',
    identity: 'rut',
    appId: 'voicebot-ventas',
    menu: '',
    share: 0.12,
    endings: [13, 33, 4, 1, 0, 11, 8, 17, 9, 2, 2, 1],
    surveyChance: 0.02,
  },
  {
    key: 'visits',
    id: 'camp-visitas',
    name: 'Recordatorio de Visita Técnica',
    description: 'Confirmación y cambio de visitas técnicas.',
    direction: 'outbound',
    engagementId: 'prog-terreno',
    queueId: 'queue-agenda',
    team: 'Soporte',
    number: '+56226002613',
    identity: 'contract',
    appId: 'voicebot-agenda',
    menu: '',
    share: 0.1,
    endings: [57, 0, 3, 0, 0, 3, 3, 18, 12, 2, 1, 1],
    surveyChance: 0.05,
  },
  {
    key: 'satisfaction',
    id: 'camp-satisfaccion',
    name: 'Satisfacción Instalaciones',
    description: 'Encuesta a clientes con instalación reciente.',
    direction: 'outbound',
    engagementId: 'prog-terreno',
    queueId: 'queue-agenda',
    team: 'Soporte',
    number: '+56226002614',
    identity: 'contract',
    appId: 'voicebot-agenda',
    menu: '',
    share: 0.06,
    endings: [51, 0, 0, 0, 0, 10, 4, 19, 12, 2, 1, 1],
    surveyChance: 1,
  },
]

/** Call centres, the part of the calls that each takes, and how its people do (added to scores). */
export const callCenters = [
  { id: 'cc-santiago', name: 'Santiago Centro', location: 'Santiago', share: 46, skill: 0.1 },
  { id: 'cc-valparaiso', name: 'Valparaíso Puerto', location: 'Valparaíso', share: 22, skill: 0.25 },
  { id: 'cc-concepcion', name: 'Concepción Biobío', location: 'Concepción', share: 18, skill: 0 },
  { id: 'cc-bogota', name: 'Bogotá Chapinero', location: 'Bogotá', share: 14, skill: -0.3 },
] as const

export const queues = [
  { id: 'queue-soporte', name: 'Soporte Hogar' },
  { id: 'queue-boletas', name: 'Boletas y Pagos' },
  { id: 'queue-fidelizacion', name: 'Fidelización' },
  { id: 'queue-cobranza', name: 'Cobranza' },
  { id: 'queue-ventas', name: 'Ventas' },
  { id: 'queue-agenda', name: 'Agenda Terreno' },
] as const

/** Versions of the bots' flow, from which part of the period on, and how well each does (added to scores). */
export const flowVersions = [
  { version: 'v4.0.2', from: 0, skill: -0.15 },
  { version: 'v4.1.0', from: 0.22, skill: 0.05 },
  { version: 'v4.2.0', from: 0.48, skill: -0.3 },
  { version: 'v4.2.1', from: 0.56, skill: 0.15 },
  { version: 'v4.3.0', from: 0.81, skill: 0.35 },
] as const

/** The AI voice agents: a name a language and group of campaigns. */
export const bots: readonly { id: string; name: string; language: Language; campaigns: readonly CampaignKey[] }[] = [
  { id: 'bot-sofia', name: 'Sofía', language: 'spanish', campaigns: ['support'] },
  { id: 'bot-martin', name: 'Martín', language: 'spanish', campaigns: ['support', 'visits'] },
  { id: 'bot-antonia', name: 'Antonia', language: 'spanish', campaigns: ['billing', 'retention'] },
  { id: 'bot-benjamin', name: 'Benjamín', language: 'spanish', campaigns: ['collections', 'billing'] },
  { id: 'bot-renata', name: 'Renata', language: 'spanish', campaigns: ['sales', 'satisfaction'] },
  { id: 'bot-emma', name: 'Emma', language: 'english', campaigns: ['support', 'visits', 'satisfaction', 'billing'] },
  { id: 'bot-lucas', name: 'Lucas', language: 'english', campaigns: ['billing', 'retention', 'collections', 'sales'] },
]
