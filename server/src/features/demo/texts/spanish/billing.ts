import type { TopicScript } from '../script.ts'

export const unknownCharge: TopicScript = {
  opening: [
    'Mire, me llegó la boleta con un cobro de {extra} que no reconozco.',
    'Llamo porque en la boleta aparece un cargo de {extra} y yo no contraté nada.',
    'Tengo una duda con la boleta, hay {extra} de más y no sé por qué.',
  ],
  steps: [
    {
      agent: [
        '¿Me puede decir cómo aparece escrito ese cobro en la boleta?',
        'Vamos a ubicarlo. ¿Qué nombre tiene el cargo en el detalle?',
      ],
      customer: [
        'Dice «servicio adicional», nada más.',
        'Aparece como «pack premium».',
        'Solo dice «otros cargos», así no se entiende nada.',
      ],
    },
    {
      agent: [
        'Ya lo veo: es un paquete de canales que se activó el {pastDate}. ¿Alguien de su casa pudo contratarlo?',
        'Ese cargo viene de un adicional activado desde el control remoto el {pastDate}. ¿Pudo haber sido alguien de la familia?',
      ],
      customer: [
        'No, nadie. Vivo con mi mamá y ella no usa eso.',
        'Puede que haya sido uno de los niños, pero sin querer.',
        'No que yo sepa.',
      ],
    },
    {
      always: true,
      agent: [
        'Le puedo desactivar el adicional ahora mismo para que no se vuelva a cobrar. ¿Lo hago?',
        '¿Quiere que lo dé de baja al tiro, para que no salga en la próxima boleta?',
      ],
      customer: ['Sí, sáquelo, por favor.', 'Obvio, delo de baja.', 'Sí, hágalo.'],
    },
    {
      agent: [
        'Voy a revisar si corresponde la devolución. ¿La boleta ya está pagada?',
        'Para ver la rebaja, ¿ya pagó esta boleta o todavía no?',
      ],
      customer: ['Todavía no la pago.', 'No, la iba a pagar y vi el cobro.', 'Aún no, vence la otra semana.'],
    },
  ],
  person: [
    {
      agent: [
        'Estoy revisando el registro de activación. ¿Recibió algún mensaje de confirmación?',
        'Acá veo la activación. ¿Le llegó en algún momento un correo avisando?',
      ],
      customer: ['No, ninguno.', 'Nada, me enteré con la boleta.'],
    },
    {
      agent: [
        'Como no hay una confirmación suya, puedo ingresar una nota de crédito por {extra}. ¿Está de acuerdo?',
        'Corresponde devolverle los {extra}. ¿Le parece que se rebajen de esta misma boleta?',
      ],
      customer: ['Sí, perfecto.', 'Ya, así me parece bien.'],
    },
  ],
  solved: {
    agent: [
      'Listo: rebajé los {extra} y su boleta queda en {amount}. El número de atención es {ticket}.',
      'Quedó anulado el cargo de {extra}. Ahora su total es de {amount}, con el número de atención {ticket}.',
    ],
    customer: [
      'Ya, súper, eso quería. Gracias.',
      'Perfecto, muchas gracias, muy amable.',
      'Qué bueno, pensé que iba a ser más complicado. Gracias.',
    ],
  },
  unsolved: {
    agent: [
      'El sistema no me permite anularlo hoy, {honorific}. Ingresé el reclamo {ticket}, con respuesta el {weekday} {date}.',
      'No puedo hacer la rebaja sin la revisión de facturación. Su reclamo es el {ticket} y le responden el {weekday} {date}.',
    ],
    customer: [
      'O sea, tengo que pagar algo que no pedí. No corresponde.',
      'Entonces no voy a pagar hasta que me respondan.',
      'Qué manera de complicar las cosas, oiga.',
    ],
  },
  summary: {
    about: ['No reconoce un cargo de {extra} en su boleta.', 'Reclama cobro de adicional por {extra}.'],
    solved: [
      'Se da de baja el adicional y se rebajan {extra}; total {amount}.',
      'Nota de crédito por {extra}, atención {ticket}.',
    ],
    unsolved: ['Pasa a revisión de facturación, reclamo {ticket}, respuesta el {date}.'],
  },
}

export const priceIncrease: TopicScript = {
  opening: [
    'Oiga, la boleta me subió {extra} de un mes para otro y nadie me avisó.',
    'Yo pagaba menos por {plan} y ahora me llegó en {amount}.',
    'Quiero saber por qué me subió la cuenta este mes.',
  ],
  steps: [
    {
      agent: [
        'Revisé su cuenta: en {pastMonth} terminó el descuento de bienvenida de {extra}.',
        'El alza se explica porque el descuento de {extra} que tenía llegó hasta {pastMonth}.',
      ],
      customer: ['Eso no me lo dijeron cuando contraté.', 'Nadie me avisó, oiga.', 'Yo pensé que era para siempre.'],
    },
    {
      agent: [
        'El aviso se mandó al correo que tenemos registrado. ¿Sigue usando el mismo?',
        'Según veo, se le avisó por correo. ¿Lo revisa habitualmente?',
      ],
      customer: ['Ese correo casi no lo reviso.', 'No, ese ya no lo uso.', 'Seguro que se fue al spam.'],
    },
    {
      agent: [
        'Usted es cliente hace {years} años, así que puedo buscarle un beneficio. ¿Le interesa?',
        'Por su antigüedad de {years} años hay promociones disponibles. ¿Quiere que las revise?',
      ],
      customer: ['Sí, a ver qué me ofrece.', 'Por supuesto, si no me tendría que cambiar.', 'Ya, cuénteme.'],
    },
    {
      always: true,
      agent: [
        'Le puedo dejar {plan} en {price} mensuales por doce meses. ¿Qué le parece?',
        'Tengo un descuento por un año: le quedaría en {price} al mes.',
      ],
      customer: ['Ya, eso me sirve.', 'Eso ya está mejor.', 'Mmm, ya, es más razonable.'],
    },
  ],
  refusals: [
    {
      agent: [
        'Revisé su cuenta: en {pastMonth} terminó el descuento de bienvenida de {extra}.',
        'El alza se explica porque el descuento de {extra} que tenía llegó hasta {pastMonth}.',
      ],
      customer: ['Eso no me lo dijeron cuando contraté.', 'Nadie me avisó, oiga.', 'Yo pensé que era para siempre.'],
    },
    {
      agent: [
        'El aviso se mandó al correo que tenemos registrado. ¿Sigue usando el mismo?',
        'Según veo, se le avisó por correo. ¿Lo revisa habitualmente?',
      ],
      customer: ['Ese correo casi no lo reviso.', 'No, ese ya no lo uso.', 'Seguro que se fue al spam.'],
    },
    {
      agent: [
        'El valor normal de {plan} es el que aparece ahora en su boleta, {amount}.',
        'Desde este mes corresponde el valor normal, que son {amount}.',
      ],
      customer: [
        '¿Y no hay ningún otro descuento?',
        'Es mucho. Algo me podrán rebajar.',
        'Pero eso es mucho más de lo que pagaba.',
      ],
    },
  ],
  person: [
    {
      agent: [
        'Veo que ha pagado siempre al día, y eso ayuda. ¿Quiere mantener la misma velocidad?',
        'Tiene muy buen historial de pago. ¿Le acomoda seguir con {plan}?',
      ],
      customer: ['Sí, la velocidad está bien, es el precio.', 'Sí, solo quiero pagar lo de antes.'],
    },
    {
      agent: [
        'Tengo autorización para un descuento mayor, le quedaría en {price}. ¿Lo activamos?',
        'Puedo llegar a {price} al mes por doce meses, sin costo de salida. ¿Le sirve?',
      ],
      customer: ['Ya, con eso sí.', 'Sí, actívelo.'],
    },
  ],
  solved: {
    agent: [
      'Perfecto, desde la próxima boleta va a pagar {price} por {plan}.',
      'Listo, quedó aplicado: {price} mensuales durante doce meses.',
    ],
    customer: ['Muchas gracias, así sí.', 'Ya, me deja más tranquil{o}. Gracias.', 'Excelente, se agradece.'],
  },
  unsolved: {
    agent: [
      'Por ahora no hay otro descuento disponible para su plan, {honorific}.',
      'Lamentablemente no tengo una promoción que pueda aplicar hoy a {plan}.',
    ],
    customer: [
      'Entonces voy a ver otra compañía, porque está muy caro.',
      'Premian a los nuevos y a los antiguos nos suben. Muy mal.',
      'Ya, gracias, pero no me parece.',
    ],
  },
  summary: {
    about: ['Consulta por alza de {extra} en su boleta.', 'Reclama el término del descuento de {plan}.'],
    solved: ['Se explica el término del descuento y se aplica {price} por doce meses.'],
    unsolved: ['No hay descuentos vigentes; el cliente queda disconforme y evalúa cambiarse.'],
  },
}

export const billCopy: TopicScript = {
  opening: [
    'No me ha llegado la boleta y no sé cuánto tengo que pagar.',
    'Necesito una copia de la última boleta, por favor.',
    'Quería saber cuánto debo y hasta cuándo puedo pagar.',
  ],
  steps: [
    {
      always: true,
      agent: [
        'Su boleta es de {amount} y vence el {date}. ¿Quiere que se la envíe por correo?',
        'Tiene una boleta por {amount}, con vencimiento el {date}. ¿Se la mando al correo?',
      ],
      customer: ['Sí, por favor, al correo.', 'Ya, mándemela.', 'Sí, porque no me llegó.'],
    },
    {
      always: true,
      agent: ['¿Su correo sigue siendo {email}?', 'Tengo registrado {email}. ¿Está correcto?'],
      customer: ['Sí, ese mismo.', 'Correcto.', 'Sí, está bien.'],
    },
    {
      agent: [
        'También puede pagar en la aplicación o en cualquier servipago. ¿Cómo suele pagar?',
        '¿Prefiere pagar en línea o en una sucursal?',
      ],
      customer: ['En línea, con la tarjeta.', 'Por la aplicación del banco.', 'En línea, es más rápido.'],
    },
    {
      agent: [
        'Si quiere, le puedo dejar inscrito el pago automático para que no se le pase la fecha.',
        'Le comento que existe el pago automático con tarjeta. ¿Le interesa?',
      ],
      customer: ['No, por ahora no.', 'Lo voy a pensar.', 'No, prefiero pagar yo cada mes.'],
    },
  ],
  person: [
    {
      agent: [
        'Veo que el correo rebotaba, por eso no le llegaba. ¿Me confirma {email}?',
        'El envío estaba quedando rechazado. ¿El correo {email} está vigente?',
      ],
      customer: ['Sí, está vigente.', 'Sí, lo uso todos los días.'],
    },
    {
      agent: ['Se la estoy reenviando ahora. ¿La puede ver?', 'Le acabo de mandar la boleta. ¿Me confirma si llegó?'],
      customer: ['Sí, recién llegó.', 'A ver… sí, aquí está.'],
    },
  ],
  solved: {
    agent: [
      'Listo, la boleta de {amount} quedó enviada y vence el {date}.',
      'Ya le envié la boleta. Recuerde: {amount}, hasta el {date}.',
    ],
    customer: ['Perfecto, muchas gracias.', 'Ya me llegó, gracias.', 'Súper, muy amable.'],
  },
  unsolved: {
    agent: [
      'El sistema de boletas está con intermitencia y no se la puedo mandar ahora, {honorific}. Quedó la solicitud {ticket}.',
      'No logro generar la copia en este momento. Dejé la solicitud {ticket} para que le llegue el {weekday}.',
    ],
    customer: [
      'Ya, pero después no me vayan a cobrar intereses.',
      'Siempre lo mismo con el sistema. Bueno, qué se le va a hacer.',
      'Pucha, yo quería dejarla pagada hoy.',
    ],
  },
  summary: {
    about: ['Solicita copia de la boleta de {amount}.', 'Consulta monto y fecha de vencimiento.'],
    solved: ['Se envía la boleta a su correo; vence el {date}.'],
    unsolved: ['No se pudo generar la copia; queda la solicitud {ticket}.'],
  },
}
