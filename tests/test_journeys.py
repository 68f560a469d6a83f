"""Whole ways through the site, in a real browser: what readers, writers and editors come for."""

import re
from itertools import groupby

import pytest
from playwright.sync_api import expect

from comments.models import Comment

from .factories import make_article, make_category, make_comment
from .keyboard import press_tab
from .writing import THOUGHT, WAITING, field, fill_in, post, reply_title, send

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TITLE = "Notes on a Stiff Neck"


def heading(page, name):
    return page.get_by_role("heading", name=name, exact=True)


# From the desk to the readers -------------------------------------------------------------------


def test_article_is_written_commented_on_and_the_comment_approved(new_visitor, editor):
    desk = new_visitor()
    desk.goto("/admin/")
    desk.get_by_label("Username").fill("ana")
    desk.get_by_label("Password").fill("a long password")
    desk.get_by_role("button", name="Log in").click()
    desk.locator("#content-main .model-article .addlink").click()
    desk.get_by_label("Title").fill(TITLE)
    desk.get_by_label("Text:").fill("Look left.\n\nLook right.")
    desk.get_by_label("Status").select_option("Published")
    desk.get_by_role("button", name="Save", exact=True).first.click()
    expect(desk.locator(".messagelist .success")).to_contain_text(TITLE)

    writer = new_visitor(java_script_enabled=False)
    writer.goto("/")
    writer.get_by_role("link", name=TITLE).click()
    expect(writer.locator(".prose p")).to_have_text(["Look left.", "Look right."])
    expect(writer.locator(".comments-title")).to_have_count(0)
    post(writer, THOUGHT)
    receipt = writer.url

    reader = new_visitor()
    reader.goto("/notes-on-a-stiff-neck/")
    expect(reply_title(reader)).to_have_text("Leave a Reply")
    expect(reader.get_by_text(THOUGHT)).to_have_count(0)

    desk.goto("/admin/comments/comment/")
    expect(desk.locator("#result_list tbody tr")).to_have_count(1)
    desk.get_by_role("link", name=THOUGHT).click()
    desk.get_by_role("button", name="Approve").click()
    expect(desk.locator(".messagelist .success")).to_contain_text("Approve")

    for page in (reader, writer):
        page.goto("/notes-on-a-stiff-neck/")
        expect(heading(page, f"One thought on “{TITLE}”")).to_be_visible()
        expect(page.locator(".comment-content")).to_have_text(THOUGHT)
    # The receipt has done its work, and now leads to the comment.
    writer.goto(receipt)
    expect(writer).to_have_url(re.compile(rf"/notes-on-a-stiff-neck/#comment-{Comment.objects.get().pk}$"))


# With scripts -----------------------------------------------------------------------------------


def test_reply_in_place_goes_back_and_is_posted(new_visitor, editor):
    article = make_article(title=TITLE)
    first = make_comment(article, author_name="Odile")
    make_comment(article, author_name="Tam {name} $&")
    page = new_visitor()
    page.goto(article.get_absolute_url())
    cancel = page.get_by_role("link", name="Cancel reply")
    expect(cancel).to_be_hidden()

    def reply_to(name):
        page.get_by_role("link", name=f"Reply to {name}", exact=True).click()
        expect(reply_title(page)).to_have_text(f"Leave a Reply to {name}")
        expect(field(page, "Comment")).to_be_focused()

    def expect_the_form_back_below_the_thread(name):
        expect(reply_title(page)).to_have_text("Leave a Reply")
        expect(page.locator("#comments > #respond")).to_be_visible()
        expect(page.get_by_role("link", name=f"Reply to {name}", exact=True)).to_be_focused()
        expect(cancel).to_be_hidden()

    reply_to("Odile")
    expect(page.locator(f"#comment-{first.pk} #respond")).to_be_visible()
    page.keyboard.press("Escape")
    expect_the_form_back_below_the_thread("Odile")
    reply_to("Tam {name} $&")
    cancel.click()
    expect_the_form_back_below_the_thread("Tam {name} $&")
    assert page.url.endswith(article.get_absolute_url()), "all this without leaving the page"

    reply_to("Odile")
    post(page, THOUGHT)
    expect(page.locator(".standfirst")).to_contain_text("in reply to Odile")
    Comment.objects.get(status="pending").approve(by=editor)
    page.goto(article.get_absolute_url())
    expect(heading(page, f"3 thoughts on “{TITLE}”")).to_be_visible()
    expect(page.locator(f"#comment-{first.pk} > .replies .comment-content")).to_have_text(THOUGHT)


def test_writer_is_remembered_by_consent_and_forgotten_without(new_visitor, live_server):
    articles = [make_article().get_absolute_url() for _ in range(3)]
    page = new_visitor()
    remember = page.get_by_role("checkbox", name="Save my name, email, and website in this browser")

    page.goto(articles[0])
    expect(remember).not_to_be_checked()
    field(page, "Website").fill("https://wren.example.org/")
    remember.check()
    post(page, THOUGHT)

    page.goto(articles[1])
    expect(field(page, "Name")).to_have_value("Wren Castellane")
    expect(field(page, "Email")).to_have_value("wren@example.org")
    expect(field(page, "Website")).to_have_value("https://wren.example.org/")
    expect(remember).to_be_checked()
    remember.uncheck()
    post(page, "Something else, which needs no memory.")

    page.goto(articles[2])
    for name in ("Name", "Email", "Website"):
        expect(field(page, name)).to_have_value("")
    expect(remember).not_to_be_checked()
    assert page.evaluate("localStorage.length") == 0


def test_draft_survives_until_it_is_posted(new_visitor, live_server):
    article = make_article().get_absolute_url()
    other = make_article().get_absolute_url()
    page = new_visitor()
    page.goto(article)
    field(page, "Comment").press_sequentially("Half a thought")
    page.reload()
    expect(field(page, "Comment")).to_have_value("Half a thought")
    page.goto(other)
    expect(field(page, "Comment")).to_have_value("")
    page.goto(article)
    expect(field(page, "Comment")).to_have_value("Half a thought")
    fill_in(page, "Half a thought")
    send(page, "Preview")
    page.goto(f"{article}#comment-1")
    expect(field(page, "Comment")).to_have_value("Half a thought")
    # Sent in vain from an address with a comment's fragment: the way back there has the text.
    page.context.set_offline(True)
    send(page)
    page.context.set_offline(False)
    page.goto(article)
    page.goto(f"{article}#comment-1")
    expect(field(page, "Comment")).to_have_value("Half a thought")
    post(page, "Half a thought, and the other half.")
    page.goto(article)
    expect(field(page, "Comment")).to_have_value("")


def test_theme_is_switched_and_kept_without_a_flash(new_visitor, live_server):
    page = new_visitor(color_scheme="light")
    # The theme at the moment the body begins, which is before anything can be painted.
    page.add_init_script(
        """new MutationObserver((_changes, observer) => {
          if (!document.body) return;
          window.themeAtFirst = document.documentElement.dataset.theme ?? "none";
          observer.disconnect();
        }).observe(document, {childList: true, subtree: true})"""
    )
    page.goto("/")
    assert page.evaluate("themeAtFirst") == "none"
    switch = page.get_by_role("button", name="Dark colours")
    expect(switch).to_have_attribute("aria-pressed", "false")
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(paper)
    switch.click()
    dark = page.evaluate(paper)
    assert dark != light

    page.reload()
    assert page.evaluate("themeAtFirst") == "dark"
    assert page.evaluate(paper) == dark
    expect(switch).to_have_attribute("aria-pressed", "true")

    # Back to what the system says: nothing is kept, and the system decides again.
    switch.click()
    page.emulate_media(color_scheme="dark")
    page.reload()
    assert page.evaluate("themeAtFirst") == "none"
    assert page.evaluate(paper) == dark


# Without scripts --------------------------------------------------------------------------------


def test_without_scripts_reply_error_preview_and_post(new_visitor, live_server):
    article = make_article(title=TITLE)
    parent = make_comment(article, author_name="Odile")
    page = new_visitor(java_script_enabled=False)
    page.goto(article.get_absolute_url())
    expect(page.locator("[data-theme-switch]")).to_be_hidden()
    reply = page.get_by_role("link", name="Reply to Odile")
    title = reply_title(page)

    reply.click()
    expect(page).to_have_url(re.compile(rf"\?replytocom={parent.pk}#respond$"))
    expect(title).to_have_text("Leave a Reply to Odile")
    expect(title).to_be_in_viewport()
    page.get_by_role("link", name="Cancel reply").click()
    expect(title).to_have_text("Leave a Reply")
    expect(page.get_by_role("link", name="Cancel reply")).to_be_hidden()

    reply.click()
    expect(title).to_have_text("Leave a Reply to Odile")
    fill_in(page, THOUGHT, author=" ", email="wren@localhost")
    send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(field(page, "Comment")).to_have_value(THOUGHT)
    expect(field(page, "Name")).to_be_focused()
    expect(field(page, "Name")).to_have_accessible_description(re.compile("^Please type your name"))
    expect(field(page, "Email")).to_have_value("wren@localhost")
    expect(field(page, "Email")).to_have_accessible_description(re.compile("Please type an email address"))
    expect(title).to_have_text("Leave a Reply to Odile")

    fill_in(page, THOUGHT)
    send(page, "Preview")
    expect(page.get_by_role("region", name="Preview").locator(".comment-content")).to_have_text(THOUGHT)
    expect(title).to_have_text("Leave a Reply to Odile")
    assert not Comment.objects.filter(status="pending").exists()

    send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(WAITING)
    expect(page.locator(".standfirst")).to_contain_text("in reply to Odile")
    assert Comment.objects.get(status="pending").parent == parent


# For everybody ----------------------------------------------------------------------------------


def test_comment_is_posted_by_keyboard_alone(new_visitor, live_server):
    article = make_article(categories=[make_category("Health")])
    make_comment(article, author_name="Odile")
    page = new_visitor()
    page.goto(article.get_absolute_url())
    typed = {"comment": THOUGHT, "author": "Wren Castellane", "email": "wren@example.org"}

    steps = [press_tab(page)]
    while steps[-1]["name"] != "submit":
        page.keyboard.type(typed.get(steps[-1]["name"], ""))
        steps.append(press_tab(page))
        assert len(steps) < 40, "the form is never reached"

    names = [step["name"] for step in steps]
    assert names[0] == "Skip to the content"
    assert names[-6:] == ["comment", "author", "email", "url", "remember", "submit"]
    regions = [region for region, _steps in groupby(step["region"] for step in steps[1:])]
    assert regions == [".site-header", ".article", ".comment-list", "main form"]
    assert not [step for step in steps if not (step["isMarked"] and step["isOnScreen"])]

    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(WAITING)
    expect(page.locator(".comment-content")).to_have_text(THOUGHT)


def test_skip_link_leads_past_the_header(new_visitor, live_server):
    page = new_visitor()
    page.goto(make_article(categories=[make_category("Health")]).get_absolute_url())
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    assert press_tab(page)["region"] == ".article"


def test_people_never_meet_the_honeypot(new_visitor, live_server):
    page = new_visitor()
    page.goto(make_article().get_absolute_url())
    trap = page.locator("[name=subject]")
    expect(trap).to_have_count(1)
    expect(trap).to_be_hidden()
    assert trap.bounding_box() is None
    # Even for those who come without our styles.
    page.evaluate("document.querySelectorAll('link[rel=stylesheet]').forEach((link) => link.remove())")
    expect(trap).to_be_hidden()

    tree = page.locator("#commentform").aria_snapshot()
    assert "Leave this field empty" not in tree
    assert re.findall(r'(?:textbox|checkbox) "(\w+)', tree) == ["Comment", "Name", "Email", "Website", "Save"]

    field(page, "Comment").focus()
    names = [press_tab(page)["name"] for _ in range(6)]
    assert names == ["author", "email", "url", "remember", "submit", "preview"]
