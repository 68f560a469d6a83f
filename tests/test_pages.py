"""What every page promises before any browser reads it: well-formed HTML, and little to load."""

from collections import Counter
from io import StringIO
from pathlib import Path

import html5lib
import pytest
from django.conf import settings
from django.core.management import call_command
from django.template.loader import render_to_string
from django.urls import reverse

from articles.models import Article, Author, Tag

from .factories import comment_form, make_comment

STATIC = Path(settings.BASE_DIR) / "static"


def markup_errors(html):
    """Return what a strict parser finds wrong, as (line and column, error), and each id used twice."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(html)
    ids = Counter(element.get("id") for element in tree.iter() if element.get("id"))
    return [
        *((position, code, details) for position, code, details in parser.errors),
        *(("id used twice", name) for name, count in ids.items() if count > 1),
    ]


@pytest.mark.parametrize(
    ("html", "error"),
    [
        ("<!doctype html><title>a</title><p>b</i>", "unexpected-end-tag"),
        ("<!doctype html><title>a</title><p>b<ul><li>c</div></ul>", "end-tag-too-early"),
        ("<title>a</title><p>b", "expected-doctype-but-got-start-tag"),
        ('<!doctype html><title>a</title><p id="b"><p id="b">', "b"),
    ],
)
def test_errors_in_markup_are_seen(html, error):
    assert [found[1] for found in markup_errors(html)] == [error]


@pytest.fixture
def demo_site(db):
    call_command("seed_demo", stdout=StringIO())


def every_answer(client):
    """Yield what each page is called and the answer to a request for it."""
    thread = Article.objects.get(path="2021/01/bread-by-feel/")
    parent = thread.comments.approved().order_by("place").first()
    # The worst names and texts that the form takes.
    nasty = make_comment(thread, parent=parent, author_name='"><i>&amp;', body="<b><p>a<ul><li>b</b></p>&<")
    closed = Article.objects.exclude(pk=thread.pk).published().first()
    closed.comment_policy = Article.CommentPolicy.CLOSED
    closed.save()
    for article in Article.objects.published():
        yield article.title, client.get(article.get_absolute_url())
    for name, url in {
        "home": "/",
        "older articles": "/page/2/",
        "later comments": f"/{thread.path}comment-page-2/",
        "reply": f"/{thread.path}?replytocom={nasty.pk}",
        "reply with a quotation": f"/{thread.path}?replytocom={nasty.pk}&quote=1",
        "newest comments first": f"/{thread.path}?comments=newest",
        "later comments, newest first": f"/{thread.path}comment-page-2/?comments=newest",
        "category": "/category/health/",
        "category below": "/category/health/back-pain/",
        "tag": Tag.objects.filter(articles__in=Article.objects.published()).first().get_absolute_url(),
        "author": Author.objects.filter(articles=thread).get().get_absolute_url(),
        "data": reverse("comments:data"),
        "search": "/search/",
        "search with an answer": "/search/?q=bread+%3Cb%3E+back&category=health&year=2017",
        "archive": "/archive/",
        "year": "/2021/",
        "month": "/2021/01/",
        "about": "/about/",
        "colophon": "/colophon/",
        "accessibility": "/accessibility/",
        "404": "/nothing/here/",
        "404 with suggestions": "/2021/bread-by-fel/",
        "405": reverse("comments:post", args=[thread.pk]),
    }.items():
        yield name, client.get(url)

    def post(article=thread, headers=None, **fields):
        url = reverse("comments:post", args=[article.pk])
        return client.post(url, comment_form(article, **fields), headers=headers, follow=True)

    here = {"sec-fetch-site": "same-origin"}
    wrong = {
        "comment": "</textarea><b>",
        "author": '"><i>',
        "email": "<",
        "url": "javascript:",
        "subject": '">',
    }
    yield "form in error", post(headers=here, comment_parent=str(nasty.pk), **wrong)
    yield "parent gone", post(headers=here, comment_parent="987654321")
    yield "preview", post(headers=here, preview="1", comment="<b>a\n\n<ul>b</b>")
    yield "receipt", post(headers=here, comment_parent=str(nasty.pk))
    yield "receipt to confirm", post(author="Somebody Else")
    yield "foreign form", post(headers={"sec-fetch-site": "cross-site"})
    yield "comments closed", post(closed, headers=here, comment="</textarea><b>")
    yield "too large", post(headers=here, comment="a" * 500_000)


def test_every_page_is_well_formed(client, demo_site):
    answers = {
        name: (response.status_code, response.content.decode()) for name, response in every_answer(client)
    }
    statuses = {name: status for name, (status, _html) in answers.items() if status != 200}
    assert statuses == {
        "404": 404,
        "404 with suggestions": 404,
        "405": 405,
        "form in error": 422,
        "parent gone": 422,
        "foreign form": 403,
        "comments closed": 403,
        "too large": 413,
    }
    errors = {name: markup_errors(html) for name, (_status, html) in answers.items()}
    assert not {name: found for name, found in errors.items() if found}


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_error_pages_that_know_nothing_are_well_formed(name):
    assert markup_errors(render_to_string(name)) == []


@pytest.mark.parametrize(("folder", "limit"), [("css", 34_000), ("js", 9_000)])
def test_styles_and_scripts_stay_small(folder, limit):
    """Before compression, all pages together."""
    assert 0 < sum(path.stat().st_size for path in (STATIC / folder).iterdir()) < limit
