import type { TopicScript } from '../script.ts'

/** The talk of a bad day: the network is down for many. */
export const outage: TopicScript = {
  opening: [
    'Oiga, estamos sin internet en toda la cuadra, ¿qué está pasando?',
    'Llevo horas sin servicio y en la aplicación no dice nada.',
    'No tengo internet ni teléfono, y mis vecinos en {district} tampoco.',
    '¿Hay alguna falla? Porque estoy sin nada desde hace rato.',
  ],
  steps: [
    {
      agent: [
        'Efectivamente, tenemos una falla masiva que afecta a {district}. ¿Perdió también el teléfono fijo?',
        'Le confirmo que hay un corte general en {district}. ¿Está sin internet y sin televisión?',
      ],
      customer: ['Sí, todo muerto.', 'Sí, no tengo nada.', 'Todo, y encima trabajo desde la casa.'],
    },
    {
      always: true,
      agent: [
        'Se cortó una fibra troncal y las cuadrillas ya están en terreno.',
        'El origen es un corte de fibra por trabajos en la calle; el equipo ya está reparando.',
      ],
      customer: ['¿Y a qué hora vuelve, más o menos?', 'Ya, pero ¿cuánto van a demorar?'],
    },
    {
      always: true,
      agent: [
        'La reposición está estimada dentro de unas {hours} horas. ¿Quiere que le avise por mensaje?',
        'Calculamos que el servicio vuelve en unas {hours} horas. ¿Le mandamos un mensaje cuando esté arriba?',
      ],
      customer: ['Sí, mándeme un mensaje.', 'Ya, avíseme, por favor.', 'Bueno, pero que sea verdad.'],
    },
    {
      agent: [
        'Le vamos a descontar automáticamente el tiempo sin servicio en la próxima boleta.',
        'Por el corte le corresponde un descuento en la boleta, no tiene que hacer ningún trámite.',
      ],
      customer: ['Es lo mínimo.', 'Ya, ojalá que aparezca.', 'Eso espero.'],
    },
  ],
  person: [
    {
      agent: [
        'Le entiendo, es una situación muy incómoda. ¿Tiene alguna urgencia, como un teléfono de salud?',
        'Lo lamento mucho. ¿Hay alguien en la casa que dependa del servicio por un tema médico?',
      ],
      customer: [
        'No, pero trabajo desde la casa y no puedo.',
        'No, gracias a Dios, pero tengo un negocio y no puedo cobrar.',
      ],
    },
    {
      agent: [
        'Le puedo activar gigas libres en su celular mientras dura el corte, ¿le sirve?',
        'Mientras se repara, le cargo una bolsa de navegación en el móvil. ¿Le acomoda?',
      ],
      customer: ['Algo ayuda, actívela.', 'Bueno, ya, póngamela.'],
    },
  ],
  solved: {
    agent: [
      'Dejé el aviso activado y el descuento ingresado con el número {ticket}.',
      'Quedó registrado con el número {ticket}; le avisamos apenas vuelva el servicio.',
    ],
    customer: [
      'Ya, gracias por la información.',
      'Bueno, al menos ahora sé qué pasa. Gracias.',
      'Ya, muchas gracias por explicarme.',
    ],
  },
  unsolved: {
    agent: [
      'Por ahora no tengo una hora más exacta, {honorific}. Su reclamo quedó con el número {ticket}.',
      'No le puedo adelantar la reposición. Ingresé su reclamo con el número {ticket}.',
    ],
    customer: [
      'Esto es una vergüenza, siempre lo mismo con ustedes.',
      'Voy a reclamar al SERNAC, no puede ser.',
      'Pésimo. Me voy a cambiar de compañía.',
    ],
  },
  summary: {
    about: [
      'Cliente afectado por la falla masiva en {district}.',
      'Consulta por corte general de servicio en {district}.',
    ],
    solved: ['Se informa el plazo y se activa el aviso; descuento {ticket}.'],
    unsolved: ['No acepta el plazo informado; reclamo {ticket}.', 'Muy molesto por el corte. Reclamo {ticket}.'],
  },
}
