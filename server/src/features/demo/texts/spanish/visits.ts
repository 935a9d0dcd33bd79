import type { TopicScript } from '../script.ts'

export const confirmVisit: TopicScript = {
  opening: [
    'Le llamo para confirmar la visita técnica del {weekday} {date}, {window}, en {street}, {district}.',
    'Quería recordarle que tiene una visita técnica agendada para el {weekday} {date}, {window}, en {street}.',
  ],
  reaction: ['Sí, la tenía presente.', 'Ah, sí, menos mal que me llama.', 'Sí, los estoy esperando.'],
  steps: [
    {
      agent: ['¿Va a haber una persona mayor de edad en la casa?', '¿Habrá un adulto para recibir al técnico?'],
      customer: ['Sí, voy a estar yo.', 'Sí, va a estar mi mamá.', 'Sí, siempre hay alguien.'],
    },
    {
      agent: [
        '¿Hay algún acceso especial, como portón o conserjería, que deba saber el técnico?',
        '¿Me da alguna indicación para llegar o para entrar?',
      ],
      customer: [
        'Es una reja negra, que toque el timbre.',
        'Tiene que anunciarse en conserjería.',
        'La casa de la esquina, no hay cómo perderse.',
      ],
    },
    {
      agent: [
        'El técnico le va a llamar a este número unos veinte minutos antes. ¿Está bien?',
        '¿Este es un buen número para que le llame el técnico cuando vaya en camino?',
      ],
      customer: ['Sí, a este.', 'Perfecto.', 'Sí, lo tengo siempre conmigo.'],
    },
    {
      agent: [
        'Le recomiendo tener despejado el lugar del módem. La visita dura cerca de una hora.',
        'La visita demora más o menos una hora. ¿Tiene tiempo ese día?',
      ],
      customer: ['Sí, no hay problema.', 'Ya, lo dejo listo.', 'Sí, tengo el día libre.'],
    },
  ],
  person: [
    {
      agent: ['Veo su visita en la agenda. ¿Qué duda tenía?', 'Cuénteme, ¿qué necesita saber de la visita?'],
      customer: ['Si el técnico trae el módem nuevo.', 'Si me van a cobrar algo.'],
    },
    {
      agent: ['Está todo incluido y no tiene costo para usted.', 'No se cobra nada, y el técnico lleva el equipo.'],
      customer: ['Ya, eso quería saber.', 'Perfecto, entonces.'],
    },
  ],
  solved: {
    agent: [
      'Entonces queda confirmada la visita del {weekday} {date}, {window}.',
      'Perfecto, confirmado: {weekday} {date}, {window}, en {street}.',
    ],
    customer: ['Perfecto, los espero.', 'Ya, muchas gracias.', 'Súper, gracias por avisar.'],
  },
  unsolved: {
    agent: [
      'Entonces anulo la visita, {honorific}. Puede pedir otra cuando quiera.',
      'Dejo anulada la visita. Si la necesita más adelante, nos llama.',
    ],
    customer: ['Ya, gracias, es que ya se arregló solo.', 'Sí, anúlela, no voy a estar.', 'Bueno, yo les aviso.'],
  },
  summary: {
    about: ['Confirmación de visita del {weekday} {date}, {window}.'],
    solved: ['Visita confirmada en {street}, {district}.'],
    unsolved: ['El cliente anula la visita.'],
  },
}

export const moveVisit: TopicScript = {
  opening: [
    'Le llamo por la visita técnica que tiene para mañana en {street}, {district}. ¿Puede recibir al técnico?',
    'Tiene una visita agendada para mañana en {street}. ¿Le sigue acomodando?',
  ],
  reaction: [
    'Justo le iba a llamar, mañana no voy a estar.',
    'Mañana no puedo, tengo un trámite.',
    'Pucha, se me complicó, ¿se puede cambiar?',
  ],
  steps: [
    {
      always: true,
      agent: ['No hay problema. ¿Qué día le acomoda más?', 'Por supuesto que se puede. ¿Para qué día la dejamos?'],
      customer: ['El {weekday}, ojalá.', '¿Tendrá algo para el {weekday}?', 'Si se puede, el {weekday}.'],
    },
    {
      always: true,
      agent: [
        'Tengo disponible el {weekday} {date}, {window}. ¿Le sirve?',
        'Me queda un cupo el {weekday} {date}, {window}. ¿Lo tomamos?',
      ],
      customer: ['Sí, me sirve.', 'Perfecto.', 'Ya, déjela ahí.'],
    },
    {
      agent: ['¿Mantenemos la misma dirección, {street}?', '¿La visita sigue siendo en {street}?'],
      customer: ['Sí, la misma.', 'Sí, ahí mismo.', 'Sí, no ha cambiado.'],
    },
    {
      agent: ['¿Quién va a recibir al técnico?', '¿Va a estar usted o deja a otra persona encargada?'],
      customer: ['Yo voy a estar.', 'Mi hermana, le dejo avisado.', 'Mi pareja.'],
    },
  ],
  person: [
    {
      agent: [
        'Estoy viendo la agenda de su zona. ¿Prefiere mañana o tarde?',
        '¿Le acomoda más en la mañana o en la tarde?',
      ],
      customer: ['Me da lo mismo, la verdad.', 'Cualquiera, mientras sea pronto.'],
    },
    {
      agent: ['Encontré un cupo el {weekday} {date}, {window}.', 'Le conseguí el {weekday} {date}, {window}.'],
      customer: ['Ahí puedo, perfecto.', 'Me acomoda.'],
    },
  ],
  solved: {
    agent: [
      'Listo, su visita quedó cambiada para el {weekday} {date}, {window}.',
      'Quedó reagendada: {weekday} {date}, {window}, en {street}.',
    ],
    customer: ['Muchas gracias por la flexibilidad.', 'Ya, perfecto, gracias.', 'Súper, ahí los espero.'],
  },
  unsolved: {
    agent: [
      'No me quedan cupos en su zona por ahora, {honorific}. Dejé la solicitud {ticket} para que le llamen.',
      'Por ahora no hay fechas para {district}. Queda la solicitud {ticket}.',
    ],
    customer: ['Ya, pero que no pase otra semana.', 'Bueno, espero el llamado.', 'Qué lata, llevo harto esperando.'],
  },
  summary: {
    about: ['Pide cambiar la visita técnica en {district}.'],
    solved: ['Visita reagendada para el {weekday} {date}, {window}.'],
    unsolved: ['Sin cupos; queda la solicitud {ticket}.'],
  },
}

export const afterInstallation: TopicScript = {
  opening: [
    'Le llamo porque hace unos días instalamos su servicio y nos gustaría saber cómo le ha ido.',
    'Queremos conocer su opinión sobre la instalación del {pastWeekday} pasado. Son un par de minutos.',
  ],
  reaction: ['Ya, si es cortito.', 'Sí, claro, dígame.', 'Bueno, pregunte no más.'],
  steps: [
    {
      agent: ['¿El técnico llegó dentro del horario comprometido?', '¿Cómo estuvo la puntualidad del técnico?'],
      customer: ['Sí, llegó a la hora.', 'Llegó un poco atrasado, pero avisó.', 'Muy puntual.'],
    },
    {
      agent: ['¿Le explicó cómo usar el equipo y la aplicación?', '¿El técnico le mostró cómo queda funcionando todo?'],
      customer: ['Sí, me explicó todo.', 'Sí, fue bien claro.', 'Más o menos, fue rápido.'],
    },
    {
      agent: ['¿Dejó limpio y ordenado el lugar de trabajo?', '¿Quedó todo ordenado después de la instalación?'],
      customer: ['Sí, todo ordenado.', 'Sí, hasta barrió.', 'Sí, sin problemas.'],
    },
    {
      agent: ['¿Y cómo ha estado el servicio desde entonces?', '¿El internet le ha funcionado bien estos días?'],
      customer: ['Sí, bastante bien.', 'Bien, se nota el cambio.', 'Sí, sin cortes.'],
    },
  ],
  person: [
    {
      agent: ['¿Qué fue lo que no quedó bien?', 'Cuénteme qué detalle quedó pendiente.'],
      customer: ['El cable quedó a la vista por la pared.', 'No me llega la señal a una pieza.'],
    },
    {
      agent: ['Le puedo mandar al técnico de nuevo, sin costo.', 'Vamos a corregirlo sin costo para usted.'],
      customer: ['Ya, se lo agradezco.', 'Perfecto.'],
    },
  ],
  solved: {
    agent: [
      'Qué bueno saberlo. Voy a dejar registrados sus comentarios.',
      'Me alegra mucho. Queda anotada su opinión.',
    ],
    customer: ['Ya, de nada.', 'Gracias a usted.', 'Muy amable por llamar.'],
  },
  unsolved: {
    agent: [
      'Lamento ese inconveniente, {honorific}. Lo dejé ingresado con el número {ticket}.',
      'Queda registrado con el número {ticket} para revisarlo.',
    ],
    customer: ['Ya, ojalá lo arreglen.', 'Bueno, espero que me llamen.', 'Eso espero.'],
  },
  summary: {
    about: ['Llamado de satisfacción después de la instalación.'],
    solved: ['Cliente conforme con la instalación.'],
    unsolved: ['Queda un detalle pendiente de la instalación, atención {ticket}.'],
  },
}
