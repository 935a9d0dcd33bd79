import type { TopicScript } from '../script.ts'

export const overdueBill: TopicScript = {
  opening: [
    'Le llamo porque su boleta de {amount}, que venció el {pastDate}, todavía aparece pendiente.',
    'El motivo de mi llamado es recordarle un saldo pendiente de {amount}, con vencimiento el {pastDate}.',
  ],
  reaction: [
    'Sí, es verdad, se me pasó la fecha.',
    'Ah, sí, es que este mes he estado un poco justo de plata.',
    '¿De verdad? Yo pensé que estaba pagada.',
    'Sí, lo tengo presente, todavía no me pagan.',
  ],
  steps: [
    {
      always: true,
      agent: [
        '¿Tiene alguna fecha en la que pueda regularizar el pago?',
        '¿Qué día cree que podría pagar los {amount}?',
      ],
      customer: ['El {weekday} me pagan, ese día podría.', 'Yo creo que el {weekday}.', 'El {date}, más o menos.'],
    },
    {
      agent: [
        'Le recuerdo que al pagar antes del corte no hay cargo por reposición. ¿Conoce los medios de pago?',
        'Si paga antes de la suspensión se evita el cargo de {extra}. ¿Sabe dónde pagar?',
      ],
      customer: ['Sí, por la aplicación.', 'Sí, en la página.', 'Sí, lo hago siempre por el banco.'],
    },
    {
      agent: [
        '¿Le envío el enlace de pago a {email}?',
        '¿Le mando el enlace para pagar por mensaje a este mismo número?',
      ],
      customer: ['Ya, mándelo.', 'Sí, por favor.', 'Bueno, así no se me olvida.'],
    },
    {
      agent: [
        '¿Le acomoda pagar el total o prefiere dividirlo en dos partes?',
        'También puede pagar la mitad ahora y el resto después. ¿Qué prefiere?',
      ],
      customer: ['Prefiero pagar todo junto.', 'El total, para salir de eso.', 'Todo de una vez.'],
    },
  ],
  refusals: [
    {
      agent: [
        '¿Tiene alguna fecha en la que pueda regularizar el pago?',
        '¿Qué día cree que podría pagar los {amount}?',
      ],
      customer: ['No sé, todavía no tengo claro cuándo me pagan.', 'La verdad, no tengo fecha.', 'No le sabría decir.'],
    },
    {
      agent: [
        '¿Podría pagar al menos una parte ahora y el resto más adelante?',
        '¿Le ayudaría pagar la mitad esta semana?',
      ],
      customer: ['Ahora no puedo pagar nada.', 'No, este mes está complicado.', 'No me alcanza ni para la mitad.'],
    },
  ],
  lastOffer: [
    'Para que no se suspenda el servicio, ¿dejamos un compromiso para el {weekday} {date}?',
    '¿Le parece si anoto un compromiso de pago para el {date}?',
  ],
  person: [
    {
      agent: [
        'Veo su cuenta y siempre ha pagado bien. ¿Tuvo algún inconveniente este mes?',
        '¿Hay alguna razón por la que se atrasó, para ver cómo ayudarle?',
      ],
      customer: ['Tuve un gasto médico que no esperaba.', 'Me quedé sin pega el mes pasado, pero ya estoy trabajando.'],
    },
    {
      agent: [
        'Puedo correr la fecha de corte hasta el {weekday} {date}. ¿Le sirve?',
        'Le doy plazo hasta el {weekday} {date} sin suspender el servicio. ¿Está bien?',
      ],
      customer: ['Sí, me sirve mucho.', 'Sí, con eso alcanzo.'],
    },
  ],
  solved: {
    agent: [
      'Entonces dejo registrado su compromiso de pago por {amount} para el {weekday} {date}.',
      'Perfecto, queda anotado: {amount} el {weekday} {date}. No se va a suspender el servicio.',
    ],
    customer: ['Ya, gracias por avisarme.', 'Sí, ese día pago sin falta.', 'Bueno, muchas gracias.'],
  },
  unsolved: {
    agent: [
      'Entonces dejo anotado que por ahora no tiene una fecha de pago. El servicio podría suspenderse el {date}.',
      'Comprendo. Solo le aviso que, sin un compromiso, el servicio puede suspenderse el {date}.',
    ],
    customer: [
      'Haga lo que quiera, ahora no tengo plata.',
      'Yo ya reclamé esa boleta y no la voy a pagar.',
      'No me puedo comprometer, no le voy a mentir.',
    ],
  },
  summary: {
    about: ['Cobranza de boleta vencida por {amount}.', 'Saldo pendiente de {amount}, vencido el {pastDate}.'],
    solved: ['Compromiso de pago para el {weekday} {date}.', 'Se compromete a pagar {amount} el {date}.'],
    unsolved: ['No se compromete con una fecha de pago.', 'Rechaza el pago por ahora.'],
  },
}

export const paymentPlan: TopicScript = {
  opening: [
    'Tiene {months} boletas pendientes por un total de {debt}, y le quiero ofrecer un convenio para que no se suspenda el servicio.',
    'Le llamo por un saldo de {debt}, de {months} boletas. Tenemos un convenio en cuotas que le puede servir.',
  ],
  reaction: [
    'A ver, cuénteme cómo sería.',
    'Sí, sé que estoy atrasad{o}. ¿En cuántas cuotas?',
    'Es harta plata junta, dígame.',
  ],
  steps: [
    {
      always: true,
      agent: [
        'Podría pagarlo en tres cuotas de {installment}, sin intereses. ¿Le acomoda?',
        'Son tres cuotas de {installment} cada una, sin recargo. ¿Qué le parece?',
      ],
      customer: ['Sí, en tres cuotas puedo.', 'Suena razonable.', '¿Y sin intereses? Ya, me interesa.'],
    },
    {
      agent: [
        'La primera cuota se paga el {date} y las otras los meses siguientes. ¿Está bien esa fecha?',
        'La primera vencería el {weekday} {date}. ¿Le coincide con su fecha de pago?',
      ],
      customer: ['Sí, para esa fecha ya me han pagado.', 'Sí, está bien.', 'Me acomoda.'],
    },
    {
      agent: [
        'Tenga presente que, si se atrasa en una cuota, el convenio queda sin efecto.',
        'Es importante pagar cada cuota a tiempo, porque si no el convenio se cae.',
      ],
      customer: ['Sí, entiendo.', 'Me queda claro.', 'No me voy a atrasar.'],
    },
    {
      agent: [
        'Le enviaré el convenio a {email} para que lo revise. ¿Es correcto?',
        '¿Le mando el documento a {email}?',
      ],
      customer: ['Sí, ese es.', 'Sí, ahí lo veo.', 'Correcto.'],
    },
  ],
  refusals: [
    {
      agent: [
        'Podría pagarlo en tres cuotas de {installment}, sin intereses.',
        'Son tres cuotas de {installment} cada una, sin recargo.',
      ],
      customer: ['Igual es mucho para mí.', 'Uf, es más de lo que puedo.', 'No me alcanza.'],
    },
    {
      agent: [
        'La primera cuota vencería recién el {date}, para darle más tiempo.',
        'Podemos dejar la primera cuota para el {weekday} {date}.',
      ],
      customer: [
        'Es que no sé cómo voy a estar para esa fecha.',
        'No le puedo asegurar nada.',
        'Para entonces tampoco creo.',
      ],
    },
  ],
  lastOffer: ['Entonces, ¿tomamos el convenio o prefiere pensarlo?', '¿Le dejo ingresado el convenio?'],
  person: [
    {
      agent: [
        'Estuve viendo su caso. ¿Cuánto podría pagar al mes sin ahogarse?',
        '¿Qué monto mensual le acomodaría, para ver si el convenio calza?',
      ],
      customer: ['Unos {installment}, más o menos.', 'No más de {installment}.'],
    },
    {
      agent: [
        'Entonces queda en cuotas de {installment}, y le condono los gastos de cobranza. ¿Cerramos?',
        'Le saco los gastos de cobranza y quedan cuotas de {installment}. ¿Le parece bien?',
      ],
      customer: ['Sí, me parece bien.', 'Ya, perfecto, cerremos.'],
    },
  ],
  solved: {
    agent: [
      'Listo, el convenio quedó activo con el número {ticket}: tres cuotas de {installment}.',
      'Quedó ingresado el convenio {ticket}. La primera cuota vence el {weekday} {date}.',
    ],
    customer: [
      'Muchas gracias, me saca un peso de encima.',
      'Ya, gracias por la ayuda.',
      'Perfecto, entonces pago el {date}.',
    ],
  },
  unsolved: {
    agent: [
      'Comprendo que no le acomoda. La oferta queda disponible hasta el {date}, por si lo reconsidera.',
      'Dejo registrado que no toma el convenio. Puede llamarnos hasta el {date} si cambia de opinión.',
    ],
    customer: [
      'No puedo pagar eso, estoy sin trabajo.',
      'No, gracias, prefiero que me corten el servicio.',
      'Déjeme verlo en la casa, pero lo veo difícil.',
    ],
  },
  summary: {
    about: ['Oferta de convenio por {debt} ({months} boletas).'],
    solved: ['Acepta tres cuotas de {installment}; convenio {ticket}.'],
    unsolved: ['No acepta el convenio.', 'No puede comprometer las cuotas de {installment}.'],
  },
}
