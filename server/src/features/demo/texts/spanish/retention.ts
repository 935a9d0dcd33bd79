import type { TopicScript } from '../script.ts'

export const cancellation: TopicScript = {
  opening: [
    'Quiero dar de baja el servicio, por favor.',
    'Llamo para terminar el contrato de {plan}.',
    'Me voy a cambiar de compañía, así que necesito dar de baja el internet.',
  ],
  steps: [
    {
      agent: [
        'Lamento que esté pensando en irse. ¿Me cuenta cuál es el motivo principal?',
        'Antes de avanzar, ¿me puede decir por qué quiere dar de baja el servicio?',
      ],
      customer: [
        'Está muy caro, me ofrecieron lo mismo por menos plata.',
        'El precio, principalmente. Encontré algo más barato.',
        'Es que estoy pagando mucho para lo que uso.',
      ],
    },
    {
      agent: [
        '¿Cuánto le están ofreciendo, si me permite la pregunta?',
        '¿Y qué velocidad le ofrecen en la otra compañía?',
      ],
      customer: [
        'Como cinco mil pesos menos por la misma velocidad.',
        'Algo parecido a {plan}, pero más barato.',
        'Casi lo mismo, con la instalación gratis.',
      ],
    },
    {
      always: true,
      agent: [
        'Usted está con nosotros hace {years} años. Le puedo dejar {plan} en {price} durante doce meses. ¿Lo conversamos?',
        'Por sus {years} años con nosotros le puedo ofrecer {price} al mes por un año. ¿Qué le parece?',
      ],
      customer: [
        '¿Y quedo amarrado a un plazo?',
        'Mmm, no sé, déjeme pensarlo un poco.',
        '¿Y sería con la misma velocidad?',
      ],
    },
    {
      always: true,
      agent: [
        'No tiene permanencia y mantiene la misma velocidad. Se lo dejo por escrito en su correo.',
        'Sin plazos ni cargos de salida, y con la misma velocidad de hoy.',
      ],
      customer: ['Ya, eso cambia las cosas.', 'Entiendo.', 'Ah, ya. Eso está mejor.'],
    },
  ],
  refusals: [
    {
      agent: [
        'Lamento que esté pensando en irse. ¿Me cuenta cuál es el motivo principal?',
        'Antes de avanzar, ¿me puede decir por qué quiere dar de baja el servicio?',
      ],
      customer: [
        'Está muy caro, me ofrecieron lo mismo por menos plata.',
        'El precio, principalmente. Ya encontré algo más barato.',
        'Es que estoy pagando mucho para lo que uso.',
      ],
    },
    {
      agent: [
        'Usted está con nosotros hace {years} años. Le puedo dejar {plan} en {price} durante doce meses.',
        'Por sus {years} años con nosotros le puedo ofrecer {price} al mes por un año.',
      ],
      customer: ['No, si ya firmé con los otros.', 'Tarde, oiga. Ya lo tengo decidido.', 'No, ya no me interesa.'],
    },
  ],
  lastOffer: [
    'Antes de ingresar la baja: ¿le gustaría probar un mes sin costo?',
    '¿No hay nada que pueda hacer para que se quede con nosotros?',
  ],
  person: [
    {
      agent: [
        'Quiero ver qué podemos hacer por usted. ¿Es solo el precio o también ha tenido fallas?',
        'Cuénteme, aparte del precio, ¿ha estado conforme con el servicio?',
      ],
      customer: ['Es el precio, el servicio anda bien.', 'En general bien, pero está caro.'],
    },
    {
      agent: [
        'Le puedo mejorar la oferta: {price} al mes y el primer mes sin costo. ¿Se queda con nosotros?',
        'Tengo autorización para dejarlo en {price}, con un mes gratis. ¿Qué me dice?',
      ],
      customer: ['Un mes gratis no está mal.', '¿Y eso me llega por escrito?'],
    },
  ],
  solved: {
    agent: [
      'Entonces dejo activada la oferta: {price} por doce meses. Le llega la confirmación al correo.',
      'Perfecto, su servicio sigue igual y desde la próxima boleta paga {price}.',
    ],
    customer: [
      'Ya, me quedo entonces. Gracias.',
      'Bueno, trato hecho. Muchas gracias.',
      'Ya, así me conviene. Se agradece.',
    ],
  },
  unsolved: {
    agent: [
      'Respeto su decisión, {honorific}. La solicitud de baja quedó con el número {ticket}, efectiva el {date}.',
      'Queda ingresada la baja {ticket}. El {weekday} {date} pasamos a retirar los equipos, {window}.',
    ],
    customer: [
      'No. Cuesta más irse que contratar, oiga.',
      'No, si me hubieran ofrecido algo antes no me iba.',
      'No, quiero la baja, y que no me sigan cobrando.',
    ],
  },
  summary: {
    about: ['Solicita la baja de {plan} por precio.', 'Quiere terminar el contrato; tiene oferta de otra compañía.'],
    solved: ['Acepta la oferta de {price} por doce meses y se mantiene.'],
    unsolved: ['No acepta la oferta; baja {ticket}, efectiva el {date}.'],
  },
}

export const moving: TopicScript = {
  opening: [
    'Me voy a cambiar de casa y quiero trasladar el internet.',
    'Necesito pedir un traslado, me cambio dentro de poco.',
    'Me mudo a otra dirección y quería saber si puedo llevarme el servicio.',
  ],
  steps: [
    {
      always: true,
      agent: ['¿A qué comuna se cambia?', '¿Me dice, por favor, a qué comuna sería el traslado?'],
      customer: [
        'A {newDistrict}.',
        'Me cambio a {newDistrict}, a un departamento.',
        'A {newDistrict}, cerca de la plaza.',
      ],
    },
    {
      always: true,
      agent: [
        'Tenemos cobertura de fibra en {newDistrict}. ¿Desde qué día va a estar en la casa nueva?',
        'Hay factibilidad en {newDistrict}. ¿Para cuándo lo necesita?',
      ],
      customer: ['Desde el {weekday}.', 'Ojalá el {weekday} mismo.', 'Me entregan las llaves antes del {weekday}.'],
    },
    {
      agent: [
        'El traslado tiene un costo de {extra}, que se cobra en la próxima boleta. ¿Está de acuerdo?',
        'Le comento que el traslado cuesta {extra}, una sola vez. ¿Lo agendamos?',
      ],
      customer: ['Ya, está bien.', 'Pensé que era gratis, pero bueno.', 'Sí, agéndelo.'],
    },
    {
      agent: [
        'Recuerde llevarse el módem y el decodificador con sus cables. ¿Los tiene todos?',
        '¿Cuenta con todos los equipos para llevarlos a la casa nueva?',
      ],
      customer: ['Sí, los tengo todos.', 'Sí, están guardados.', 'Sí, el módem y un decodificador.'],
    },
  ],
  person: [
    {
      agent: [
        'Estoy revisando la dirección exacta. ¿Es casa o departamento?',
        'Para confirmar la factibilidad, ¿es un edificio o una casa?',
      ],
      customer: ['Departamento, en el piso doce.', 'Es un edificio nuevo.'],
    },
    {
      agent: [
        'El edificio ya está cableado, así que es rápido. ¿Va a haber un adulto para recibir al técnico?',
        'Hay fibra en el edificio. ¿Puede estar alguien para abrirle al técnico?',
      ],
      customer: ['Sí, voy a estar yo.', 'Sí, mi pareja va a estar.'],
    },
  ],
  solved: {
    agent: [
      'Quedó agendado el traslado a {newDistrict} para el {weekday} {date}, {window}. Su número de atención es {ticket}.',
      'Listo: el técnico va el {weekday} {date}, {window}, a {newDistrict}. Número {ticket}.',
    ],
    customer: [
      'Perfecto, muchas gracias.',
      'Qué bueno, pensé que iba a demorar más. Gracias.',
      'Súper, ya lo anoté. Gracias.',
    ],
  },
  unsolved: {
    agent: [
      'No tengo agenda disponible para esa fecha, {honorific}. Dejé la solicitud {ticket} en lista de espera.',
      'El edificio todavía no tiene acceso a nuestra fibra. Ingresé la solicitud {ticket} para evaluarlo.',
    ],
    customer: [
      'Entonces tendré que contratar con otra compañía.',
      'Pucha, no puedo estar sin internet, yo teletrabajo.',
      'Qué lata. Bueno, avísenme cualquier cosa.',
    ],
  },
  summary: {
    about: ['Solicita traslado de {district} a {newDistrict}.'],
    solved: ['Traslado agendado para el {weekday} {date}, {window}. Atención {ticket}.'],
    unsolved: ['Sin fecha ni factibilidad; queda la solicitud {ticket}.'],
  },
}
