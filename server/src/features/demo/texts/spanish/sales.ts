import type { TopicScript } from '../script.ts'

export const planUpgrade: TopicScript = {
  opening: [
    'Por ser un buen cliente, le quiero contar que puede pasar de {plan} a {newPlan}.',
    'Le llamo porque su dirección en {district} ya tiene disponible {newPlan}, con un precio especial para clientes.',
  ],
  reaction: [
    '¿Y cuánto saldría eso?',
    'A ver, cuénteme, pero cortito.',
    'Mmm, ¿y en cuánto me queda?',
    'Ya, depende del precio.',
  ],
  steps: [
    {
      always: true,
      agent: [
        'Le quedaría en {newPrice} al mes durante el primer año. Hoy usted paga {planPrice}.',
        'El valor es de {newPrice} mensuales por doce meses; hoy tiene {planPrice}.',
      ],
      customer: ['No es tanta la diferencia.', 'Ah, pensé que era más.', 'Entiendo.'],
    },
    {
      agent: ['¿Cuántas personas usan el internet en su casa?', '¿En su casa trabajan o estudian conectados?'],
      customer: [
        'Somos cuatro, y todos conectados.',
        'Mi señora trabaja desde la casa y los niños juegan en línea.',
        'Dos, pero hacemos muchas videollamadas.',
      ],
    },
    {
      agent: [
        'Con {newPlan} incluimos un repetidor de wifi sin costo, para que llegue bien a todas las piezas.',
        'Además viene un módem nuevo con mejor alcance, sin costo adicional.',
      ],
      customer: ['Eso me serviría, porque atrás no llega.', 'Ah, eso está bueno.', 'Buenísimo.'],
    },
    {
      always: true,
      agent: [
        'La instalación es gratis y no hay permanencia. ¿Le gustaría aprovecharlo?',
        'No tiene costo de instalación ni contrato con plazo. ¿Se anima?',
      ],
      customer: ['Ya, hagámoslo.', 'Bueno, me convenció.', 'Sí, si no me amarran, sí.'],
    },
  ],
  refusals: [
    {
      agent: [
        'Le quedaría en {newPrice} al mes durante el primer año. Hoy usted paga {planPrice}.',
        'El valor es de {newPrice} mensuales por doce meses; hoy tiene {planPrice}.',
      ],
      customer: [
        'O sea, igual es más de lo que pago.',
        'Mmm, no quiero subir la cuenta.',
        'Es que con lo que tengo ando bien.',
      ],
    },
    {
      agent: [
        'Además viene un módem nuevo con mejor alcance, sin costo adicional.',
        'Incluimos un repetidor de wifi, para que llegue bien a todas las piezas.',
      ],
      customer: [
        'La casa es chica, no me hace falta.',
        'Acá la señal llega bien.',
        'No, si no tengo problemas con eso.',
      ],
    },
  ],
  lastOffer: [
    'La instalación es gratis y no hay permanencia. ¿Se anima a probarlo?',
    '¿Le gustaría aprovecharlo, aunque sea por el primer año?',
  ],
  person: [
    {
      agent: [
        'Le cuento los detalles que faltaban: la velocidad es simétrica, de subida y de bajada. ¿Qué duda le quedó?',
        'Yo le explico el detalle del contrato. ¿Qué le gustaría saber?',
      ],
      customer: ['Si después me van a subir el precio.', 'Qué pasa cuando se termina la promoción.'],
    },
    {
      agent: [
        'Al terminar el año se le avisa treinta días antes y puede volver a su plan. ¿Lo contratamos?',
        'Le avisamos con un mes de anticipación y usted decide si sigue. ¿Avanzamos?',
      ],
      customer: ['Así está claro. Ya.', 'Ya, me quedó claro.'],
    },
  ],
  solved: {
    agent: [
      'Perfecto, entonces dejo contratado {newPlan} en {newPrice}. El técnico va el {weekday} {date}, {window}.',
      'Listo, quedó ingresado el cambio a {newPlan}. La instalación es el {weekday} {date}, {window}.',
    ],
    customer: ['Ya, perfecto, los espero.', 'Súper, gracias por el dato.', 'Bueno, muchas gracias.'],
  },
  unsolved: {
    agent: [
      'Entonces no le insisto, {honorific}. La oferta queda disponible hasta el {date}.',
      'Sin problema. Si cambia de opinión, la promoción está vigente hasta el {date}.',
    ],
    customer: [
      'No, gracias, con lo que tengo me basta.',
      'Por ahora no, quizás más adelante.',
      'No me interesa, pero gracias igual.',
    ],
  },
  summary: {
    about: ['Oferta de cambio de {plan} a {newPlan}.'],
    solved: ['Contrata {newPlan} en {newPrice}; instalación el {date}, {window}.'],
    unsolved: ['No le interesa por ahora.', 'Rechaza la oferta; está conforme con {plan}.'],
  },
}

export const mobileLine: TopicScript = {
  opening: [
    'Le quiero ofrecer una línea móvil con {gigas} gigas por {mobilePrice} al mes, solo para clientes de fibra.',
    'Como ya tiene {plan} con nosotros, puede sumar una línea móvil de {gigas} gigas por {mobilePrice}.',
  ],
  reaction: ['Yo ya tengo celular con otra compañía.', 'A ver, dígame.', 'Mmm, cuénteme.'],
  steps: [
    {
      always: true,
      agent: ['¿Con qué compañía está hoy y cuánto paga, más o menos?', '¿Cuánto está pagando ahora por su celular?'],
      customer: [
        'Unos quince mil pesos.',
        'Como doce mil, pero con pocos gigas.',
        'No me acuerdo bien, como trece mil.',
      ],
    },
    {
      agent: [
        'Puede conservar su mismo número; el cambio se hace en un día hábil.',
        'Mantiene su número y no se queda sin servicio durante el cambio.',
      ],
      customer: ['Ah, qué bueno.', 'Eso es importante, porque todos me conocen por ese.', 'Ya, perfecto.'],
    },
    {
      agent: [
        'Incluye minutos libres y redes sociales sin descontar gigas.',
        'Además trae llamadas ilimitadas y puede compartir los gigas.',
      ],
      customer: ['Eso está bien.', 'Con eso me alcanza.', 'Me serviría para mi hija.'],
    },
    {
      always: true,
      agent: [
        'El chip se lo llevamos sin costo a {district}. ¿Le gustaría tomarlo?',
        'El despacho del chip a {district} es gratis. ¿Lo dejamos listo?',
      ],
      customer: ['Ya, tomémoslo.', 'Sí, ¿y cuándo llegaría?', 'Bueno, dejémoslo listo.'],
    },
  ],
  refusals: [
    {
      agent: ['¿Con qué compañía está hoy y cuánto paga, más o menos?', '¿Cuánto está pagando ahora por su celular?'],
      customer: [
        'Me lo paga la empresa.',
        'Poquito, tengo prepago.',
        'Estoy en un plan familiar, no me conviene salirme.',
      ],
    },
    {
      agent: [
        'Incluye minutos libres y redes sociales sin descontar gigas.',
        'Puede conservar su mismo número y no hay permanencia.',
      ],
      customer: ['Sí, pero no lo necesito.', 'Es que yo ocupo muy poco el celular.', 'No, gracias, estoy bien así.'],
    },
  ],
  lastOffer: [
    '¿Le gustaría que se lo dejara a prueba el primer mes?',
    '¿Quizás le serviría para otra persona de la familia?',
  ],
  person: [
    {
      agent: [
        'Le explico la portabilidad: solo necesito que no tenga deuda con su compañía actual. ¿Está al día?',
        'Para traer su número tiene que estar al día. ¿Tiene algo pendiente?',
      ],
      customer: ['Estoy al día.', 'No debo nada.'],
    },
    {
      agent: [
        'Entonces hacemos la solicitud ahora. ¿El chip lo recibe en {district}?',
        'Perfecto. ¿Despachamos a la dirección de {district}?',
      ],
      customer: ['Sí, a la casa.', 'Sí, ahí hay gente todo el día.'],
    },
  ],
  solved: {
    agent: [
      'Listo, quedó su línea de {gigas} gigas por {mobilePrice}. El chip llega el {weekday} {date}, {window}.',
      'Perfecto, le despachamos el chip el {weekday} {date}, {window}.',
    ],
    customer: ['Ya, gracias, quedo a la espera.', 'Perfecto, muy amable.', 'Súper, gracias.'],
  },
  unsolved: {
    agent: [
      'Comprendo, {honorific}. La oferta queda abierta hasta el {date}, por si la necesita.',
      'No hay problema. Le dejo la información en un mensaje, por si después le sirve.',
    ],
    customer: ['No, estoy bien con mi compañía.', 'Ahora no, muchas gracias.', 'No me interesa, gracias.'],
  },
  summary: {
    about: ['Oferta de línea móvil de {gigas} gigas por {mobilePrice}.'],
    solved: ['Contrata la línea móvil; chip el {weekday} {date}.'],
    unsolved: ['No le interesa cambiar su línea móvil.'],
  },
}
