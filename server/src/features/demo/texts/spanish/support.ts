import type { TopicScript } from '../script.ts'

export const noInternet: TopicScript = {
  opening: [
    'Mire, es que me quedé sin internet en la casa desde anoche.',
    'Fíjese que desde la mañana no tengo internet, y yo trabajo desde la casa.',
    'Se me cayó el internet hace un par de horas y no vuelve.',
    'No tengo internet, el módem está con una luz roja.',
  ],
  steps: [
    {
      agent: [
        '¿El módem está encendido y conectado directo al enchufe, sin alargador?',
        'Partamos por lo básico: ¿el módem tiene luz y está enchufado directo a la pared?',
      ],
      customer: [
        'Sí, está prendido y enchufado donde siempre.',
        'Sí, directo a la pared, no lo he movido.',
        'Déjeme ver… sí, está prendido.',
      ],
    },
    {
      agent: [
        '¿Me puede decir de qué color está la luz que dice PON o Internet?',
        'Fíjese en las luces del frente, por favor. ¿Cómo está la que dice Internet?',
      ],
      customer: ['Está roja y parpadea.', 'La de internet está en rojo, las otras en verde.', 'Roja, fija.'],
    },
    {
      always: true,
      agent: [
        'Vamos a reiniciarlo: desenchúfelo, cuente hasta veinte y lo vuelve a enchufar, por favor.',
        'Le pido que lo apague del botón de atrás, espere veinte segundos y lo encienda de nuevo.',
      ],
      customer: [
        'Ya, lo hice. Están partiendo las luces de nuevo.',
        'Listo, está prendiendo.',
        'Ya, ahora está partiendo.',
      ],
    },
    {
      agent: [
        'Revise también el cable delgado de la fibra, el amarillo. ¿Está bien puesto o se ve doblado?',
        '¿Puede mirar si el cablecito de la fibra está suelto o aplastado detrás del mueble?',
      ],
      customer: [
        'Estaba un poco suelto, lo acabo de apretar.',
        'Parece que se había salido un poquito, ya lo puse bien.',
        'Ah, estaba doblado, ya lo arreglé.',
      ],
    },
  ],
  person: [
    {
      agent: [
        'Desde acá veo que la señal de la fibra le está llegando baja. ¿Alguien hizo trabajos cerca del cable?',
        'Veo que su equipo pierde señal a cada rato. ¿Han hecho arreglos en la casa o en el pasaje?',
      ],
      customer: [
        'Sí, ayer estuvieron pintando y movieron los muebles.',
        'Ahora que lo dice, el vecino estuvo podando un árbol justo ahí.',
      ],
    },
    {
      agent: [
        'Voy a forzar el equipo desde la central. ¿Me confirma si la luz cambió a verde?',
        'Le estoy reconfigurando el módem a distancia. Dígame, por favor, si cambia la luz.',
      ],
      customer: ['A ver… sí, ahora está parpadeando en verde.', 'Cambió recién, está en verde.'],
    },
  ],
  solved: {
    agent: [
      'Perfecto, desde acá ya veo su servicio en línea. ¿Me confirma si puede navegar?',
      'Listo, su conexión quedó arriba y con buena señal. ¿Puede probar en el celular?',
    ],
    customer: [
      'Sí, ya tengo internet. Muchas gracias, muy amable.',
      'Ya funciona, qué bueno. Se pasó, muchas gracias.',
      'Sí, cargó al tiro. Le agradezco harto.',
    ],
  },
  unsolved: {
    agent: [
      'Sigo sin ver su equipo en línea, {honorific}. Le dejé una visita técnica para el {weekday} {date}, {window}, con el número {ticket}.',
      'A distancia no lo puedo solucionar. Un técnico irá a {district} el {weekday} {date}, {window}. Su número de atención es {ticket}.',
    ],
    customer: [
      '¿Hasta el {weekday} voy a estar sin internet? No puede ser, oiga.',
      'Pucha, yo necesito trabajar. Voy a tener que reclamar en otra parte.',
      'Qué mal servicio, la verdad. Bueno, qué le voy a hacer.',
    ],
  },
  summary: {
    about: ['Cliente sin internet en su domicilio de {district}.', 'Reporta corte de internet, plan {plan}.'],
    solved: [
      'Se revisa el equipo y queda en línea con buena señal.',
      'El servicio vuelve después de revisar equipo y fibra.',
    ],
    unsolved: ['No se recupera a distancia; visita técnica el {weekday} {date}, {window}. Atención {ticket}.'],
  },
}

export const slowInternet: TopicScript = {
  opening: [
    'El internet está lentísimo, no puedo ni ver una película.',
    'Tengo contratado {plan}, pero me está llegando apenas una parte de la velocidad.',
    'Llamo porque en las videollamadas se me corta todo, está muy lento.',
    'Mire, pago por {plan} y en las noches el internet anda como las tortugas.',
  ],
  steps: [
    {
      agent: [
        '¿La lentitud es por wifi, por cable o en los dos casos?',
        '¿Ha probado con un computador conectado por cable, o solo por wifi?',
      ],
      customer: [
        'Por wifi no más, no he probado con cable.',
        'Uso puro wifi.',
        'Por wifi, sobre todo en las piezas de atrás.',
      ],
    },
    {
      agent: [
        '¿Cuántos equipos hay conectados más o menos en este momento?',
        '¿Sabe cuántos celulares, televisores y computadores están usando la red ahora?',
      ],
      customer: [
        'Como diez, entre celulares y la tele.',
        'Somos cuatro en la casa, así que unos ocho.',
        'Harta cosa: tres teles, los celulares y el notebook.',
      ],
    },
    {
      agent: [
        'Hice una medición desde acá y a su equipo le llegan {speed} megas de los {contracted} contratados. ¿Puede reiniciarlo?',
        'La prueba me muestra {speed} megas, y usted tiene {contracted}. Le pido que reinicie el módem, por favor.',
      ],
      customer: ['Ya, lo estoy reiniciando.', 'Listo, lo apagué y lo prendí.', 'Ya, espere que prenda… ahora sí.'],
    },
    {
      always: true,
      agent: [
        'Veo mucho ruido en el canal del wifi. Se lo voy a cambiar a uno más libre, ¿le parece?',
        'Su red está en un canal muy usado por los vecinos. ¿Le puedo cambiar el canal desde acá?',
      ],
      customer: ['Sí, hágalo no más.', 'Ya, perfecto.', 'Bueno, si eso ayuda.'],
    },
  ],
  person: [
    {
      agent: [
        'Quiero medir de nuevo con usted en línea. ¿Está cerca del módem?',
        'Vamos a hacer otra prueba juntos. ¿Me puede decir si está al lado del equipo?',
      ],
      customer: ['Sí, estoy al lado.', 'Sí, lo tengo aquí al frente.'],
    },
    {
      agent: [
        'Veo que el módem es un modelo antiguo. ¿Hace cuánto que lo tiene?',
        'El equipo que tiene ya quedó corto para {plan}. ¿Nunca se lo han cambiado?',
      ],
      customer: ['Uf, como cinco años.', 'Nunca, es el mismo desde que contraté.'],
    },
  ],
  solved: {
    agent: [
      'Listo, la última medición marca la velocidad completa de su plan. ¿Nota la diferencia?',
      'Ya quedó: ahora le llegan los {contracted} megas. ¿Puede probar con un video?',
    ],
    customer: [
      'Sí, ahora anda rápido. Muchas gracias por la paciencia.',
      'Se nota al tiro, excelente. Gracias.',
      'Súper, quedó bien. Muy amable.',
    ],
  },
  unsolved: {
    agent: [
      'La velocidad sigue baja, {honorific}. Dejé ingresado el caso {ticket} para que ingeniería revise su sector en {district}.',
      'No logro llegar a la velocidad de su plan. Queda el caso {ticket} y le avisamos el {weekday} {date}.',
    ],
    customer: [
      'O sea, sigo pagando por algo que no recibo. Pésimo.',
      'Eso mismo me dijeron la otra vez. No estoy nada conforme.',
      'Entonces quiero que me descuenten los días, porque así no se puede.',
    ],
  },
  summary: {
    about: ['Reclama lentitud del servicio {plan}.', 'Cliente de {district} con baja velocidad por wifi.'],
    solved: ['Cambio de canal y reinicio; la medición final es correcta.', 'Queda con la velocidad contratada.'],
    unsolved: ['La velocidad no mejora. Se ingresa el caso {ticket} a ingeniería.'],
  },
}

export const television: TopicScript = {
  opening: [
    'El decodificador quedó con la pantalla en negro y no puedo ver la tele.',
    'Se me desaparecieron los canales, sale un mensaje de error en la pantalla.',
    'Llamo porque la tele se queda pegada a cada rato.',
  ],
  steps: [
    {
      agent: [
        '¿Le pasa en todos los televisores o en uno solo?',
        '¿El problema es en un decodificador o en todos los que tiene?',
      ],
      customer: ['En el del living no más.', 'En uno solo, el de la pieza está bien.', 'Solo en el principal.'],
    },
    {
      agent: [
        'Revise, por favor, si el cable HDMI está firme por los dos lados.',
        '¿Me ayuda a ver si el HDMI está bien conectado al televisor y al decodificador?',
      ],
      customer: ['Sí, los apreté bien los dos.', 'Ya, está firme.', 'Lo saqué y lo volví a poner.'],
    },
    {
      always: true,
      agent: [
        'Le voy a mandar una señal de reinicio al decodificador. Va a demorar un par de minutos, ¿me espera?',
        'Voy a reiniciar el equipo desde acá. La pantalla se va a apagar y va a volver sola, ¿de acuerdo?',
      ],
      customer: ['Ya, dele.', 'Bueno, espero.', 'Ya, se está reiniciando.'],
    },
    {
      agent: [
        '¿Me puede leer el código que aparece en la pantalla, por favor?',
        '¿Qué mensaje le muestra ahora la pantalla?',
      ],
      customer: [
        'Dice «buscando señal» y un porcentaje.',
        'Sale el logo y una barrita que avanza.',
        'Ahora dice «actualizando».',
      ],
    },
  ],
  person: [
    {
      agent: [
        'Veo que el equipo quedó a medias en una actualización. ¿Lo apagaron mientras cargaba?',
        'Acá me figura una actualización pendiente. ¿Se cortó la luz en estos días?',
      ],
      customer: ['Puede ser, se cortó la luz ayer.', 'Creo que sí, mi hijo lo desenchufó.'],
    },
    {
      agent: [
        'Ya le mandé la actualización completa. ¿Me cuenta qué ve en la pantalla?',
        'Se la estoy cargando de nuevo desde la central. ¿Aparece algo?',
      ],
      customer: ['Sí, está llegando al noventa por ciento.', 'Ahora pasó al menú.'],
    },
  ],
  solved: {
    agent: [
      'Con eso debería tener todos los canales de vuelta. ¿Los puede ver?',
      'Listo, el decodificador quedó actualizado. ¿Me confirma si tiene imagen?',
    ],
    customer: [
      'Sí, ya volvieron todos. Muchas gracias.',
      'Ahí sí, se ve perfecto. Muy amable.',
      'Ya, alcanzo a ver el partido. ¡Gracias!',
    ],
  },
  unsolved: {
    agent: [
      'El equipo no responde, {honorific}. Hay que cambiarlo: se lo llevamos el {weekday} {date}, {window}. Su número de atención es {ticket}.',
      'Parece una falla del decodificador. Dejé el reemplazo con el número {ticket} para el {weekday} {date}, {window}.',
    ],
    customer: [
      '¿Y mientras tanto me quedo sin tele? Qué lata, oiga.',
      'Es el segundo equipo que me sale malo. Muy mal.',
      'Bueno, pero espero que me hagan un descuento, porque así no corresponde.',
    ],
  },
  summary: {
    about: ['Falla de decodificador en el domicilio.', 'Cliente sin señal de televisión en un equipo.'],
    solved: ['Se reinicia y actualiza el equipo; la señal vuelve.', 'Queda con todos sus canales.'],
    unsolved: ['El equipo no responde; reemplazo el {weekday} {date}. Atención {ticket}.'],
  },
}
