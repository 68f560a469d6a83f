"""The demonstration in a real browser: the source page part by part, and other scripts."""

import re

import pytest
from playwright.sync_api import expect

from articles.models import Article
from comments.models import Comment

from .writing import reply_title

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SOURCE_PAGE = "/2017/03/home-treatment-for-back-spasms/"
SPECIMEN = "/2019/02/a-sheet-from-the-specimen-drawer/"


def words(text):
    return re.sub(r"\s+", " ", text)


def assert_in_order(parts, text):
    start = 0
    for part in parts:
        found = text.find(part, start)
        assert found >= 0, f"“{part}” does not come, or comes too early"
        start = found + len(part)


def test_source_page_is_rebuilt_part_by_part(new_visitor, demo_site, shared, editor):
    title = "Home Treatment for Back Spasms"
    page = new_visitor()
    page.goto(SOURCE_PAGE)
    expect(page.locator(".comments-title")).to_have_count(0)
    spam = Comment.objects.get(article__title=title)
    assert spam.status == "pending"
    spam.approve(by=editor)
    page.reload()

    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.locator(".prose h2")).to_have_text(["The Most Common Causes of Back Spasms", title])
    expect(page.locator(".comments-title")).to_have_text(f"One thought on “{title}”")
    expect(page.locator(".comment-metadata time")).to_have_text("March 20, 2017 at 7:31 am")
    expect(page.locator(".comment-metadata time")).to_have_attribute("datetime", "2017-03-20T07:31:00+00:00")
    expect(page.locator(".comment-content p")).to_have_count(1)
    expect(reply_title(page)).to_have_text("Leave a Reply")
    expect(page.locator("#commentform label:visible")).to_have_text(
        [
            "Comment *",
            "Name *",
            "Email *",
            "Website",
            "Save my name, email, and website in this browser for the next time I comment.",
        ]
    )
    parts = [
        title,
        "The Most Common Causes of Back Spasms",
        title,
        f"One thought on “{title}",
        "March 20, 2017 at 7:31 am",
        "Leave a Reply",
        "Your email address will not be published. Required fields are marked *",
        "to reduce spam. Learn how your comment data is processed.",
    ]
    assert_in_order(parts, words((shared / "seed" / "source-page.txt").read_text(encoding="utf-8")))
    assert_in_order(parts, words(page.locator("main").inner_text()))


def test_articles_of_other_scripts_read_as_their_readers_expect(new_visitor, demo_site):
    page = new_visitor()
    for language, direction in [("ar", "rtl"), ("ja", "ltr")]:
        article = Article.objects.get(language=language)
        page.goto(article.get_absolute_url())
        expect(page.get_by_role("heading", level=1)).to_have_text(article.title)
        for part in ("h1", ".standfirst", ".prose"):
            expect(page.locator(f".article {part}")).to_have_attribute("lang", language)
            expect(page.locator(f".article {part}")).to_have_css("direction", direction)
        # The page around them stays the site's own.
        expect(page.locator("html")).to_have_css("direction", "ltr")


# How many characters each full line of the paragraphs holds.
LINES = """() => [...document.querySelectorAll(".prose > p")].flatMap((paragraph) => {
  const lines = new Map(), range = document.createRange();
  const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    if (node.parentElement !== paragraph) continue;
    for (let at = 0; at < node.length; at++) {
      range.setStart(node, at);
      range.setEnd(node, at + 1);
      const {bottom} = range.getBoundingClientRect();
      lines.set(bottom, (lines.get(bottom) ?? 0) + 1);
    }
  }
  const counts = [...lines.values()];
  return paragraph.childElementCount ? [] : counts.slice(0, -1);
})"""


def test_lines_of_a_long_text_have_45_to_75_characters(new_visitor, demo_site):
    page = new_visitor(viewport={"width": 1280, "height": 800})
    page.goto("/2021/01/bread-by-feel/")
    lines = sorted(page.evaluate(LINES))
    assert len(lines) > 20
    assert 45 <= lines[len(lines) // 2] <= 75


def test_wide_tables_and_code_scroll_by_themselves_and_by_keyboard(new_visitor, demo_site):
    page = new_visitor(viewport={"width": 320, "height": 800})
    page.goto(SPECIMEN)
    for wide in (page.locator(".prose .table"), page.locator(".prose pre")):
        assert wide.evaluate("each => each.scrollWidth > each.clientWidth")
        wide.focus()
        page.keyboard.press("ArrowRight")
        expect(wide).not_to_have_js_property("scrollLeft", 0)


def test_what_has_no_use_on_paper_is_not_printed(new_visitor, demo_site):
    page = new_visitor()
    page.goto("/2021/01/bread-by-feel/")
    page.emulate_media(media="print", color_scheme="dark")
    for gone in (".site-nav", ".site-footer nav", "#respond", ".skip-link", ".comment .reply", ".avatar"):
        expect(page.locator(gone).first).to_be_hidden()
    for there in ("h1", ".prose", ".comments-title", ".comment-content"):
        expect(page.locator(there).first).to_be_visible()
    expect(page.locator("html")).to_have_css("background-color", "rgb(252, 252, 250)")
    page.goto(SPECIMEN)
    link = page.locator('.prose a[href^="https://example.org/"]')
    printed = link.evaluate("each => getComputedStyle(each, '::after').content")
    assert "https://example.org/" in printed or "attr(href)" in printed


def test_focus_and_edges_are_seen_where_colours_are_forced(new_visitor, demo_site):
    page = new_visitor(forced_colors="active")
    page.goto(SPECIMEN)
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_have_css("outline-style", "solid")
    for edged in (".prose pre", "#respond", "#submit", "#comment"):
        expect(page.locator(edged)).to_have_css("border-top-style", "solid")
