"""Whether a comment speaks of anything: of the article, of the comment it answers, or of nothing."""

import math

from ..reading import read_article, read_text
from ..types import Finding, Submission
from ..weights import Weights
from .phrases import number, quote

# −10·log10 of the share of texts a word is in, from which it means something: one text in twelve and rarer.
SPECIFIC = 11.0

# From which it is looked at in an article at all: one text in four and rarer.
TELLING = 6.0

# Words of the texts on which rarities were counted, comments and the beginnings of articles. Rounded.
TEXT_WORDS = 150

# How much an article's language model is trusted against the background's, after Mishne, Carmel and Lempel
# (AIRWeb 2005), who smooth the same way; their figure is not known here. Guess.
ARTICLE_SHARE = 0.5


def relevance(submission: Submission, weights: Weights) -> Finding:
    """Compare the comment's words with the article's, against how common they are anyway.

    For each different word of the comment: how much likelier it is under this article than in general, in
    decibans. The sum says how much they have in common; set beside the comment's length.
    """
    if not (submission.article_text or submission.article_title):
        return Finding.not_evaluated("relevance", "the article has no text to compare with")
    if submission.background is None:
        return Finding.not_evaluated("relevance", "the table of common words could not be read")
    article = read_article(submission.article_title, submission.article_text or "")
    reading = read_text(submission.text)
    shared = [word for word in reading.distinct if word in article.words]
    length = article.words.total()
    gains = {
        word: _gain(article.words[word], rarity, length)
        for word, rarity in zip(shared, submission.background.rarities(shared), strict=True)
        if rarity > TELLING
    }
    gains = {word: gain for word, gain in gains.items() if gain > 0}
    total = sum(gains.values())
    size = _size(len(reading.words))
    steps = ((0.0, "nothing"), (8.0, "little"), (20.0, "something"), (45.0, "much"))
    case = next((case for most, case in steps if total <= most), "very_much")
    if not gains:
        return weights.finding("relevance", f"{case}_{size}", "no telling word in common with the article")
    best = sorted(gains, key=lambda word: (-gains[word], word))[:3]
    detail = f"in common with the article: {', '.join(map(quote, best))}"
    return weights.finding("relevance", f"{case}_{size}", detail)


def title_words(submission: Submission, weights: Weights) -> Finding:
    """Look for the article's title: word for word, as programs paste it, or in its telling words."""
    if submission.background is None:
        return Finding.not_evaluated("title_words", "the table of common words could not be read")
    title = submission.article_title.strip()
    if len(title) > 12 and title.casefold() in submission.text.casefold():
        return weights.finding("title_words", "pasted", "the article’s whole title is in the text")
    article = read_article(title, submission.article_text or "")
    shared = [
        word
        for word in article.title_words & read_text(submission.text).distinct
        if submission.background.rarity(word) > SPECIFIC
    ]
    case = "none" if not shared else "one" if len(shared) == 1 else "several"
    return weights.finding("title_words", case, number(len(shared), "telling word") + " of the title")


def substance(submission: Submission, weights: Weights) -> Finding:
    """Weigh how much of the text means anything: words that not everybody uses everywhere."""
    if submission.background is None:
        return Finding.not_evaluated("substance", "the table of common words could not be read")
    reading = read_text(submission.text)
    if not reading.words:
        return weights.finding("substance", "no_words", "no word")
    rarities = submission.background.rarities(reading.distinct)
    mean = sum(rarities) / len(rarities)
    size = _size(len(reading.words))
    steps = ((8.0, "none"), (11.0, "little"), (14.0, "some"), (18.0, "much"))
    case = next((case for most, case in steps if mean < most), "all")
    return weights.finding(
        "substance", f"{case}_{size}", f"its words are in one of {10 ** (mean / 10):.0f} texts, in the mean"
    )


def praise(submission: Submission, weights: Weights) -> Finding:
    """Look for praise that would fit any article: kind words about "the post", and nothing of its matter."""
    reading = read_text(submission.text)
    kind = reading.distinct & PRAISE
    about = reading.distinct & PUBLISHING
    if not kind and not about:
        return weights.finding("praise", "none", "no praise")
    share = len(reading.distinct & (PRAISE | PUBLISHING)) / len(reading.distinct)
    level = "touch" if share < 0.08 else "part" if share < 0.2 else "mostly"
    both = "both" if kind and about else "kind" if kind else "about"
    shown = ", ".join(quote(word) for word in sorted(kind | about)[:3])
    return weights.finding(
        "praise", f"{both}_{level}_{_size(len(reading.words))}", f"words that fit any article: {shown}"
    )


def reply(submission: Submission, weights: Weights) -> Finding:
    """Ask of a reply whether it takes up anything of the comment it answers."""
    if submission.parent_text is None:
        return weights.finding("reply", "none", "answers the article")
    if submission.background is None:
        return Finding.not_evaluated("reply", "the table of common words could not be read")
    shared = [
        word
        for word in read_text(submission.text).distinct & read_text(submission.parent_text).distinct
        if submission.background.rarity(word) > SPECIFIC
    ]
    if shared:
        return weights.finding(
            "reply", "answers", f"takes up {quote(min(shared))} from the comment it answers"
        )
    return weights.finding("reply", "beside", "takes up nothing of the comment it answers")


def _gain(count: int, rarity: float, length: int) -> float:
    """Decibans by which ``count`` times in an article of so many words makes a word likelier than it is."""
    # By chance a long article holds more words than the texts that rarities were counted on.
    background = min(1.0, 10 ** (-rarity / 10) * max(1.0, length / TEXT_WORDS))
    # Once in the article makes it as likely as a word that every third text has; more often, a little more.
    here = min(1.0, (1 + math.log(count)) / 3)
    return 10 * math.log10(ARTICLE_SHARE * here / background + 1 - ARTICLE_SHARE)


def _size(words: int) -> str:
    return "short" if words < 10 else "middle" if words < 35 else "long"


# What people say of any text, in the languages of the field. These lists hold no topic: what is advertised
# is left to the learner.
PRAISE = frozenset(
    (
        "great", "nice", "good", "awesome", "amazing", "excellent", "fantastic", "wonderful", "superb",
        "brilliant", "fabulous", "perfect", "interesting", "informative", "helpful", "useful",
        "valuable", "impressive", "outstanding", "terrific", "lovely", "cool", "best", "fine",
        "quality", "insightful", "thanks", "thank", "thankyou", "appreciate", "appreciated", "grateful",
        "love", "loved", "like", "liked", "enjoy", "enjoyed", "enjoying", "keep", "bookmark",
        "bookmarked", "bookmarking", "subscribe", "subscribed", "recommend", "impressed", "pleasant",
        "fastidious", "magnificent", "muchas", "gracias", "excelente", "bueno", "buen", "buena",
        "genial", "interesante", "gran", "felicidades", "saludos", "obrigado", "obrigada", "parabéns",
        "ótimo", "ótima", "bom", "boa", "muito", "gostei", "adorei", "legal", "merci", "super",
        "génial", "bravo", "intéressant", "bonne", "félicitations", "danke", "toll", "interessant",
        "gut", "klasse", "prima", "schöner", "grazie", "ottimo", "bello", "complimenti", "terima",
        "kasih", "bagus", "mantap", "keren", "спасибо", "отлично", "хорошо", "интересно", "супер",
        "класс",
    )
)  # fmt: skip
PUBLISHING = frozenset(
    (
        "article", "articles", "post", "posts", "blog", "blogs", "weblog", "site", "website",
        "websites", "page", "pages", "webpage", "content", "information", "info", "writing", "written",
        "writer", "write", "writeup", "author", "read", "reading", "reader", "readers", "share",
        "sharing", "shared", "topic", "visit", "visiting", "visitor", "visitors", "web", "internet",
        "stuff", "material", "subject", "details", "design", "theme", "layout", "template", "work",
        "job", "effort", "efforts", "knowledge", "tips", "updates", "artículo", "artículos", "página",
        "sitio", "contenido", "información", "compartir", "artigo", "conteúdo", "partage", "partager",
        "contenu", "beitrag", "seite", "artikel", "informasi", "статья", "сайт", "блог", "пост",
        "автор",
    )
)  # fmt: skip
