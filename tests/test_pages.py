"""What every page promises before any browser reads it: well-formed HTML, and little to load."""

import json
import subprocess
from collections import Counter
from io import StringIO
from pathlib import Path
from urllib.parse import unquote

import html5lib
import pytest
from django.conf import settings
from django.core.management import call_command
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import slugify

from articles.models import Article

from .factories import comment_form, make_comment
from .quality.pages import PAGES

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
        **PAGES,
        "reply": f"/{thread.path}?replytocom={nasty.pk}",
        "reply with a quotation": f"/{thread.path}?replytocom={nasty.pk}&quote=1",
        "newest comments first": f"/{thread.path}?comments=newest",
        "later comments, newest first": f"/{thread.path}comment-page-2/?comments=newest",
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


# A comment is an article of its own in HTML's sense, and no comment has a heading.
NO_FAULTS = "Article lacks heading.*"


def nu_messages(checker, folder):
    """Return what the Nu checker says of the pages in a folder, as (file's name, line, message)."""
    options = ["--format", "json", "--stdout", "--exit-zero-always", "--filterpattern", NO_FAULTS]
    ran = subprocess.run(
        ["java", "-jar", checker, *options, folder], capture_output=True, text=True, check=True
    )
    return [
        (unquote(each["url"]).rpartition("/")[2], each.get("lastLine"), each["message"])
        for each in json.loads(ran.stdout)["messages"]
    ]


def test_every_page_is_valid_html(client, demo_site, nu_checker, tmp_path):
    """Which elements and attributes may stand where, and ARIA: what a parser alone doesn't know."""
    pages = {name: response.content for name, response in every_answer(client)}
    pages |= {name: render_to_string(f"{name}.html").encode() for name in ("400", "500")}
    pages["invalid"] = b"<!doctype html><html lang=en><title>a</title><button><a href='/'>b</a></button>"
    for number, (name, html) in enumerate(pages.items()):
        (tmp_path / f"{number} {slugify(name)}.html").write_bytes(html)
    faults = nu_messages(nu_checker, tmp_path)
    seen = [fault for fault in faults if fault[0].endswith(" invalid.html")]
    assert "must not appear as a descendant of the “button” element" in seen[0][2]
    assert faults == seen


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_error_pages_that_know_nothing_are_well_formed(name):
    assert markup_errors(render_to_string(name)) == []


@pytest.mark.parametrize(("folder", "limit"), [("css", 34_000), ("js", 9_000)])
def test_styles_and_scripts_stay_small(folder, limit):
    """Before compression, all pages together."""
    assert 0 < sum(path.stat().st_size for path in (STATIC / folder).iterdir()) < limit
