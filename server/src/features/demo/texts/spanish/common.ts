import type { CommonScript } from '../script.ts'

/** What is said on every call in Spanish, as it is spoken in Chile. */
export const common: CommonScript = {
  welcome: [
    '{greeting}, gracias por llamar a {company}. Soy {bot}, asistente virtual. ¿Con quién tengo el gusto?',
    '{greeting}, se comunicó con {company}. Le habla {bot}, asistente virtual. ¿Me indica su nombre, por favor?',
    'Gracias por llamar a {company}. Mi nombre es {bot}, soy asistente virtual. ¿Con quién hablo?',
  ],
  name: [
    'Hola, buenas, habla {fullName}.',
    'Sí, hola, mi nombre es {fullName}.',
    'Con {fullName}, ¿cómo está?',
    'Soy {fullName}, buenas.',
    '{fullName}.',
  ],
  askIdentity: [
    'Mucho gusto, {honorific}. ¿Me da su {identityKind}, por favor?',
    'Un gusto saludarle, {honorific}. Para ubicar su cuenta, ¿me indica su {identityKind}?',
    'Gracias, {honorific}. ¿Me puede decir su {identityKind}?',
  ],
  giveIdentity: ['Sí, es el {identity}.', 'Ya, anote: {identity}.', 'A ver, déjeme ver… {identity}.', '{identity}.'],
  askMatter: [
    'Gracias, {honorific}. Ya tengo su cuenta a la vista. ¿En qué le puedo ayudar?',
    'Perfecto, {honorific}, encontré su cuenta. Cuénteme, ¿en qué le ayudo?',
    'Muchas gracias, ya validé sus datos. ¿Cuál es el motivo de su llamada?',
  ],
  askMatterUnknown: [
    'Mucho gusto, {honorific}. Cuénteme, ¿en qué le puedo ayudar?',
    'Un gusto, {honorific}. Dígame, ¿cuál es el motivo de su llamada?',
  ],
  welcomeMatter: [
    '{greeting}, gracias por llamar a {company}. Soy {bot}, asistente virtual. ¿En qué le puedo ayudar?',
    'Hola, le damos la bienvenida a {company}. Le habla {bot}, asistente virtual. Cuénteme, ¿qué necesita?',
  ],
  nameBefore: ['Hola, habla {fullName}. ', 'Buenas, soy {fullName}. ', 'Hola, mi nombre es {fullName}. '],
  askIdentityAfter: [
    'Entiendo, {honorific}. Para revisar su caso, ¿me indica su {identityKind}, por favor?',
    'Ya veo, {honorific}. Vamos a revisarlo juntos. ¿Me da su {identityKind}?',
  ],
  askIdentityComforted: [
    'Vamos a revisarlo ahora mismo. ¿Me indica su {identityKind}, por favor?',
    'Para ayudarle, ¿me da su {identityKind}?',
  ],
  askPerson: [
    '{greeting}, ¿hablo con {formalName}?',
    'Hola, {greetingLower}. ¿Me comunico con {formalName}?',
    'Aló, {greetingLower}, ¿se encuentra {formalName}?',
  ],
  confirmPerson: [
    'Sí, con {pronoun}. ¿Quién habla?',
    'Sí, soy yo, dígame.',
    'Aló, sí, ¿de parte de quién?',
    'Con {pronoun}, cuénteme.',
  ],
  introduce: [
    'Le habla {bot}, asistente virtual de {company}.',
    'Soy {bot}, asistente virtual, y le llamo de {company}.',
    'Mi nombre es {bot}, asistente virtual de {company}.',
  ],
  askDigits: [
    'Por seguridad, ¿me confirma los últimos cuatro dígitos de su {identityKind}?',
    'Antes de seguir, ¿me puede indicar los últimos cuatro dígitos de su {identityKind}?',
  ],
  giveDigits: ['Sí, {identityTail}.', '{identityTail}.', 'A ver… termina en {identityTail}.'],
  thankDigits: ['Muchas gracias, {honorific}.', 'Perfecto, gracias, {honorific}.', 'Gracias por confirmarlo.'],
  wrongPerson: [
    'No, está equivocado. Este número lo tengo hace poco.',
    'No, acá no vive nadie con ese nombre.',
    'No, número equivocado.',
  ],
  excuseWrong: [
    'Le pido disculpas por la molestia. Voy a sacar este número de nuestros registros.',
    'Disculpe, entonces actualizo el registro para que no le volvamos a llamar de {company}.',
  ],
  acceptWrong: ['Ya, gracias.', 'Bueno, hasta luego.', 'Se lo agradezco.'],
  busy: [
    'Oiga, ahora voy manejando. ¿Me puede llamar en otro momento?',
    'Mire, me pilla en una reunión. ¿Podría ser más tarde?',
    'Ahora no puedo hablar, estoy en la consulta del médico.',
  ],
  machine: [
    'Hola, te comunicaste con el buzón de voz. Deja tu mensaje después de la señal.',
    'El número al que usted llama no se encuentra disponible. Deje su mensaje después del tono.',
  ],
  message: [
    '{greeting}, este es un mensaje para {formalName}. Le llamamos de {company}. Volveremos a comunicarnos con usted; si prefiere, puede llamarnos al 600 600 2600. Muchas gracias.',
    'Hola, {greetingLower}, le habla {bot} de {company}. Queríamos conversar con {formalName}. Le llamaremos nuevamente durante la semana. Que esté muy bien.',
  ],
  complaint: [
    'Es la tercera vez que llamo por lo mismo.',
    'La verdad, ya estoy aburrid{o} de esto.',
    'Y cada vez que llamo me dicen algo distinto.',
    'Y yo pago todos los meses sin atrasarme, oiga.',
    'Estoy bien molest{o}, para serle sincer{o}.',
  ],
  complaintOutbound: [
    'Oiga, me llaman todos los días.',
    'Otra vez ustedes, si ya me llamaron en la mañana.',
    'Justo me llaman a la hora en que estoy ocupad{o}.',
  ],
  comfort: [
    'Entiendo su molestia, {honorific}, y le pido disculpas. ',
    'Lamento mucho lo que le ha pasado, {honorific}. ',
    'Tiene toda la razón en estar molest{o}, {honorific}. ',
    'Le pido disculpas por los inconvenientes. ',
  ],
  comfortOutbound: [
    'Le pido disculpas por la insistencia, {honorific}. ',
    'Disculpe la molestia, {honorific}, será muy breve. ',
  ],
  hold: {
    agent: [
      'Deme un momento, por favor, mientras reviso su cuenta.',
      'Permítame unos segundos en línea, voy a verificar la información.',
      'Voy a consultar el sistema, no me corte, por favor.',
    ],
    customer: ['Ya, espero.', 'Bueno, no hay problema.', 'Ya, gracias.'],
  },
  afterHold: [
    'Gracias por esperar, {honorific}. ',
    'Gracias por la espera. ',
    'Ya, {honorific}, aquí estoy de vuelta. ',
  ],
  transfer: {
    agent: [
      'Para esto prefiero que le atienda un ejecutivo. Le voy a transferir al tiro, no corte, por favor.',
      'Este caso lo tiene que ver una persona del equipo. ¿Le parece si le comunico ahora?',
      'Para no hacerle perder tiempo, le voy a comunicar con un ejecutivo especialista. ¿Está de acuerdo?',
    ],
    customer: [
      'Ya, por favor, prefiero hablar con una persona.',
      'Bueno, pero que no se demoren tanto.',
      'Sí, de acuerdo, espero.',
    ],
  },
  personHere: [
    '{greeting}, {honorific}, le habla {executive} de {company}. Ya leí lo que conversó con {bot}. ',
    'Hola, {honorific}, soy {executive}, de {company}. Disculpe la espera, ya tengo los antecedentes. ',
    '{honorificCapital}, {greetingLower}, le saluda {executive} de {company}. Veo aquí lo que le contó a {bot}. ',
  ],
  anythingElse: [
    '¿Le puedo ayudar en algo más?',
    '¿Necesita alguna otra cosa?',
    '¿Hay algo más que pueda hacer por usted?',
  ],
  nothingElse: ['No, eso no más.', 'No, nada más, gracias.', 'Eso sería todo.'],
  callback: {
    agent: [
      'Esto lo tiene que revisar un especialista, {honorific}. ¿Le acomoda que le llamemos el {weekday} {window}?',
      'Necesito que lo vea otra área antes de darle una respuesta. ¿Le podemos llamar el {weekday} {window}?',
    ],
    customer: [
      'Ya, a este mismo número, por favor.',
      'Sí, ese día puedo. Espero el llamado.',
      'Bueno, pero que llamen de verdad.',
    ],
  },
  callbackOutbound: {
    agent: [
      'No hay problema, {honorific}. ¿Le acomoda que le llame el {weekday} {window}?',
      'Por supuesto, le llamo en otro momento. ¿Le parece bien el {weekday}, {window}?',
    ],
    customer: ['Sí, ahí puedo hablar tranquil{o}.', 'Ya, llámeme ese día.', 'Perfecto, gracias.'],
  },
  callbackDone: [
    'Perfecto, quedó agendado para el {weekday} {window}. Que tenga {goodDay}.',
    'Listo, entonces le llamamos el {weekday} {window}. Muchas gracias, {honorific}.',
  ],
  farewell: [
    'Gracias por llamar a {company}, {honorific}. Que tenga {goodDay}.',
    'A usted, {honorific}. Que tenga {goodDay}, hasta luego.',
    'Fue un gusto atenderle, {honorific}. Que esté muy bien.',
  ],
  farewellOutbound: [
    'Muchas gracias por su tiempo, {honorific}. Que tenga {goodDay}.',
    'Gracias por atenderme, {honorific}. Hasta luego y que esté muy bien.',
  ],
  farewellSorry: [
    'Lamento no poder darle una mejor respuesta hoy, {honorific}. Su reclamo quedó registrado. Hasta luego.',
    'Le entiendo, {honorific}, y le pido disculpas nuevamente. Que tenga {goodDay}.',
  ],
  farewellDeclined: [
    'Muchas gracias por su tiempo, que tenga {goodDay}.',
    'Gracias por atenderme y disculpe la molestia. Hasta luego.',
  ],
  farewellLeaving: [
    'Gracias por llamar a {company}. Que tenga {goodDay}.',
    'Las puertas de {company} quedan abiertas. Hasta luego.',
  ],
  hangUp: [
    'Sabe qué, no tengo más tiempo. Chao.',
    'Mire, me está entrando otra llamada, hablamos después.',
    'No, olvídelo, mejor voy a la sucursal.',
    'Aló… aló… No se escucha nada.',
  ],
  surveyIntroduction: [
    'Antes de terminar, ¿me ayuda con una encuesta muy corta? ',
    'Le voy a hacer unas preguntas breves sobre esta atención. ',
    'Para seguir mejorando, unas preguntas rápidas. ',
  ],
  surveyThanks: [
    'Muchas gracias por sus respuestas, {honorific}. Que tenga {goodDay}.',
    'Le agradezco su tiempo, {honorific}. Hasta luego.',
  ],
  outcomes: {
    callback: ['Se agenda llamado para el {weekday} {window}.'],
    noAnswer: ['Cliente no contesta.', 'Sin respuesta después de varios tonos.'],
    voicemail: ['Contesta el buzón de voz; se deja mensaje.', 'Buzón de voz. Se deja mensaje y se reintentará.'],
    unreachable: ['El operador informa número no disponible.', 'No se pudo establecer la llamada.'],
    hangUp: ['El cliente corta antes de terminar la atención.', 'Se corta la llamada; no se alcanza a dar solución.'],
    queueAbandoned: ['Se deriva a ejecutivo, pero el cliente corta en la espera.'],
    wrongNumber: ['Número equivocado; se solicita actualizar el registro.'],
    error: ['La llamada se interrumpe por un problema técnico de la plataforma.'],
    transferred: ['Se deriva a {executive}.', 'Se transfiere la llamada a {executive}, con los antecedentes.'],
    active: ['Llamada en curso.'],
  },
  headings: ['Motivo', 'Gestión', 'Resultado'],
}
