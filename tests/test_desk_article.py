"""Moderating on the article's page and from a mail, in a real browser."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core import mail
from playwright.sync_api import expect

from articles.models import Author
from comments import notices

from .factories import make_article, make_comment

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = [(360, "light"), (1280, "dark")]


@pytest.fixture
def article(editor):
    article = make_article(title="Notes on a Stiff Neck", author=Author.objects.get(user=editor))
    first = make_comment(article, author_name="Wren")
    make_comment(article, author_name="Tom", body="Is that so?", parent=first, status="pending")
    return article


@pytest.fixture
def open_article(open_desk, article):
    """Return a function that opens the article's page for the editor, who is signed in."""

    def open_it(**options):
        page = open_desk("/admin/", **options)
        page.goto(article.get_absolute_url())
        return page

    return open_it


def bar(page, name):
    return page.get_by_role("form", name=f"Moderate the comment by {name}")


@pytest.mark.parametrize("scripts", [True, False])
def test_comment_is_decided_where_it_stands_and_taken_back(open_article, new_visitor, article, scripts):
    page = open_article(java_script_enabled=scripts)
    expect(page.get_by_text("Is that so?")).to_be_visible()
    bar(page, "Tom").get_by_role("button", name="Approve").click()
    expect(page.get_by_text("decided by ana")).to_be_visible()

    reader = new_visitor()
    reader.goto(article.get_absolute_url())
    expect(reader.get_by_text("Is that so?")).to_be_visible()
    expect(reader.get_by_role("button", name="Approve")).to_have_count(0)

    bar(page, "Tom").get_by_role("button", name="Spam").click()
    expect(bar(page, "Tom")).to_contain_text("Spam")
    bar(page, "Tom").get_by_role("button", name="Restore").click()
    expect(bar(page, "Tom")).to_contain_text("Approved")


def test_mail_leads_to_a_page_that_asks_for_one_click(new_visitor, article, editor):
    comment = article.comments.get(status="pending")
    notices.write_down(comment, now=comment.submitted_at)
    notices.drain(clock=lambda: comment.submitted_at)
    link = re.search(r"\S+/comments/moderate/\S+", mail.outbox[0].body)[0]
    page = new_visitor(java_script_enabled=False)
    page.goto(re.sub(r"^https?://[^/]+", "", link))
    expect(page.get_by_role("heading", level=1)).to_have_text("Pending")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Approved")
    expect(page.get_by_text("decided by ana")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_pages_are_accessible_and_do_not_scroll_sideways(open_article, article, width, scheme):
    make_comment(article, author_name="N" * 100, body="w" * 300, status="pending")
    page = open_article(viewport={"width": width, "height": 800}, color_scheme=scheme)
    held = article.comments.filter(status="pending").last()
    for address in (article.get_absolute_url(), f"/comments/{held.pk}/moderate/"):
        page.goto(address)
        assert Axe().run(page).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
