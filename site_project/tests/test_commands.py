import socket
from io import StringIO
from types import SimpleNamespace

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import transaction

from articles.models import Article, Author, Category
from comments.models import Comment, Decision

SPASMS = "2017/03/home-treatment-for-back-spasms/"


def run(command):
    output = StringIO()
    call_command(command, stdout=output)
    return output.getvalue()


@pytest.fixture(scope="module")
def first_start(django_db_setup, django_db_blocker, tmp_path_factory):
    """What the first `make run` prepares: made once for this module, undone after it."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "var").mkdir()
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        patch.setattr("django.conf.settings.BASE_DIR", folder)
        output = run("prepare_local_site")
        yield SimpleNamespace(output=output, password_file=folder / "var" / "admin-password.txt")
        transaction.set_rollback(True)


@pytest.fixture
def site(first_start, db):
    return first_start


def test_empty_site_becomes_one_worth_looking_at(site):
    assert Article.objects.published().count() >= 12
    assert Category.objects.count() >= 5
    assert Category.objects.filter(path__contains="/").exists()
    assert Author.objects.filter(articles__in=Article.objects.published()).distinct().count() >= 3
    assert Comment.objects.count() >= 80
    kept = set(Comment.Status.values) - {Comment.Status.DELETED}
    assert set(Comment.objects.values_list("status", flat=True)) == kept
    assert any(article.comments.approved().count() >= 60 for article in Article.objects.published())
    assert {"de", "ar", "ja"} <= set(Article.objects.values_list("language", flat=True))


def test_every_page_of_the_demonstration_opens(site, client):
    for article in Article.objects.published():
        assert client.get(article.get_absolute_url()).status_code == 200, article.path
    for category in Category.objects.all():
        assert client.get(category.get_absolute_url()).status_code == 200, category.path


def test_every_comment_of_the_demonstration_has_reasons_and_a_history_that_ends_where_it_is(site):
    for comment in Comment.objects.prefetch_related("findings", "decisions"):
        assert comment.findings.all(), comment
        assert comment.decisions.latest("pk").to_status == comment.status, comment
        assert bool(comment.fragment) == (comment.status == "approved"), comment
    assert Decision.objects.filter(by__isnull=False).exists()


def test_replies_come_after_what_they_answer(site):
    for reply in Comment.objects.filter(parent__isnull=False).select_related("parent"):
        assert reply.article_id == reply.parent.article_id
        assert reply.submitted_at > reply.parent.submitted_at


def test_spam_of_the_source_page_waits_in_the_queue_with_its_reasons(site, client):
    article = Article.objects.get(path=SPASMS)
    assert article.title == "Home Treatment for Back Spasms"
    comment = article.comments.get()
    assert comment.status == "pending"
    assert f"{comment.submitted_at:%Y-%m-%d %H:%M}" == "2017-03-20 07:31"
    assert comment.findings.filter(points__gt=0).exists()
    page = client.get(article.get_absolute_url()).content.decode()
    assert comment.author_name not in page


def test_demonstration_content_is_for_an_empty_site(site):
    before = Article.objects.count(), Comment.objects.count()
    with pytest.raises(CommandError, match="articles here already"):
        run("seed_demo")
    assert (Article.objects.count(), Comment.objects.count()) == before


def test_generated_password_opens_the_admin(site, client):
    password = site.password_file.read_text().strip()
    assert site.password_file.stat().st_mode & 0o077 == 0
    assert f"user admin, password {password}" in site.output
    assert client.login(username="admin", password=password)
    assert client.get("/admin/").status_code == 200


def test_editor_who_decided_in_the_demonstration_can_not_sign_in(site):
    others = get_user_model().objects.exclude(username="admin")
    assert others
    assert not [user for user in others if user.has_usable_password()]


def test_second_start_changes_nothing_and_keeps_what_an_editor_wrote(site):
    article = Article.objects.get(path=SPASMS)
    article.title = "My own words"
    article.save()
    counts = [model.objects.count() for model in (Article, Comment, get_user_model())]
    password = site.password_file.read_text()
    output = run("prepare_local_site")
    assert [model.objects.count() for model in (Article, Comment, get_user_model())] == counts
    assert Article.objects.get(path=SPASMS).title == "My own words"
    assert site.password_file.read_text() == password
    assert "First start" not in output
    assert f"password {password.strip()}" in output


@pytest.mark.parametrize("change", ["password", "name"])
def test_password_is_printed_only_while_it_is_in_force(site, change):
    admin = get_user_model().objects.get(username="admin")
    if change == "password":
        admin.set_password("another long password")
    else:
        admin.username = "ana"
    admin.save()
    output = run("prepare_local_site")
    assert "password" not in output
    assert "/admin/" in output


def test_password_is_not_printed_where_its_file_is_gone(site, settings, tmp_path):
    settings.BASE_DIR = tmp_path
    assert "password" not in run("prepare_local_site")


def test_port_that_is_in_use_is_named_with_a_way_out():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} is in use.* make run PORT={port + 1}"):
            call_command("prepare_local_site", port=port)
