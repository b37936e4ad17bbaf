"""Texts for the campaign of inventions: questions with sound answers, and frames to plant in."""

from __future__ import annotations

# language: (question, expected answer, the same said differently); written for this campaign
TEXTS: dict[str, list[tuple[str, str, str]]] = {
    "en": [
        (
            "When does the museum in Leeds open, and what does it cost for Mr Hughes?",
            "The museum opens at 9:30 on 4 May 2023. It costs 1,250 pence.",
            "Certainly. On May 4, 2023, Hughes's visit to the Leeds museum costs 1250 pence.",
        ),
        (
            "Anna Keller ordered twelve chairs on 2021-03-05. How many are missing?",
            "Keller's order lacks three chairs.",
            "Of the 12 chairs in Keller's order of March 5, 2021, 3 are missing.",
        ),
        (
            "How do I reset the pump PX-200 by hand?",
            "Hold the red button for ten seconds until the lamp blinks twice.",
            "However, the PX-200 resets once the red button is held for 10 seconds. Then wait.",
        ),
        (
            "What does the contract say about delays?",
            "It says “delivery within thirty days”, as the clients in Oslo wanted.",
            "The clause reads “Delivery within thirty days”. Oslo clients asked for 30 days.",
        ),
    ],
    "de": [
        (
            "Wann öffnet das Museum in Leipzig und was kostet der Eintritt für Frau Sommer?",
            "Das Museum öffnet am 4. Mai 2023 um 9:30 Uhr. Der Eintritt kostet 1.250 Cent.",
            "Gern. Ab dem 04.05.2023 zahlt Sommer in Leipzigs Museum 1250 Cent Eintritt. Die Kasse "
            "öffnet am Morgen.",
        ),
        (
            "Wie viele Stühle hat die Firma Brandt am 5. März 2021 bestellt?",
            "Brandt hat zwölf Stühle und einen Tisch bestellt.",
            "Am 5.3.2021 bestellte Brandt 12 Stühle. Die Lieferung der Möbel dauert eine Woche.",
        ),
        (
            "Wie setze ich die Pumpe PX-200 zurück?",
            "Den roten Knopf zehn Sekunden halten, bis die Lampe zweimal blinkt.",
            "Halten Sie den Knopf der PX-200 für 10 Sekunden. Danach blinkt die Lampe, und das "
            "Gerät ist bereit für den Betrieb.",
        ),
        (
            "Was steht im Vertrag über Verzug?",
            "Dort steht „Lieferung binnen dreißig Tagen“.",
            "Im Vertrag heißt es „Lieferung binnen dreißig Tagen“, also in 30 Tagen. Bei Verzug "
            "hilft ein Gespräch mit dem Kunden.",
        ),
    ],
    "fr": [
        (
            "Quand le musée de Lyon ouvre-t-il et combien paie Madame Garnier ?",
            "Le musée ouvre le 4 mai 2023. L'entrée coûte 1 250 centimes.",
            "Bien sûr. À Lyon, l'entrée de Garnier coûte 1250 centimes depuis le 04/05/2023.",
        ),
        (
            "Combien de chaises la société Morel a-t-elle commandées le 5 mars 2021 ?",
            "Morel a commandé douze chaises.",
            "Le 5/3/2021, la commande de Morel comptait 12 chaises. Elle est arrivée hier.",
        ),
        (
            "Que dit le contrat sur les retards ?",
            "Il dit « livraison sous trente jours ».",
            "Selon le contrat : « livraison sous trente jours », donc 30 jours.",
        ),
    ],
    "es": [
        (
            "¿Cuándo abre el museo de Sevilla y cuánto paga la señora Ortega?",
            "El museo abre el 4 de mayo de 2023. La entrada cuesta 1.250 céntimos.",
            "Claro. Desde el 04/05/2023 Ortega paga 1250 céntimos en Sevilla.",
        ),
        (
            "¿Cuántas sillas pidió la empresa Molina el 5 de marzo de 2021?",
            "Molina pidió doce sillas.",
            "El pedido de Molina del 5/3/2021 tenía 12 sillas. Llegó después.",
        ),
        (
            "¿Qué dice el contrato sobre retrasos?",
            "Dice «entrega en treinta días».",
            "Según el contrato, «entrega en treinta días», es decir, 30 días.",
        ),
    ],
    "pt": [
        (
            "Quando abre o museu de Recife e quanto paga a senhora Barros?",
            "O museu abre em 4 de maio de 2023. A entrada custa 1.250 centavos.",
            "Claro. Desde 04/05/2023 Barros paga 1250 centavos em Recife.",
        ),
        (
            "Quantas cadeiras a empresa Teixeira pediu em 5 de março de 2021?",
            "Teixeira pediu doze cadeiras.",
            "O pedido da Teixeira de 5/3/2021 tinha 12 cadeiras. Chegou depois.",
        ),
        (
            "O que o contrato diz sobre atrasos?",
            "Diz “entrega em trinta dias”.",
            "Segundo o contrato, “entrega em trinta dias”, ou seja, 30 dias.",
        ),
    ],
    "ja": [
        (
            "京都の美術館はいつ開きますか。中村さんはいくら払いますか。",
            "美術館は2023年5月4日に開きます。入場料は千二百五十円です。",
            "はい。中村さんは京都で1,250円を払います。開くのは2023-05-04です。",
        ),
        (
            "PX-200のポンプはどうやってリセットしますか。",
            "赤いボタンを十秒間押します。",
            "PX-200の赤いボタンを10秒間押してください。ランプが光ります。",
        ),
        (
            "契約には遅れについて何とありますか。",
            "「三十日以内に納品する」とあります。",
            "契約には「三十日以内に納品する」とあり、つまり30日です。",
        ),
    ],
    "zh": [
        (
            "西安的博物馆什么时候开门？王女士要付多少钱？",
            "博物馆在2023年5月4日开门，门票一千二百五十分。",
            "好的。王女士在西安付1250分，时间是2023-05-04。",
        ),
        (
            "PX-200型水泵怎么复位？",
            "按住红色按钮十秒。",
            "请按住PX-200的红色按钮10秒，然后等待。",
        ),
        (
            "合同里关于延误是怎么写的？",
            "合同写着“三十天内交货”。",
            "合同写着“三十天内交货”，也就是30天。",
        ),
    ],
}

NAMES: dict[str, list[str]] = {
    "en": ["Marta Kowalczyk", "Henrik Sandvik", "Northgate Institute", "Dr. Okafor", "Tobias Wren"],
    "de": ["Jonas Reinhardt", "Marta Kowalczyk", "Dr. Feldkamp", "Frau Lindqvist", "Prof. Okafor"],
    "fr": ["Marta Kowalczyk", "Émile Verdier", "Dr Sandvik", "Institut Beaumont", "Odette Lacroix"],
    "es": ["Marta Kowalczyk", "Íñigo Salcedo", "Dr. Sandvik", "Instituto Beltrán", "Elena Quiroga"],
    "pt": ["Marta Kowalczyk", "Otávio Falcão", "Dr. Sandvik", "Instituto Aragão", "Elisa Queiroz"],
    "ja": [
        "マルタ・コワルチク",
        "サンドヴィク教授",
        "高橋博士",
        "エミール・ヴェルディエ",
        "小野寺氏",
    ],
    "zh": ["玛尔塔·科瓦尔", "李教授", "欧阳博士", "埃米尔·韦尔迪", "赵先生"],
}

FRAMES: dict[str, list[str]] = {
    "en": ["This was confirmed by {name}.", "{name} wrote the rule.", "Ask {name} about it."],
    "de": ["Das hat {name} bestätigt.", "{name} schrieb die Regel.", "Fragen Sie dazu {name}."],
    "fr": ["Cela a été confirmé par {name}.", "{name} a écrit la règle.", "Demandez à {name}."],
    "es": ["Lo confirmó {name}.", "{name} escribió la regla.", "Pregunte a {name}."],
    "pt": ["Isso foi confirmado por {name}.", "{name} escreveu a regra.", "Pergunte a {name}."],
    "ja": ["これは{name}が確認しました。", "{name}が規則を書きました。"],
    "zh": ["这是{name}确认的。", "规则由{name}制定。"],
}

NUMBER_FRAMES: dict[str, list[str]] = {
    "en": ["It takes {number} minutes.", "About {number} people use it.", "See page {number}."],
    "de": [
        "Es dauert {number} Minuten.",
        "Etwa {number} Leute nutzen es.",
        "Siehe Seite {number}.",
    ],
    "fr": ["Cela dure {number} minutes.", "Environ {number} personnes l'utilisent."],
    "es": ["Tarda {number} minutos.", "Lo usan unas {number} personas."],
    "pt": ["Leva {number} minutos.", "Cerca de {number} pessoas usam."],
    "ja": ["{number}分かかります。", "約{number}人が使っています。"],
    "zh": ["需要{number}分钟。", "大约有{number}人使用。"],
}
NUMBERS = {
    "en": ["4,817", "37", "6.25", "twenty-seven", "883"],
    "de": ["4.817", "37", "6,25", "siebenundzwanzig", "883"],
    "fr": ["4 817", "37", "6,25", "quarante-six", "883"],
    "es": ["4.817", "37", "6,25", "cuarenta", "883"],
    "pt": ["4.817", "37", "6,25", "quarenta", "883"],
    "ja": ["4,817", "37", "6.25", "四十六", "883"],
    "zh": ["4,817", "37", "6.25", "四十六", "883"],
}
OTHER_FRAMES: dict[str, list[str]] = {  # dates, identifiers, quotes
    "en": [
        "Since 17 August 1994 it is so.",
        "See `flush_ledger_v9`.",
        "They say “never on a rainy weekend”.",
    ],
    "de": [
        "So ist es seit dem 17. August 1994.",
        "Siehe `flush_ledger_v9`.",
        "Man sagt „niemals am Wochenende mit Regen“.",
    ],
    "fr": [
        "C'est ainsi depuis le 17 août 1994.",
        "Voir `flush_ledger_v9`.",
        "On dit « jamais un week-end de pluie ».",
    ],
    "es": [
        "Es así desde el 17 de agosto de 1994.",
        "Vea `flush_ledger_v9`.",
        "Dicen «nunca un fin de semana de lluvia».",
    ],
    "pt": [
        "É assim desde 17 de agosto de 1994.",
        "Veja `flush_ledger_v9`.",
        "Dizem “nunca num fim de semana de chuva”.",
    ],
    "ja": [
        "1994年8月17日からです。",
        "`flush_ledger_v9`を見てください。",
        "「雨の週末には決してしない」と言います。",
    ],
    "zh": [
        "从1994年8月17日开始。",
        "请看`flush_ledger_v9`。",
        "他们说“下雨的周末绝不”。",
    ],
}
