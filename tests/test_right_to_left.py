"""The site in Arabic, in a real browser: it runs from right to left, and nothing of it gets in the way."""

import pytest
from django.utils import translation
from playwright.sync_api import expect

from comments.models import Comment

from .factories import make_article, make_category, make_comment

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 360, "height": 740}


@pytest.fixture
def arabic(settings):
    settings.LANGUAGE_CODE = "ar"
    with translation.override("ar"):
        yield


def side(page, selector):
    """Return how far an element is from the edges where lines begin and end."""
    return page.locator(selector).first.evaluate(
        "each => { const box = each.getBoundingClientRect(); "
        "return [Math.round(innerWidth - box.right), Math.round(box.left)]; }"
    )


def test_a_reader_comments_in_arabic_on_a_phone(arabic, new_visitor):
    article = make_article(title="في مديح الترجمة", path="", body="فقرة أولى.\n\nفقرة ثانية.", language="ar")
    make_article(title="The Pillow Question")
    make_comment(article, author_name="Jürgen (2)", body="Two words, in English.")
    page = new_visitor(viewport=PHONE)
    for address in ("/", article.get_absolute_url()):
        page.goto(address)
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    begins, ends = side(page, "#respond [type=submit]")
    assert begins < ends

    page.locator("#comment").fill("تعليق من قارئ.")
    page.locator("#author").fill("ريم")
    page.locator("#email").fill("reem@example.org")
    page.get_by_role("button", name="إرسال التعليق").click()
    expect(page.get_by_text("تعليق من قارئ.").first).to_be_visible()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert Comment.objects.get(author_name="ريم").body == "تعليق من قارئ."


def test_what_runs_the_other_way_keeps_its_own(arabic, new_visitor):
    article = make_article(title="The Pillow Question", categories=[make_category("Health")])
    page = new_visitor(viewport=PHONE)
    page.goto(article.get_absolute_url())
    # The category stands on the side where the title begins.
    assert side(page, ".kicker a")[1] == side(page, "h1")[1]
    page.locator("#comment").fill("One. Two.")
    assert page.locator("#comment").evaluate("each => getComputedStyle(each).unicodeBidi") == "plaintext"
