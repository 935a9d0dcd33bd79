import type { Language, Lines } from './script.ts'

/** A question of the survey after the call; the record holds the Spanish form whatever the language of the talk. */
export interface SurveyQuestion {
  kind: 'yesNo' | 'grade' | 'comment'
  question: string
  spoken: Record<Language, string>
}

const resolved: SurveyQuestion = {
  kind: 'yesNo',
  question: '¿Se resolvió su consulta?',
  spoken: { spanish: '¿Se resolvió su consulta?', english: 'Was your matter resolved?' },
}
const attention: SurveyQuestion = {
  kind: 'grade',
  question: '¿Qué nota le pone a la atención recibida?',
  spoken: {
    spanish: 'Del uno al siete, ¿qué nota le pone a la atención recibida?',
    english: 'From one to seven, how would you rate the service you received?',
  },
}
const ease: SurveyQuestion = {
  kind: 'grade',
  question: '¿Qué tan fácil fue hacer su gestión?',
  spoken: {
    spanish: 'Del uno al siete, ¿qué tan fácil fue hacer su gestión?',
    english: 'From one to seven, how easy was it?',
  },
}
const recommend: SurveyQuestion = {
  kind: 'grade',
  question: '¿Qué tan probable es que nos recomiende?',
  spoken: {
    spanish: 'Del uno al siete, ¿qué tan probable es que nos recomiende?',
    english: 'From one to seven, how likely are you to recommend us?',
  },
}
const comment: SurveyQuestion = {
  kind: 'comment',
  question: '¿Quiere dejarnos un comentario?',
  spoken: { spanish: '¿Quiere dejarnos un comentario?', english: 'Would you like to leave us a comment?' },
}
const technician: SurveyQuestion = {
  kind: 'grade',
  question: '¿Qué nota le pone al técnico que le visitó?',
  spoken: {
    spanish: 'Del uno al siete, ¿qué nota le pone al técnico?',
    english: 'From one to seven, how would you rate the technician?',
  },
}
const installed: SurveyQuestion = {
  kind: 'yesNo',
  question: '¿Quedó funcionando todo lo que contrató?',
  spoken: {
    spanish: '¿Quedó funcionando todo lo que contrató?',
    english: 'Does everything you ordered work?',
  },
}

/** The forms in use, by how many questions they have; the last one is for new installations. */
export const forms = {
  short: [resolved, attention, recommend],
  standard: [resolved, attention, ease, recommend],
  long: [resolved, attention, ease, recommend, comment],
  installation: [installed, technician, recommend, comment],
} as const

/** How a grade is spoken, 1 to 7. */
export const grades: Record<Language, Lines> = {
  spanish: ['un uno', 'un dos', 'un tres', 'un cuatro', 'un cinco', 'un seis', 'un siete'],
  english: ['one', 'two', 'three', 'four', 'five', 'six', 'seven'],
}

export const gradeAnswers: Record<Language, Lines> = {
  spanish: ['Le pongo {grade}.', 'Yo diría que {grade}.', 'Mmm… {grade}.', 'A ver, {grade}.'],
  english: ['I would say {grade}.', 'A {grade}.', 'Let me think… {grade}.'],
}

export const yesAnswers: Record<Language, Lines> = {
  spanish: ['Sí.', 'Sí, por suerte.', 'Sí, quedó todo bien.'],
  english: ['Yes.', 'Yes, it was.', 'Yes, luckily.'],
}

export const noAnswers: Record<Language, Lines> = {
  spanish: ['No.', 'No, todavía no.', 'La verdad, no.'],
  english: ['No.', 'No, not yet.', 'Honestly, no.'],
}

export const comments: Record<'good' | 'bad', Record<Language, Lines>> = {
  good: {
    spanish: [
      'Muy amable la atención.',
      'Que sigan así, fue rápido.',
      'Me sorprendió lo bien que entiende el asistente.',
      'No, todo bien.',
      'Me explicaron todo con paciencia.',
    ],
    english: ['Very friendly service.', 'It was quicker than I expected.', 'No, all good.'],
  },
  bad: {
    spanish: [
      'Que contesten más rápido y den una solución.',
      'Deberían avisar cuando hay problemas.',
      'Quiero que me devuelvan el llamado, nada más.',
      'Que mejoren el servicio, porque es caro.',
    ],
    english: ['Please get things done faster.', 'You should tell people when there are problems.'],
  },
}
