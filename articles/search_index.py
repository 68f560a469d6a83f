"""Keeps the words of each article where ``search.py`` finds them, written with the article, all or nothing.

docs/decisions/0029-search-of-articles.md says why these are rows of our own. Each function takes the way to
the models, so that a migration can lend those of its time.
"""

import html
import re
from collections import Counter

from django.apps import apps
from django.conf import settings
from django.db import transaction

from .words import language_key, slips, spelling, stem, tokens

# What a stem is worth, in hundredths: in the title more than in the standfirst, there more than any number of
# them in the text, which nears its limit the more there are.
IN_TITLE, IN_STANDFIRST, IN_TEXT = 1000, 400, 300
# Words of a text of the usual length; in a longer one a single word says less.
USUAL_LENGTH = 800
FIELDS = ("title", "standfirst", "body_html", "language")
# Words that one saving adds at most to those that mistyped ones are compared with, the first ones. Each
# costs some ten rows, and hardly a text brings so many.
MOST_LEARNED = 2_000
# Articles, or rows, that are handled at once.
CHUNK = 100
ROWS = 1000

_INLINE = re.compile("</?(?:a|abbr|b|cite|code|del|em|i|ins|kbd|mark|s|span|strong|time)(?: [^>]*)?>")
_TAG = re.compile("<[^>]*>")


def text_of(body_html):
    """Return what sanitised HTML says; in it, ``<`` stands at the beginning of tags and nowhere else."""
    return html.unescape(_TAG.sub(" ", _INLINE.sub("", body_html)))


def language_of(article):
    """Return the language that an article's words are cut down by."""
    return language_key(article.language or settings.LANGUAGE_CODE)


def store(article, get_model=apps.get_model):
    """Bring the index up to date with one article, in a transaction that is the caller's."""
    language = language_of(article)
    weights, words = _weigh(article, language)
    entries = get_model("articles", "SearchEntry").objects
    entries.bulk_create(
        [entries.model(article_id=article.pk, language=language)],
        update_conflicts=True,
        unique_fields=["article"],
        update_fields=["language"],
    )
    terms = get_model("articles", "SearchTerm").objects
    stored = dict(terms.filter(article_id=article.pk).values_list("stem", "weight"))
    if stored != weights:
        if stored:
            terms.filter(article_id=article.pk).delete()
        terms.bulk_create(
            (
                terms.model(stem=each, article_id=article.pk, weight=weight)
                for each, weight in sorted(weights.items())
            ),
            batch_size=ROWS,
        )
        _learn_words(words, get_model("articles", "SearchSpelling").objects)


def forget(article_id):
    """Take an article that is being deleted out of the index."""
    for name in ("SearchEntry", "SearchTerm"):
        apps.get_model("articles", name).objects.filter(article_id=article_id).delete()


def rebuild(get_model=apps.get_model):
    """Make the index anew from all articles, some at a time, and return how many there are.

    Whoever searches meanwhile finds what is in the index at that moment.
    """
    get_model("articles", "SearchSpelling").objects.all().delete()
    every_article = get_model("articles", "Article").objects.values("pk")
    rows = [get_model("articles", name).objects for name in ("SearchEntry", "SearchTerm")]
    for each in rows:
        # What belongs to no article, if somebody deleted one past Django.
        each.exclude(article_id__in=every_article).delete()
    articles = get_model("articles", "Article").objects.order_by("pk").only(*FIELDS)
    last, count = 0, 0
    while True:
        with transaction.atomic():
            # Nobody saves these while they are read and stored.
            chunk = list(articles.select_for_update().filter(pk__gt=last)[:CHUNK])
            for each in rows:
                each.filter(article_id__in=[article.pk for article in chunk]).delete()
            for article in chunk:
                store(article, get_model)
        if not chunk:
            return count
        last, count = chunk[-1].pk, count + len(chunk)


def _weigh(article, language):
    """Return the weight of each stem of an article, and its words in their order."""
    words, weights, counts = {}, Counter(), Counter()
    for text, worth in ((article.title, IN_TITLE), (article.standfirst, IN_STANDFIRST)):
        for each in _stems(text, language, words):
            weights[each] = max(weights[each], worth)
    counts.update(_stems(text_of(article.body_html), language, words))
    share = 1.5 * (0.5 + 0.5 * counts.total() / USUAL_LENGTH)
    for each, count in counts.items():
        weights[each] += round(IN_TEXT * count / (count + share))
    return dict(weights), words


def _stems(text, language, words):
    """Yield the stem of each word of a text, and add the words to the keys of what is given."""
    for _start, _end, word, is_pair in tokens(text):
        if not is_pair:
            words[word] = None
        yield word if is_pair else stem(word, language)


def _learn_words(words, spellings):
    """Add the words that are new to those that mistyped ones are compared with."""
    keys = {word: slips(word, depth=0).pop() for word in filter(None, map(spelling, words))}
    slip_of = sorted(set(keys.values()))
    known = set()
    for at in range(0, len(slip_of), ROWS):
        known |= set(spellings.filter(slip__in=slip_of[at : at + ROWS]).values_list("word", flat=True))
    new = [word for word in keys if word not in known]
    spellings.bulk_create(
        (
            spellings.model(slip=slip, word=word)
            for word in new[:MOST_LEARNED]
            for slip in sorted(slips(word))
        ),
        batch_size=ROWS,
        # Another process may be learning the same word.
        ignore_conflicts=True,
    )
