"""In which language a text is written, as far as its letters and its smallest words tell."""

from collections import defaultdict
from collections.abc import Iterable

from .reading import read_text
from .text import scripts

# Words are counted up to here: a language shows in its first lines.
LENGTH = 300
# What the best language must reach, in words that are its own, and how far it must be ahead of the next.
ENOUGH = 1.0
AHEAD = 1.5
# A share of kana from which on Chinese signs are Japanese.
KANA = 0.05

# Scripts that one language has for itself, or nearly so.
_OF_SCRIPT = {
    "Greek": "el",
    "Hebrew": "he",
    "Thai": "th",
    "Georgian": "ka",
    "Hangul": "ko",
    "Kana": "ja",
    "Han": "zh",
}
# The blocks of 128 signs of what is "Indic"; Devanagari, the first, serves several languages.
_INDIC = ("Deva", "bn", "pa", "gu", "or", "ta", "te", "kn", "ml", "si")
# Scripts that several languages share, by the code of ISO 15924 where the language remains open.
_SHARED = {"Latin": "Latn", "Cyrillic": "Cyrl", "Arabic": "Arab"}

# The words that every text has, whatever it is about.
_WORDS = {
    "Latin": {
        "en": """
            the and of to is in that it for you this was with are be have not on as but my at from
            they your what so can just like all there an or if would me i'm it's don't how when
            who do will has i he she him her his were been more some any no out up only very here
            now see know think want need use love post site blog article great nice thanks thank
            good about get one go than then them into their make made really much day years
        """,
        "de": """
            der die das und ist nicht ich ein eine zu den mit auf für von es sich auch dem im wir
            sie wie noch mir bei war aber hat oder nur wenn so als habe kann sehr mein schon danke
            bitte gut endlich vom zum zur ihr euch wird werden ohne mal man einen einem einer doch
            immer hier alles nach über bin gibt haben dass
        """,
        "fr": """
            le la les des et est une pas que je qui pour dans vous sur avec ce il au ne du plus
            par c'est nous mais très mon ou votre merci j'ai bien cette tout sont en de un ça à
            vos mes son ses sa aussi fait être ont leur comme où chez même toujours nos sans quel
        """,
        "es": """
            el la los las de que y en un una es no por con para del se lo muy pero como más mi su
            al este está son gracias esta todo hay yo si también me qué sin hasta desde donde
            cuando ese eso tengo tiene nos te le ver mejor bien años porque
        """,
        "it": """
            il la di che e è un una non per del le della sono con i gli ma come più mi si ho anche
            questo da molto al nel se grazie lo ci in alla bene mio anni senza dove quando quanto
            noi voi hanno stata stato essere tutto tutti questa dei delle dal sul nella così
            perché
        """,
        "pt": """
            o a de que e não um uma do da em para com os as é por mais no na se muito como mas foi
            eu você ao seu sua isso obrigado também meu já está pelo pela sem até quando onde ele
            ela nós tem são ser fazer bem aqui agora nossa minha dos das porque
        """,
        "ca": """
            el la els les de que i en un una és no per amb del molt més però com què són a al si
            he ha aquest aquesta gràcies tot també hi meva ho pel tinc tens dels jo tu ells aquí
            ara sempre fa uns unes mateix
        """,
        "nl": """
            de het een en van is niet ik dat in op te voor met zijn er maar je ook aan ze heb die
            wat als nog mijn naar bij deze zo wel heel bedankt uw wij ons geen veel goed zonder
            hoe waar wie nu dan toch heeft hebben kan vanaf
        """,
        "sv": """
            och att det är inte en jag som på för med av den till har ett om så men kan du var vi
            från mycket tack detta när
        """,
        "da": """
            og at det er ikke en jeg som på for med af den til har et om så men kan du var vi fra
            meget tak hvor dette noget også
        """,
        "no": """
            og å det er ikke en jeg som på for med av den til har et om så men kan du var vi fra
            veldig takk også dette noe hvor bare
        """,
        "fi": """
            ja on ei se että en oli kun mutta niin myös jos tai minä hän ovat kuin minun olen tämä
            mitä hyvä kiitos nyt vain sitä voi
        """,
        "pl": """
            w i na nie się z do to że jest jak o ale po za od co czy dla już tylko tak przez
            bardzo mi ja jestem mam był są może tym go mnie ciebie jego ich przy bez nas was kto
            jeszcze teraz dobrze więc
        """,
        "cs": """
            a je to se na v že i s z do jsem o ale jak tak si za by pro co jako už jen mi byl není
            jsou nebo když díky velmi po
        """,
        "sk": """
            a je to sa na v že som o ale ako tak si za by pre čo už len mi bol nie sú alebo keď
            ďakujem veľmi po aj
        """,
        "hu": """
            a az és nem hogy is egy ez van de meg csak már volt el mert ha vagy kell én mint még
            nagyon köszönöm jó lehet
        """,
        "ro": """
            și de la nu în o un cu este că pe pentru a am ce din mai sunt dar se sau foarte mi ca
            care mulțumesc si sa
        """,
        "tr": """
            ve bir bu da de için çok ile ne ben mi o ama gibi daha var en kadar olan değil sonra
            her şey teşekkürler olarak yok diye ya bana beni bunu şu hiç nasıl bence mı mu mü ki
            iyi güzel oldu hem
        """,
        "id": """
            yang dan di ini itu untuk dengan tidak dari ada saya ke bisa juga akan pada anda kami
            sudah atau sangat lebih kita karena nya terima kasih bagus gak nggak aja nih gan
            banget kalau kalo mau dalam oleh seperti semua baru lagi pakai buat tiap tapi dong
            udah bgt
        """,
        "vi": """
            và là của có không cho một được các tôi những này bạn với trong để thì rất người đã
            làm
        """,
        "tl": """
            ang ng sa na mga ay ko ito hindi po naman lang ka niya kung yung ako din may salamat
        """,
        "hr": """
            i je u se da na za ne su sam s od to što kao ali ili bi li samo već hvala vrlo jako
            ima nije
        """,
    },
    "Cyrillic": {
        "ru": """
            и в не на что я с как это по но из у за то все так для же от бы мне вы очень если есть
            спасибо только или был было ещё уже они его ты мы где
        """,
        "uk": """
            і в не на що я з як це та але за для від бо ви дуже якщо є дякую тільки або був було
            ще вже вони його ти ми де у й
        """,
        "bg": """
            и в не на че аз с как това по но от за да се са е съм много ако има благодаря само или
            беше още вече те го ти ние къде ще
        """,
        "sr": """
            и у не на да ја се као то је за са од али или сам су што би само већ хвала врло има
            није
        """,
    },
    "Arabic": {
        "ar": """
            في من على إلى أن هذا لا ما هو التي عن مع كل الذي شكرا كان هذه لم و يا جدا أو قد هل
            والله بعد قبل بين حتى أنا أنت ليس كما ثم عند غير خلال أفضل الله يوم
        """,
        "fa": """
            و در به از که این را با است برای آن خود یک می هم من ما نیست بود شما خیلی ممنون تا بر
        """,
        "ur": """
            کے میں کی ہے اور سے کا کو نے کہ یہ پر ہیں بھی تھا نہیں اس وہ ایک
        """,
    },
}
# Letters that few languages of a script have: each of them counts once.
_LETTERS = {
    "Latin": {
        "de": "ß",
        "es": "ñ¿¡",
        "pt": "ãõ",
        "fr": "œ",
        "pl": "łżźśćąę",
        "cs": "řěů",
        "sk": "ľĺŕ",
        "hu": "őű",
        "ro": "ășț",
        "tr": "ğış",
        "vi": "đơư",
        "da": "øæ",
        "no": "øæ",
    },
    "Cyrillic": {"ru": "ыэё", "uk": "іїєґ", "bg": "ъщ", "sr": "ђјљњћџ"},
    "Arabic": {"fa": "پچژگ", "ur": "ٹڈڑےں"},
}


def _votes(by_language: dict[str, Iterable[str]]) -> dict[str, tuple[tuple[str, ...], float]]:
    """Return the languages of each word or letter, and what it counts for each: what all have, little."""
    having = defaultdict(list)
    for language, found in by_language.items():
        for each in sorted(set(found)):
            having[each].append(language)
    return {each: (tuple(languages), 1 / len(languages)) for each, languages in having.items()}


_WORD_VOTES = {
    name: _votes({language: words.split() for language, words in lists.items()})
    for name, lists in _WORDS.items()
}
_LETTER_VOTES = {name: _votes(dict(lists.items())) for name, lists in _LETTERS.items()}

# All that language_of can answer where it knows.
CODES = frozenset(
    (*_OF_SCRIPT.values(), *_INDIC, *_SHARED.values(), *(code for lists in _WORDS.values() for code in lists))
)


def language_of(text: str) -> str:
    """Return the code of a text's language, as in ISO 639; of its script, as in ISO 15924, where only that
    shows; nothing where there are no letters, or none that we know.

    ``text``: as a reader sees it. Like the rule ``language``, this looks at what is left of a text without
    addresses and tags.
    """
    reading = read_text(text)
    letters = scripts(reading.signs)
    main = next(iter(letters), "")
    if main == "Han" and letters.get("Kana", 0) >= KANA * sum(letters.values()):
        return "ja"
    if main == "Indic":
        return _indic(reading.plain)
    if main in _SHARED:
        return _by_words(main, reading.words[:LENGTH]) or _SHARED[main]
    return _OF_SCRIPT.get(main, "")


def _by_words(script: str, found: Iterable[str]) -> str:
    """Return the language whose words these are, nothing where that does not show."""
    score: dict[str, float] = defaultdict(float)
    words, letters = _WORD_VOTES[script], _LETTER_VOTES[script]
    seen: set[str] = set()
    for word in found:
        seen.update(word)
        languages, vote = words.get(word, ((), 0.0))
        for language in languages:
            score[language] += vote
    for letter in seen & letters.keys():
        languages, vote = letters[letter]
        for language in languages:
            score[language] += vote
    ranked = sorted(score.items(), key=lambda item: (-item[1], item[0]))
    if not ranked or ranked[0][1] < ENOUGH:
        return ""
    if len(ranked) > 1 and ranked[0][1] < AHEAD * ranked[1][1]:
        return ""
    return ranked[0][0]


def _indic(text: str) -> str:
    counts: dict[str, int] = defaultdict(int)
    for char in text:
        block = (ord(char) - 0x0900) // 0x80
        if 0 <= block < len(_INDIC):
            counts[_INDIC[block]] += 1
    return max(counts, key=lambda code: counts[code])
