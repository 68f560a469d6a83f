from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from articles.models import Article
from articles.sanitizer import plain_text
from comments import background as module
from comments.background import background
from comments.moderation import words
from comments.moderation.background import SITE_TEXTS_AT_LEAST
from tests.factories import make_article, make_author

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def read(monkeypatch):
    """The texts that are read, in their order."""
    texts = []

    def remember(body_html):
        texts.append(plain_text(body_html))
        return texts[-1]

    monkeypatch.setattr(module, "plain_text", remember)
    return texts


def write(body, *, at=NOW - HOUR, title="Garden", **fields):
    return make_article(title=title, body=body, published_at=at, **fields)


def test_words_of_the_sites_articles_are_counted_once_an_article():
    write("Orchids and more orchids.", title="Orchids")
    found = background(write("Orchids need <b>shade</b>, ferns need more."), now=NOW)
    assert found.site_texts == 2
    assert (found.site_counts["orchids"], found.site_counts["shade"], found.site_counts["b"]) == (2, 1, 0)


def test_shipped_table_stands_beside_them():
    found, shipped = background(write("Orchids."), now=NOW), words.base_model().background
    assert (found.shares, found.common) == (shipped.shares, shipped.common)
    assert shipped.site_texts == 0


def test_word_of_every_article_here_is_no_rare_one():
    for number in range(SITE_TEXTS_AT_LEAST):
        article = write(f"Zymurgists meet for the {number}th time.")
    found = background(article, now=NOW)
    assert found.rarity("zymurgists") < 1 < words.base_model().background.rarity("zymurgists")


def test_articles_are_read_once_and_then_nothing_is_asked(read, django_assert_num_queries):
    article = write("One.", at=NOW - 3 * HOUR)
    write("Two.", at=NOW - 2 * HOUR)
    # Which are the newest; their texts.
    with django_assert_num_queries(2):
        first = background(article, now=NOW)
    assert sorted(read) == ["One.", "Two."]
    with django_assert_num_queries(0):
        assert background(article, now=NOW) is first


def test_number_of_queries_does_not_grow_with_the_number_of_articles(django_assert_num_queries):
    author = make_author()
    for number in range(5):
        article = write(f"Text {number}.", author=author)
    with django_assert_num_queries(2):
        background(article, now=NOW)


def test_when_a_newer_article_is_answered_that_alone_is_read(read, django_assert_num_queries):
    old = write("One.", at=NOW - 2 * HOUR)
    background(old, now=NOW)
    new = write("Two.")
    with django_assert_num_queries(0):
        assert background(old, now=NOW).site_counts["two"] == 0
    del read[:]
    with django_assert_num_queries(2):
        found = background(new, now=NOW)
    assert read == ["Two."]
    assert (found.site_texts, found.site_counts["one"], found.site_counts["two"]) == (2, 1, 1)
    with django_assert_num_queries(0):
        assert background(new, now=NOW) is background(old, now=NOW) is found


def test_older_article_that_is_answered_is_no_newer_one(read, django_assert_num_queries):
    background(write("One."), now=NOW)
    with django_assert_num_queries(0):
        background(Article(published_at=NOW - 9 * HOUR), now=NOW)
        background(Article(published_at=None), now=NOW)


@pytest.mark.parametrize(
    "fields", [{"published_at": NOW + HOUR}, {"status": Article.Status.DRAFT}], ids=["scheduled", "draft"]
)
def test_what_no_reader_has_seen_yet_is_not_read(read, fields):
    make_article(body="Secret.", **fields)
    assert background(write("One."), now=NOW).site_texts == 1
    assert read == ["One."]


def test_scheduled_article_is_read_when_its_time_has_come(read):
    first, later = write("One."), write("Later.", at=NOW + HOUR)
    assert background(first, now=NOW).site_counts["later"] == 0
    assert background(later, now=NOW + 2 * HOUR).site_counts["later"] == 1
    assert read == ["One.", "Later."]


def test_article_that_was_taken_down_counts_until_a_newer_one_is_answered():
    write("One.", at=NOW - 3 * HOUR)
    gone = write("Two.", at=NOW - 2 * HOUR)
    assert background(gone, now=NOW).site_counts["two"] == 1
    gone.status = Article.Status.DRAFT
    gone.save()
    found = background(write("Three."), now=NOW)
    assert (found.site_texts, found.site_counts["two"]) == (2, 0)


def test_only_the_newest_are_read(read, monkeypatch):
    monkeypatch.setattr(module, "ARTICLES", 2)
    for number, body in enumerate(["Oldest.", "Middle.", "Newest."]):
        article = write(body, at=NOW - (3 - number) * HOUR)
    assert background(article, now=NOW).site_texts == 2
    assert sorted(read) == ["Middle.", "Newest."]
    found = background(write("Newer still.", at=NOW), now=NOW)
    assert (found.site_counts["middle"], found.site_counts["newest"], found.site_counts["still"]) == (0, 1, 1)


def test_what_is_forgotten_is_read_anew():
    article = write("One.")
    background(article, now=NOW)
    Article.objects.all().delete()
    module.forget()
    assert background(article, now=NOW).site_texts == 0


def test_without_a_shipped_table_there_is_none_and_nothing_is_asked(monkeypatch, django_assert_num_queries):
    article = write("One.")
    monkeypatch.setattr(words, "MODEL_PATH", Path("missing.model"))
    words.base_model.cache_clear()
    with django_assert_num_queries(0):
        assert background(article, now=NOW) is None
