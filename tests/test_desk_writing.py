"""Replying and editing at the desk in a real browser, by hand and by keyboard."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from comments.models import Comment

from .desk import WIDTHS, said

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TYPED = "Lying flat with teh knees up helped."
MENDED = "Lying flat with the knees up helped."
ANSWER = "A heat pad helps, too."


@pytest.fixture
def comments(waiting):
    return waiting(3, body=TYPED)


def reply_field(page):
    return page.get_by_role("textbox", name="Reply to No. 1")


def text_field(page):
    return page.get_by_role("textbox", name="Comment")


def test_comment_is_answered_by_keyboard_from_the_queue(open_desk, comments):
    page = open_desk()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("r")
    expect(page.get_by_role("heading", level=1)).to_have_text("Moderate a comment")
    expect(reply_field(page)).to_be_focused()
    expect(reply_field(page)).to_be_in_viewport()
    # No key is a key while somebody writes.
    page.keyboard.type("rely: " + ANSWER)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("Your reply is published")
    expect(page.locator("#result_list tbody tr")).to_have_count(2)
    reply = Comment.objects.get(parent=comments[1])
    assert (reply.author_name, reply.body) == ("Ana Beaumont", "rely: " + ANSWER)
    page.goto("/stiff-neck/")
    expect(page.locator(f"#comment-{comments[1].pk}")).to_contain_text(ANSWER)
    assert Comment.objects.approved().count() == 2


def test_reply_is_undone_by_a_key(open_desk, comments):
    page = open_desk()
    page.keyboard.press("j")
    page.keyboard.press("r")
    expect(page.get_by_role("textbox", name="Reply to No. 0")).to_be_focused()
    page.keyboard.type(ANSWER)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("Your reply is published")
    # The keys come with the script, which the page does not wait for.
    page.wait_for_load_state()
    page.keyboard.press("z")
    page.get_by_role("button", name="Undo 2 comments").press("Enter")
    expect(said(page)).to_contain_text("Undo: 2 comments.")
    assert not Comment.objects.approved().exists()


def test_comment_is_edited_by_keyboard_and_the_original_put_back(open_desk, comments):
    Comment.objects.get(pk=comments[1].pk).approve(by=None)
    page = open_desk()
    page.goto("/admin/comments/comment/?view=published")
    page.keyboard.press("j")
    page.keyboard.press("e")
    expect(text_field(page)).to_be_focused()
    expect(text_field(page)).to_have_value(TYPED)
    text_field(page).fill(MENDED)
    page.get_by_role("button", name="Save").press("Enter")
    expect(said(page)).to_contain_text("The comment is changed. The original is kept.")
    expect(page.locator(".difference del")).to_have_text(["teh ", "removed"])
    page.goto("/stiff-neck/")
    expect(page.locator(f"#comment-{comments[1].pk}")).to_contain_text("Edited by Ana Beaumont")
    expect(page.locator(f"#comment-{comments[1].pk}")).to_contain_text(MENDED)
    page.go_back()
    page.get_by_role("button", name="Put the original back").press("Enter")
    expect(said(page)).to_contain_text("The original is back.")
    page.goto("/stiff-neck/")
    expect(page.locator(f"#comment-{comments[1].pk}")).to_contain_text(TYPED)
    expect(page.locator(f"#comment-{comments[1].pk}")).not_to_contain_text("Edited")


def test_keys_work_on_the_comments_own_page_unless_they_are_off(open_desk, comments):
    page = open_desk()
    card = f"/admin/comments/comment/{comments[1].pk}/change/"
    page.goto(card)
    page.keyboard.press("r")
    expect(reply_field(page)).to_be_focused()
    # Here they are letters.
    page.keyboard.type("e")
    expect(reply_field(page)).to_have_value("e")
    page.goto(card)
    page.keyboard.press("Control+e")
    page.keyboard.press("e")
    expect(page.get_by_role("heading", level=1)).to_have_text("Edit a comment")
    page.evaluate("localStorage.setItem('desk-keys', 'off')")
    page.goto(card)
    page.wait_for_load_state()
    page.keyboard.press("r")
    expect(reply_field(page)).not_to_be_focused()


def test_replying_and_editing_need_no_script(open_desk, comments):
    page = open_desk(java_script_enabled=False)
    page.get_by_role("link", name="Reply: No. 1").click()
    reply_field(page).fill("<b></b>")
    page.get_by_role("button", name="Reply", exact=True).click()
    expect(page.get_by_text("Please type your comment.")).to_be_visible()
    page.get_by_role("textbox", name="Your reply").fill(ANSWER)
    page.get_by_role("button", name="Reply", exact=True).click()
    expect(said(page)).to_contain_text("Your reply is published")
    page.get_by_role("link", name="Edit: No. 2").click()
    text_field(page).fill(MENDED)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Put the original back").click()
    expect(said(page)).to_contain_text("The original is back.")
    assert Comment.objects.get(parent=comments[1]).status == "approved"
    assert Comment.objects.get(pk=comments[2].pk).edits.count() == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_fit_and_axe_finds_nothing(open_desk, comments, width, scheme, tmp_path):
    comment = comments[1]
    comment.author_url, comment.body = "", TYPED + " https://" + "pills" * 40
    comment.save()
    page = open_desk(color_scheme=scheme, viewport={"width": width, "height": 800})
    card = f"/admin/comments/comment/{comment.pk}/change/"
    edit = f"/admin/comments/comment/{comment.pk}/edit/"

    def look(state):
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0, state
        # Preloading would make style sheets anew where one imports another, which the policy forbids.
        found = Axe().run(page, options={"preload": False}).response["violations"]
        assert not [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found], state

    look("list")
    page.goto(edit)
    look("edit")
    text_field(page).fill("")
    page.get_by_role("button", name="Save").click()
    look("edit in error")
    text_field(page).fill(MENDED)
    page.get_by_label("Website").fill("https://example.org/" + "spine" * 20)
    page.get_by_role("button", name="Save").click()
    page.locator("summary", has_text="The original").click()
    look("card")
    reply_field(page).fill(ANSWER)
    Comment.objects.get(pk=comment.pk).mark_spam(by=None)
    page.get_by_role("button", name="Reply", exact=True).click()
    expect(page.get_by_text("was quicker")).to_be_focused()
    look("reply refused")
    page.goto(card)
    look("card of spam")
