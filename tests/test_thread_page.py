"""The thread in a real browser: what folds, what is new, and what the script adds to it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from .factories import make_article, make_comment
from .writing import field, reply_title

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def article(live_server):
    return make_article(title="Notes on a Stiff Neck", path="stiff-neck/")


def new_marks(page):
    return page.get_by_text("New", exact=True)


def test_replies_fold_by_the_keyboard_and_open_for_who_is_led_into_them(new_visitor, article):
    parent = make_comment(article)
    reply = make_comment(article, parent=parent)
    deepest = make_comment(article, parent=reply)
    make_comment(article, parent=make_comment(article, parent=make_comment(article, parent=deepest)))
    page = new_visitor()
    page.goto("/stiff-neck/")
    summary = page.get_by_text("5 replies")
    inside = page.locator(f"#div-comment-{deepest.pk}")
    expect(inside).to_be_visible()
    page.get_by_text("4 replies").press("Enter")
    summary.press("Enter")
    expect(inside).to_be_hidden()
    page.evaluate(f"location.hash = 'comment-{deepest.pk}'")
    expect(inside).to_be_visible()
    expect(inside).to_be_in_viewport()


def test_times_are_told_from_now_and_renewed_where_they_stand(new_visitor, article):
    recent = make_comment(article, at=NOON - timedelta(minutes=59))
    old = make_comment(article, at=NOON - timedelta(days=400))
    page = new_visitor(timezone_id="UTC")
    page.clock.install(time=NOON)
    page.goto("/stiff-neck/")
    time = page.locator(f"#comment-{recent.pk} time")
    expect(time).to_have_text("59 minutes ago")
    expect(time).to_have_attribute("title", "May 1, 2026 at 11:01 am")
    expect(page.locator(f"#comment-{old.pk} time")).to_have_text("March 27, 2025 at 12:00 pm")
    before = time.bounding_box()
    page.clock.fast_forward(60_000)
    expect(time).to_have_text("1 hour ago")
    assert time.bounding_box() == before

    plain = new_visitor(java_script_enabled=False)
    plain.goto("/stiff-neck/")
    expect(plain.locator(f"#comment-{recent.pk} time")).to_have_text("May 1, 2026 at 11:01 am")
    assert plain.locator(f"#comment-{recent.pk} time").bounding_box()["width"] == before["width"]


@pytest.mark.parametrize(("language", "words"), [("de", "vor 3 Stunden"), ("ar", "قبل 3 ساعات")])
def test_times_are_told_in_the_language_of_the_page(new_visitor, article, settings, language, words):
    settings.LANGUAGE_CODE = language
    comment = make_comment(article, at=NOON - timedelta(hours=3))
    page = new_visitor()
    page.clock.install(time=NOON)
    page.goto("/stiff-neck/")
    expect(page.locator(f"#comment-{comment.pk} time")).to_have_text(words)


def test_quote_takes_what_is_selected_and_keeps_what_is_typed(new_visitor, article):
    comment = make_comment(article, author_name="Odile", body="Lie flat & rest.\n\nThen walk.")
    page = new_visitor()
    page.goto("/stiff-neck/")
    field(page, "Comment").fill("First of all:")
    quote = page.get_by_role("link", name="Quote Odile")
    quote.click()
    expect(reply_title(page)).to_have_text("Leave a Reply to Odile")
    whole = "First of all:\n\n<blockquote>Lie flat &amp; rest.\nThen walk.</blockquote>\n\n"
    expect(field(page, "Comment")).to_have_value(whole)
    expect(field(page, "Comment")).to_be_focused()
    page.locator(f"#comment-{comment.pk} .comment-content p").last.select_text()
    quote.click()
    expect(field(page, "Comment")).to_have_value(
        f"{whole}<blockquote>Then walk.</blockquote>\n\n",
    )
    # What is selected elsewhere is nobody's words.
    page.locator("h1").select_text()
    quote.click()
    expect(field(page, "Comment")).to_have_value(
        re.compile(r"Then walk\.</blockquote>\n\n<blockquote>Lie flat")
    )
    page.reload()
    expect(field(page, "Comment")).to_have_value(re.compile("^First of all:"))

    plain = new_visitor(java_script_enabled=False)
    plain.goto("/stiff-neck/")
    plain.get_by_role("link", name="Quote Odile").click()
    expect(reply_title(plain)).to_have_text("Leave a Reply to Odile")
    expect(field(plain, "Comment")).to_have_value(whole.removeprefix("First of all:\n\n"))


def test_quote_from_an_address_is_put_behind_the_draft(new_visitor, article):
    comment = make_comment(article, body="Lie flat.")
    page = new_visitor()
    page.goto("/stiff-neck/")
    field(page, "Comment").press_sequentially("Half a thought")
    for _again in range(2):
        page.goto(f"/stiff-neck/?replytocom={comment.pk}&quote=1")
        expect(field(page, "Comment")).to_have_value(
            "Half a thought\n\n<blockquote>Lie flat.</blockquote>\n\n"
        )


def test_what_is_new_since_the_last_visit_is_said_and_marked(new_visitor, article):
    old = make_comment(article)
    # An old one that waits longer than the first visit is new as well.
    late = make_comment(article, status="pending")
    first_tab = new_visitor()
    first_tab.goto("/stiff-neck/")
    line = re.compile("new since your last visit$")
    expect(first_tab.get_by_text(line)).to_be_hidden()
    expect(new_marks(first_tab)).to_have_count(0)
    first_tab.close()

    late.approve(by=None)
    make_comment(article, parent=old)
    page = first_tab.context.new_page()
    page.goto("/stiff-neck/")
    expect(page.get_by_text(line)).to_have_text("2 new since your last visit")
    expect(new_marks(page)).to_have_count(2)
    page.reload()
    expect(new_marks(page)).to_have_count(2)
    page.get_by_text(line).click()
    assert page.url.endswith(f"#{page.locator('li.comment').nth(1).get_attribute('id')}")
    page.close()

    # Seen there, they are not new in the other order, which was never visited, nor the next time.
    for address in ("/stiff-neck/?comments=newest", "/stiff-neck/"):
        page = first_tab.context.new_page()
        page.goto(address)
        expect(page.locator(".comment time").first).to_have_attribute("title", re.compile("2017"))
        expect(new_marks(page)).to_have_count(0)
        page.close()


def test_ones_own_comment_is_not_new(new_visitor, article):
    make_comment(article)
    page = new_visitor()
    page.goto("/stiff-neck/")
    own = make_comment(article)
    # As after posting: sent from elsewhere, led to its place.
    page.evaluate(f"sessionStorage['draft:{article.pk}:sent'] = '\"http://elsewhere.example/\"'")
    for _again in range(2):
        page.goto("about:blank")
        page.goto(f"/stiff-neck/#comment-{own.pk}")
        expect(page.locator(".comment time").first).to_have_attribute("title", re.compile("2017"))
        expect(new_marks(page)).to_have_count(0)


def test_refused_storage_is_no_trouble(new_visitor, article):
    make_comment(article, author_name="Odile")
    page = new_visitor()
    page.add_init_script(
        """for (const name of ["localStorage", "sessionStorage"]) {
             const get = () => { throw new DOMException("no", "SecurityError"); };
             Object.defineProperty(window, name, { get });
           }"""
    )
    page.goto("/stiff-neck/")
    expect(page.get_by_text("new since your last visit")).to_be_hidden()
    expect(page.locator(".comment time").first).to_have_attribute("title", re.compile("2017"))
    page.get_by_role("link", name="Reply to Odile").click()
    expect(reply_title(page)).to_have_text("Leave a Reply to Odile")
