"""What is found, in which order; and that the index follows the articles."""

from datetime import timedelta
from importlib import import_module
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from articles.models import Article, SearchEntry, SearchSpelling, SearchTerm
from articles.search import find
from tests.factories import LONG_AGO, make_article, make_category

pytestmark = pytest.mark.django_db


def titles(query, *args, **kwargs):
    by_id = Article.objects.in_bulk()
    return [by_id[pk].title for pk in find(query, *args, **kwargs).ids]


def test_title_outweighs_standfirst_and_that_the_text():
    make_article(title="In the text", body="tea " * 500)
    make_article(title="In the standfirst", standfirst="Of tea.")
    make_article(title="Tea")
    assert titles("tea") == ["Tea", "In the standfirst", "In the text"]


def test_more_often_is_better_and_the_newer_wins_a_tie():
    make_article(title="Old", body="tea and milk")
    make_article(title="New", body="tea and milk", published_at=LONG_AGO + timedelta(days=1))
    make_article(title="Often", body="tea and tea")
    assert titles("tea") == ["Often", "New", "Old"]


def test_rare_word_weighs_more_than_a_frequent_one():
    make_article(title="Rare", body="spasm")
    for number in range(8):
        make_article(title=f"Common {number}", body="back")
    assert titles("back spasm")[0] == "Rare"


@pytest.mark.parametrize(
    ("language", "body", "query"),
    [
        ("", "My spasms were gone.", "spasm"),
        ("", "My spasm was gone.", "SPASMS"),
        ("de", "In den Häusern war es still.", "Haus"),
        ("de", "Die Straßen", "strasse"),
        ("fr", "L’été des oliviers", "olivier ete"),
        ("ar", "قرأت الكتاب", "كتاب"),
        ("ja", "歩幅で測る", "歩幅"),
        ("ja", "歩幅で測る", "測る"),
        ("th", "ปวดหลังมาก", "หลัง"),
        ("xx", "Klingonische Wörter", "worter"),
        ("", "A <b>B</b>ack &amp; more", "back more"),
    ],
)
def test_words_are_found_in_their_forms(language, body, query):
    make_article(title="It", body=body, language=language)
    make_article(title="Other", body="Nothing of the kind.")
    assert titles(query) == ["It"]


def test_site_s_own_language_holds_where_an_article_says_none(settings):
    settings.LANGUAGE_CODE = "de"
    make_article(title="Es", body="In den Häusern war es still.")
    assert titles("Haus") == ["Es"]


def test_only_what_is_published_is_found():
    now = timezone.now()
    make_article(title="Draft tea", status="draft")
    make_article(title="Tea tomorrow", published_at=now + timedelta(days=1))
    make_article(title="Tea that was", expires_at=now - timedelta(days=1))
    assert titles("tea") == []


def test_draft_s_words_are_told_to_nobody():
    make_article(title="Draft", body="A secretive merger.", status="draft")
    make_article(title="Tea")
    found = find("secretiv")
    assert (found.ids, found.replaced, found.unknown) == ((), (), ("secretiv",))


def test_all_words_come_before_some():
    make_article(title="Back and heat")
    make_article(title="Back")
    assert titles("heat back") == ["Back and heat"]
    assert not find("heat back").is_partial


def test_where_nothing_has_all_words_what_has_some_is_found():
    make_article(title="Back", body="And more.")
    make_article(title="Heat", body="And milk.")
    make_article(title="Tea")
    found = find("heat back")
    assert len(found.ids) == 2
    assert found.is_partial


@pytest.mark.parametrize(
    ("query", "replaced"),
    [
        ("bakc", [("bakc", "back")]),
        ("Baack", [("Baack", "back")]),
        ("bac heat", [("bac", None)]),
        ("treatmant", [("treatmant", "treatment")]),
        ("treatmxntz", [("treatmxntz", "treatment")]),
        ("heet bakc", [("heet", "heat"), ("bakc", "back")]),
        ("acomodation", [("acomodation", "accommodation")]),
    ],
)
def test_word_that_nothing_has_is_replaced_by_the_nearest(query, replaced):
    make_article(title="It", body="Treatment: heat for the back, in any accommodation.")
    found = find(query)
    assert list(found.replaced) == [pair for pair in replaced if pair[1]]
    assert len(found.ids) == 1


def test_word_that_is_there_is_never_replaced():
    make_article(title="Beck")
    make_article(title="Back")
    assert titles("beck") == ["Beck"]
    assert find("beck").replaced == ()


def test_nearest_word_is_the_one_that_most_articles_have():
    make_article(title="Baker", body="book")
    for _number in range(3):
        make_article(title="Baker", body="boot")
    assert find("boox").replaced == (("boox", "boot"),)


def test_word_unlike_all_others_is_named_and_the_rest_is_found():
    make_article(title="Back")
    found = find("back zzxxyy")
    assert (found.unknown, len(found.ids), found.is_partial) == (("zzxxyy",), 1, False)


@pytest.mark.parametrize(
    "query", ["", "  ", "!?", "\x00", "\ud800", "%", "'\"--", "𝕿" * 5000, "e\u0301" * 9000]
)
def test_any_text_is_a_query(query):
    make_article(title="Back")
    assert find(query).ids == ()


def test_long_query_is_cut_and_says_so():
    make_article(title="Back")
    found = find("back " * 10_000)
    assert (len(found.ids), found.is_shortened) == (1, True)
    words = find(" ".join(f"word{number}" for number in range(14)))
    assert words.is_shortened
    assert len(words.unknown) == 12


def test_no_more_than_the_limit_is_found_and_it_says_so():
    for _number in range(4):
        make_article(title="Back")
    found = find("back", limit=3)
    assert (len(found.ids), found.is_cut) == (3, True)


def test_articles_can_be_narrowed():
    health = make_category("Health")
    make_article(title="Back in health", categories=[health])
    make_article(title="Back elsewhere")
    assert titles("back", Article.objects.published().within(health)) == ["Back in health"]


@pytest.mark.parametrize("number", [2, 30])
def test_search_costs_three_queries_and_two_more_for_slips(django_assert_num_queries, number):
    for each in range(number):
        make_article(title=f"Back {each}", body="Heat and more.")
    with django_assert_num_queries(3):
        find("back heat")
    with django_assert_num_queries(5):
        find("bakc heet")


# The index


def test_index_follows_what_is_saved():
    article = make_article(title="Tea")
    article.title = "Coffee"
    article.save()
    assert (titles("tea"), titles("coffee")) == ([], ["Coffee"])


def test_saving_one_field_keeps_the_index():
    article = make_article(title="Tea")
    article.status = "draft"
    article.save(update_fields=["status"])
    article.status = "published"
    article.save(update_fields=["status"])
    assert titles("tea") == ["Tea"]


def test_deleted_article_leaves_nothing_behind():
    make_article(title="Tea")
    Article.objects.all().delete()
    assert not SearchTerm.objects.exists()
    assert not SearchEntry.objects.exists()


def test_saving_again_writes_no_terms_and_learns_no_words(django_assert_max_num_queries):
    article = make_article(title="Tea", body="Some words.")
    before = set(SearchSpelling.objects.values_list("slip", "word"))
    with django_assert_max_num_queries(12) as queries:
        article.save()
    assert not [
        query for query in queries if "INSERT" in query["sql"] and "articles_searchterm" in query["sql"]
    ]
    assert set(SearchSpelling.objects.values_list("slip", "word")) == before


def test_one_saving_learns_so_many_words_and_the_first_ones_first(monkeypatch):
    monkeypatch.setattr("articles.search_index.MOST_LEARNED", 3)
    article = make_article(title="Treatment", standfirst="Heat.", body="Zebra after zoology")
    learned = set(SearchSpelling.objects.values_list("word", flat=True))
    assert learned == {"treatment", "heat", "zebra"}
    article.body += ", zinc"
    article.save()
    assert {"after", "zoology", "zinc"} <= set(SearchSpelling.objects.values_list("word", flat=True))


def test_command_makes_the_index_anew():
    make_article(title="Tea")
    make_article(title="Coffee")
    SearchTerm.objects.all().delete()
    SearchEntry.objects.all().delete()
    SearchSpelling.objects.all().delete()
    out = StringIO()
    call_command("index_articles", stdout=out)
    assert "2 articles" in out.getvalue()
    assert titles("teas") == ["Tea"]
    assert find("cofee").replaced == (("cofee", "coffee"),)


def test_command_loses_nothing_of_an_index_that_is_whole_and_drops_what_is_too_much():
    article = make_article(title="Coffee")
    SearchTerm.objects.create(stem="rest", article_id=article.pk + 1000, weight=1)
    SearchSpelling.objects.create(slip="old", word="older")
    before = set(SearchTerm.objects.filter(article=article).values_list("stem", "weight"))
    call_command("index_articles", stdout=StringIO())
    assert set(SearchTerm.objects.values_list("stem", "weight")) == before
    assert find("cofee").replaced == (("cofee", "coffee"),)
    assert not SearchSpelling.objects.filter(slip="old").exists()


def test_migration_indexes_what_is_there(monkeypatch):
    from django.apps import apps

    make_article(title="Tea")
    SearchTerm.objects.all().delete()
    import_module("articles.migrations.0002_search_and_gone_paths").index_articles(apps, None)
    assert titles("tea") == ["Tea"]
