import pytest
from django.urls import reverse

from articles.models import Article
from tests.factories import make_article, make_author, make_category, make_comment, make_moderator, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client):
    editor = make_user("eve", groups=["Editors"], is_staff=True)
    client.force_login(editor)
    return editor


def article_form(**fields):
    return {
        "title": "Spasms",
        "standfirst": "",
        "body": "Text.",
        "status": "published",
        "published_at_0": "2017-03-18",
        "published_at_1": "09:00:00",
        "expires_at_0": "",
        "expires_at_1": "",
        "path": "",
        "language": "",
        "comment_policy": "default",
        "revisions-TOTAL_FORMS": "0",
        "revisions-INITIAL_FORMS": "0",
    } | fields


def test_editor_publishes_an_article_that_readers_then_read(client, editor):
    author, health = make_author(), make_category("Health")
    form = article_form(author=author.pk, categories=[health.pk])
    response = client.post(reverse("admin:articles_article_add"), form, follow=True)
    assert response.status_code == 200
    article = Article.objects.get()
    assert article.path == "spasms/"
    assert article.revisions.get().saved_by == editor
    client.logout()
    assert client.get("/spasms/").status_code == 200


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("admin/x", "The site itself uses the address"),
        ("../x", "can&#x27;t be an address"),
        ("Upper", "must be in lower case"),
        ("taken", "already exists"),
    ],
)
def test_impossible_address_is_explained_beside_its_field(client, editor, path, words):
    author = make_author()
    make_article(path="taken/")
    response = client.post(reverse("admin:articles_article_add"), article_form(author=author.pk, path=path))
    assert response.status_code == 200
    assert words in response.content.decode()
    assert Article.objects.count() == 1


def test_new_article_proposes_the_editors_own_author(client, editor):
    author = make_author(user=editor)
    response = client.get(reverse("admin:articles_article_add"))
    assert response.context["adminform"].form.initial["author"] == author.pk


def test_editor_deletes_an_article_with_all_that_belongs_to_it(client, editor):
    article = make_article()
    comment = make_comment(article, revision=article.revisions.get())
    comment.mark_spam(by=editor)
    address = reverse("admin:articles_article_delete", args=[article.pk])
    assert client.get(address).status_code == 200
    client.post(address, {"post": "yes"})
    assert not Article.objects.exists()


def test_moderator_may_not_delete_an_article(client):
    client.force_login(make_moderator())
    article = make_article()
    address = reverse("admin:articles_article_delete", args=[article.pk])
    assert client.post(address, {"post": "yes"}).status_code == 403
    assert Article.objects.exists()


def test_times_say_whose_clock_they_are_by(client, editor, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    page = client.get(reverse("admin:articles_article_add")).content.decode()
    assert "Times are in the time zone Europe/Berlin." in page


def test_revisions_are_read_in_the_admin_never_written(client, editor):
    article = make_article(body="<b>old text</b>")
    revision = article.revisions.get()
    address = reverse("admin:articles_revision_change", args=[revision.pk])
    assert "&lt;b&gt;old text&lt;/b&gt;" in client.get(address).content.decode()
    assert client.post(address, {"title": "x"}).status_code == 403
    assert client.get(reverse("admin:articles_article_change", args=[article.pk])).status_code == 200


@pytest.mark.parametrize("model", ["article", "author", "category", "tag"])
def test_lists_open(client, editor, model):
    make_article(categories=[make_category("Back Pain", parent=make_category("Health"))])
    assert client.get(reverse(f"admin:articles_{model}_changelist")).status_code == 200
