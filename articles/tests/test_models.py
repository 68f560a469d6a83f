import xml.etree.ElementTree as ElementTree
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import RestrictedError
from django.utils import timezone

from articles.models import Article, Category, FormerPath
from tests.factories import (
    make_article,
    make_author,
    make_category,
    make_comment,
    make_moderator,
    make_tag,
    make_user,
)

pytestmark = pytest.mark.django_db

NOW = timezone.now()
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("fields", "public"),
    [
        ({"status": "published", "published_at": NOW - HOUR}, True),
        ({"status": "published", "published_at": NOW}, True),
        ({"status": "published", "published_at": NOW + HOUR}, False),
        ({"status": "draft", "published_at": NOW - HOUR}, False),
        ({"status": "published", "published_at": NOW - HOUR, "expires_at": NOW + HOUR}, True),
        ({"status": "published", "published_at": NOW - HOUR, "expires_at": NOW}, False),
    ],
)
def test_public_has_one_meaning_for_sets_and_for_one(fields, public):
    article = make_article(**fields)
    assert Article.objects.published(at=NOW).filter(pk=article.pk).exists() is public
    assert article.is_published(at=NOW) is public


def test_scheduled_article_appears_when_its_minute_comes():
    article = make_article(published_at=NOW + HOUR)
    assert article not in Article.objects.published(at=NOW)
    assert article in Article.objects.published(at=NOW + HOUR)


def test_editors_see_drafts_and_others_do_not():
    draft = make_article(status="draft")
    assert draft in Article.objects.visible_to(make_user("eve", groups=["Editors"]))
    assert draft not in Article.objects.visible_to(make_moderator())
    assert draft not in Article.objects.visible_to(None)


def test_every_save_keeps_a_revision_with_text_and_editor():
    ana = make_moderator("ana")
    article = make_article(title="First", body="One.", by=ana)
    article.body = "Two."
    article.save()
    newer, older = article.revisions.all()
    assert (older.number, older.title, older.body, older.saved_by) == (1, "First", "One.", ana)
    assert (newer.number, newer.body, newer.saved_by) == (2, "Two.", None)
    assert article.revision_number == 2


def test_saving_some_fields_keeps_a_revision_too():
    article = make_article(body="One.")
    article.body = "<script>two</script>"
    article.save(update_fields=["body"])
    article.refresh_from_db()
    assert article.revisions.count() == article.revision_number == 2
    assert "<script>" not in article.body_html


def test_two_copies_saved_one_after_the_other_get_two_numbers():
    article = make_article()
    stale = Article.objects.get(pk=article.pk)
    article.save()
    stale.save()
    assert [revision.number for revision in article.revisions.all()] == [3, 2, 1]


def test_changed_path_leaves_a_redirect():
    article = make_article(path="old/")
    article.path = "new/"
    article.save()
    assert FormerPath.objects.get().path == "old/"
    article.path = "old/"
    article.save()
    assert [former.path for former in FormerPath.objects.all()] == ["new/"]


def test_path_is_made_from_the_title_where_none_is_typed():
    assert make_article(title="A Plain Title", path="").path == "a-plain-title/"


def test_body_is_sanitised_at_saving():
    article = make_article(body='<h2>Fine</h2><script>alert(1)</script><p onclick="x()">Text</p>')
    assert "<h2>Fine</h2>" in article.body_html
    assert "<script" not in article.body_html
    assert "onclick=" not in article.body_html.replace("&lt;", "<").split("<p")[0]


def test_path_is_unique():
    make_article(path="same/")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_article(path="same/")


@pytest.mark.parametrize("field", ["status", "comment_policy"])
def test_unknown_choices_do_not_reach_the_database(field):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_article(**{field: "nonsense"})


def test_clean_names_the_field_at_fault():
    article = Article(
        title="x", author=make_author(), body="b", path="../x", published_at=NOW, expires_at=NOW - HOUR
    )
    with pytest.raises(ValidationError) as error:
        article.clean()
    assert set(error.value.message_dict) == {"path"}
    article.path = "fine"
    with pytest.raises(ValidationError) as error:
        article.clean()
    assert set(error.value.message_dict) == {"expires_at"}


@pytest.mark.parametrize("field", ["published_at", "expires_at"])
@pytest.mark.parametrize("year", [1, 1899, 3000, 9999])
def test_clean_refuses_years_that_some_time_zone_cannot_show(field, year):
    moments = {"published_at": NOW, "expires_at": None} | {field: NOW.replace(year=year, day=1)}
    with pytest.raises(ValidationError) as error:
        Article(title="x", body="b", **moments).clean()
    assert field in error.value.message_dict


def test_names_and_titles_hold_no_character_that_a_feed_cannot(client):
    author = make_author(name="Ma\x0bra\u202e", biography="One.\x0b\n\nTwo.\ufffe")
    article = make_article(
        title=" A\x0btitle\nof \ufffetwo lines", standfirst="What\x00 helps.", author=author
    )
    article.categories.add(Category.objects.create(name="He\x0balth", slug="health"))
    assert (author.name, author.biography) == ("Mara", "One.\n\nTwo.")
    assert (article.title, article.standfirst) == ("Atitle of two lines", "What helps.")
    for feed in ("/feed/", "/comments/feed/", f"/{article.path}feed/"):
        ElementTree.fromstring(client.get(feed).content)


def test_clean_asks_for_an_address_where_the_title_gives_none():
    with pytest.raises(ValidationError) as error:
        Article(title="!!!", body="b").clean()
    assert set(error.value.message_dict) == {"path"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("x" * 200_001, "The text has 200,001 characters; at most 200,000 are possible."),
        ("<" * 4_001, "The text has 4,001 tags and entities; at most 4,000 are possible."),
    ],
)
def test_clean_refuses_a_text_that_would_take_too_long_to_sanitise(body, message):
    with pytest.raises(ValidationError) as error:
        Article(title="Long", body=body).clean()
    assert error.value.message_dict == {"body": [message]}


def test_article_without_an_address_does_not_reach_the_database():
    with pytest.raises(IntegrityError), transaction.atomic():
        make_article(title="!!!", path="")


@pytest.mark.parametrize(
    ("policy", "days", "age_days", "is_open"),
    [
        ("default", 0, 3000, True),
        ("default", 14, 13, True),
        ("default", 14, 15, False),
        ("open", 14, 15, True),
        ("closed", 0, 1, False),
    ],
)
def test_comments_close_by_the_articles_word_or_the_sites(settings, policy, days, age_days, is_open):
    settings.COMMENTS_CLOSE_AFTER_DAYS = days
    article = Article(comment_policy=policy, published_at=timezone.now() - timedelta(days=age_days))
    assert article.comments_are_open is is_open


def test_category_contains_what_lies_below_it():
    health = make_category("Health")
    back = make_category("Back Pain", parent=health)
    healthcare = make_category("Healthcare")
    deep, other = make_article(categories=[back, health]), make_article(categories=[healthcare])
    assert list(Article.objects.within(health)) == [deep]
    assert list(Article.objects.within(healthcare)) == [other]


def test_category_path_follows_slug_and_parent_all_the_way_down():
    health = make_category("Health")
    back = make_category("Back Pain", parent=health)
    make_category("Movement", parent=back)
    body = make_category("Body")
    health.parent, health.slug = body, "well"
    health.save()
    assert list(Category.objects.values_list("path", flat=True)) == [
        "body",
        "body/well",
        "body/well/back-pain",
        "body/well/back-pain/movement",
    ]


def test_category_path_follows_when_only_the_slug_is_saved():
    Category.objects.update_or_create(name="Health", defaults={"slug": "health"})
    Category.objects.update_or_create(name="Health", defaults={"slug": "well"})
    assert Category.objects.get().path == "well"


def test_category_slugs_are_lower_case_so_that_every_database_finds_the_same_ones():
    category = Category.objects.create(name="Health", slug="Health")
    assert category.path == category.slug == "health"
    with pytest.raises(ValidationError):
        Category(name="Other", slug="HEALTH").clean()


def test_category_cannot_lie_too_deep_for_an_address():
    parent = None
    for number in range(5):
        parent = Category.objects.create(name="x", slug=f"{number}" + "x" * 95, parent=parent)
    with pytest.raises(ValidationError) as error:
        Category(name="y", slug="y" * 95, parent=parent).clean()
    assert "slug" in error.value.message_dict
    # Nor can one move there that has others below it.
    top = make_category("Top")
    make_category("Below", parent=top)
    Category(name="z", slug="zzz", parent=parent).clean()
    top.parent, top.slug = parent, "t" * 12
    with pytest.raises(ValidationError):
        top.clean()


def test_category_cannot_lie_within_itself():
    health = make_category("Health")
    back = make_category("Back Pain", parent=health)
    health.parent = back
    with pytest.raises(ValidationError) as error:
        health.clean()
    assert "parent" in error.value.message_dict


def test_category_name_is_taken_once_in_one_place():
    make_category("Health")
    with pytest.raises(ValidationError) as error:
        Category(name="Other", slug="health").clean()
    assert "slug" in error.value.message_dict
    Category(name="Other", slug="health", parent=make_category("Body")).clean()


def test_article_goes_with_its_comments_but_no_revision_goes_alone():
    article = make_article()
    make_comment(article, revision=article.revisions.get())
    with pytest.raises(RestrictedError):
        article.revisions.get().delete()
    article.delete()
    assert not Article.objects.exists()


def test_tagged_articles():
    tea = make_tag("Tea")
    article = make_article(tags=[tea])
    make_article()
    assert list(Article.objects.tagged(tea)) == [article]


def test_objects_have_names():
    category, tag, author = make_category("Health"), make_tag("Tea"), make_author(name="Mara")
    article = make_article(title="Title", path="old/")
    article.path = "new/"
    article.save()
    assert [str(each) for each in (category, tag, author, article)] == ["Health", "Tea", "Mara", "Title"]
    assert str(article.revisions.first()) == "Title (2)"
    assert str(FormerPath.objects.get()) == "old/"
