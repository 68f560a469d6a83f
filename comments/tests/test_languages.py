"""The languages of comments: stored when they come, told of older ones, and chosen beside the queue."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from types import SimpleNamespace

import html5lib
import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from comments.admin.languages import KEPT_AS
from comments.admin.paging import ORDERS
from comments.languages import NAMES, language_of_html, name_of, occurring
from comments.models import Comment
from comments.moderation.language import CODES
from tests.factories import comment_form, make_article, make_comment, make_user

pytestmark = pytest.mark.django_db

QUEUE = reverse("admin:comments_comment_changelist")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
migration = import_module("comments.migrations.0017_search_and_language")
GERMAN = "Mir hat das Wärmekissen im Rücken sehr geholfen, danke."


@pytest.fixture
def article():
    return make_article()


@pytest.fixture
def in_languages(article):
    """Return a function that stores one waiting comment in each of some languages, named after it."""

    def make(*languages, **fields):
        for number, language in enumerate(languages):
            make_comment(
                article,
                **{"status": "pending", "at": NOON + timedelta(days=number)} | fields,
                author_name=f"in {language}",
                language=language,
            )

    return make


def tree(response):
    assert response.status_code == 200
    return html5lib.parse(response.content.decode(), namespaceHTMLElements=False)


def words(element):
    return " ".join("".join(element.itertext()).split())


def writers(response):
    return [words(name) for name in tree(response).findall(".//table[@id='result_list']/tbody/tr//b/bdi")]


def choices(response):
    """Return the languages beside the list, with where they lead; None where there is no such filter."""
    for filter_ in tree(response).findall(".//details"):
        if filter_.get("data-filter-title") == "language":
            return {words(link): link.get("href") for link in filter_.findall(".//a")}
    return None


# What is stored


def test_name_of_every_language_is_known():
    for code in CODES:
        assert name_of(code)
    assert set(NAMES) <= CODES | {""}


def test_language_has_its_name_in_the_language_of_the_page():
    assert name_of("de") == "German"
    with translation.override("fr"):
        assert name_of("de") == "Allemand"


def test_language_is_that_of_the_text_as_shown():
    assert language_of_html(f'<p>{GERMAN} <a href="https://the.example/and/of/this">x</a></p>') == "de"
    assert language_of_html("") == ""


def test_comment_is_stored_with_its_language(client, article):
    response = client.post(reverse("comments:post", args=[article.pk]), comment_form(article, comment=GERMAN))
    assert response.status_code == 303
    assert Comment.objects.get().language == "de"


def test_languages_that_occur_are_found_in_one_query(in_languages, django_assert_num_queries):
    assert occurring() == []
    in_languages("en", "en", "de", "", "Latn", "zh", "zh")
    with django_assert_num_queries(1):
        assert sorted(occurring()) == ["", "Latn", "de", "en", "zh"]


def test_older_comments_get_their_language_part_by_part(article, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(migration, "CHUNK", 2)
    for body in (GERMAN, "!!!", GERMAN, "The pad is what helped me.", "Hmm."):
        make_comment(article, body=body)
    # Three parts and the end, and an update for each language of a part.
    with django_assert_num_queries(4 + 1 + 2 + 1):
        migration.tell_languages(apps, SimpleNamespace(connection=connection))
    assert list(Comment.objects.order_by("pk").values_list("language", flat=True)) == [
        "de",
        "",
        "de",
        "en",
        "Latn",
    ]


# The filter


def test_filter_narrows_the_list_to_a_language(client, ana, in_languages):
    in_languages("de", "en", "de", "")
    found = choices(client.get(QUEUE))
    assert list(found) == ["All", "English", "German", "Not recognised"]
    assert writers(client.get(QUEUE + found["German"])) == ["in de", "in de"]
    assert writers(client.get(QUEUE + found["Not recognised"])) == ["in"]
    assert len(writers(client.get(QUEUE + found["All"]))) == 4
    assert writers(client.get(QUEUE, {"language": "de", "view": "spam"})) == []


def test_filter_goes_with_the_search(client, ana, in_languages):
    in_languages("de", "en", body="heat pad")
    in_languages("de", body="other")
    assert writers(client.get(QUEUE, {"language": "de", "q": "heat"})) == ["in de"]


def test_filter_is_there_where_there_is_a_choice(client, ana, in_languages):
    in_languages("de", "de")
    assert choices(client.get(QUEUE)) is None
    assert list(choices(client.get(QUEUE, {"language": "fr"}))) == ["All", "French", "German"]
    in_languages("en")
    # The list is kept for some minutes.
    cache.delete(KEPT_AS)
    assert list(choices(client.get(QUEUE))) == ["All", "English", "German"]


@pytest.mark.parametrize("code", ["xx", "", "DE", "de ", "\0", "\ud800", "<b>", "d" * 10_000, "None"])
def test_language_that_cannot_be_leads_back(client, ana, in_languages, code):
    in_languages("de", "en")
    response = client.get(QUEUE, {"language": code.encode("utf-8", "surrogatepass")})
    assert response.status_code == 302
    assert response["Location"] == f"{QUEUE}?e=1"


def test_filter_is_for_moderators(client, in_languages):
    in_languages("de", "en")
    client.force_login(make_user("eve", is_staff=True))
    assert client.get(QUEUE, {"language": "de"}).status_code == 403


def test_languages_cost_one_query_now_and_then_however_many_there_are(client, ana, in_languages):
    def asked():
        cache.delete(KEPT_AS)
        with CaptureQueriesContext(connection) as queries:
            client.get(QUEUE, {"language": "de"})
        return len(queries)

    in_languages("de", "en")
    once = asked()
    in_languages(*sorted(CODES))
    assert asked() == once
    with CaptureQueriesContext(connection) as queries:
        client.get(QUEUE, {"language": "de"})
    assert len(queries) == once - 1


# Plans


@pytest.fixture
def many(article):
    """Enough comments that a database thinks before it goes through all of them; every 30th is in German."""
    Comment.objects.bulk_create(
        Comment(
            article=article,
            author_name=f"N{number}",
            author_email=f"n{number}@n.example",
            body="filler " * 40,
            body_html="filler " * 40,
            language="en" if number % 30 else "de",
            status=Comment.Status.values[number % 4],
            spam_probability=number % 97 / 100,
            submitted_at=NOON + timedelta(minutes=number),
            place=f"{number}",
        )
        for number in range(4_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@pytest.mark.parametrize(
    ("status", "sort", "index"),
    [
        ("pending", "doubt", "comment_language_doubt"),
        ("pending", "oldest", "comment_language_queue"),
        ("spam", "newest", "comment_language_queue"),
        (None, "newest", "comment_language"),
        (None, "oldest", "comment_language"),
    ],
)
def test_index_holds_a_language_in_the_order_of_the_list(many, status, sort, index):
    rows = Comment.objects.filter(language="de").order_by(*ORDERS[sort].by())
    if status:
        rows = rows.filter(status__in=[status])
    plan = rows[:5].explain()
    assert index in plan.replace("\n", " ").split() or f"{index} " in plan
    assert "TEMP B-TREE FOR ORDER BY" not in plan
    assert "Sort" not in plan


def test_languages_are_found_by_steps_through_the_index(many):
    with CaptureQueriesContext(connection) as queries:
        assert occurring() == ["de", "en"]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{queries[0]['sql']}")
        plan = "\n".join(str(line) for line in cursor.fetchall())
    assert "comment_language" in plan
    assert "Seq Scan" not in plan
    # SQLite calls the first step, the least of all, a search through the index.
    assert "SCAN comments_comment" not in plan
