"""The moderation queue in a real browser, by hand and by keyboard."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from comments.models import Comment, Decision

from .desk import OLDEST_FIRST, QUEUE, WIDTHS, said

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def current(page):
    return page.locator("#result_list tr[aria-current]")


def expect_at(page, name):
    expect(current(page)).to_have_count(1)
    expect(current(page)).to_contain_text(name)
    expect(current(page)).to_be_focused()
    expect(current(page)).to_be_in_viewport()


def test_sixty_waiting_comments_are_cleared_by_keyboard_alone(open_desk, waiting):
    comments = waiting(60)
    page = open_desk()
    expect(page.locator("#result_list tbody tr")).to_have_count(50)

    # One at a time: each decision leads to the next comment.
    page.keyboard.press("j")
    expect_at(page, "No. 0")
    page.keyboard.press("a")
    expect(said(page)).to_contain_text("Approve: 1 comment.")
    expect_at(page, "No. 1")
    page.keyboard.press("s")
    expect(said(page)).to_contain_text("Spam: 1 comment.")
    expect_at(page, "No. 2")
    page.keyboard.press("j")
    page.keyboard.press("d")
    expect(said(page)).to_contain_text("Trash: 1 comment.")
    expect_at(page, "No. 4")

    # Many at a time: No. 2 stands above, the focus goes from No. 4 to the end of the page.
    page.keyboard.press("k")
    expect_at(page, "No. 2")
    while page.locator("#result_list tbody tr").count():
        rows = page.locator("#result_list tbody tr").count()
        if not current(page).count():
            page.keyboard.press("j")
        for _each in range(rows):
            page.keyboard.press("x")
            page.keyboard.press("j")
        expect(page.get_by_text(f"{rows} of {rows} selected")).to_be_visible()
        page.keyboard.press("a")
        expect(said(page)).to_contain_text(f"Approve: {rows} comments.")
    expect(page.get_by_text("Nothing is waiting.")).to_be_visible()

    statuses = [Comment.objects.get(pk=comment.pk).status for comment in comments]
    assert statuses == ["approved", "spam", "approved", "trash"] + ["approved"] * 56
    assert Decision.objects.count() == 60
    assert {decision.by.username for decision in Decision.objects.all()} == {"ana"}


def test_comment_goes_back_to_waiting_by_a_key(open_desk, waiting):
    [comment] = waiting(1)
    Comment.objects.update(status="spam")
    page = open_desk(f"{QUEUE}?view=spam")
    page.keyboard.press("j")
    page.keyboard.press("u")
    expect(said(page)).to_contain_text("Back to the queue: 1 comment.")
    comment.refresh_from_db()
    assert comment.status == "pending"


def test_keys_open_what_they_say_and_the_place_is_kept(open_desk, waiting):
    waiting(5)
    page = open_desk()
    for _each in range(3):
        page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Moderate a comment")
    page.goto(OLDEST_FIRST)
    expect_at(page, "No. 2")
    page.keyboard.press("o")
    expect(page).to_have_title("Notes on a Stiff Neck · Afterword")
    page.goto(OLDEST_FIRST)
    expect_at(page, "No. 2")


def test_keys_are_no_keys_while_somebody_types(open_desk, waiting):
    waiting(2)
    page = open_desk()
    page.keyboard.press("j")
    page.keyboard.press("/")
    expect(page.locator("#searchbar")).to_be_focused()
    page.keyboard.type("a sad jukebox?")
    expect(page.locator("#searchbar")).to_have_value("a sad jukebox?")
    page.locator("select[name=action]").focus()
    page.keyboard.press("d")
    page.locator("#result_list tbody tr").first.focus()
    for modifier in ("Control", "Alt", "Meta"):
        page.keyboard.press(f"{modifier}+d")
    # Nobody is at any comment, so there is nothing to decide.
    page.reload()
    page.keyboard.press("a")
    expect(page.locator("#result_list tbody tr")).to_have_count(2)
    assert not Decision.objects.exists()


def test_dialog_lists_the_keys_and_switches_them_off_for_good(open_desk, waiting):
    waiting(2)
    page = open_desk()
    dialog = page.get_by_role("dialog", name="Keyboard")
    page.keyboard.press("j")
    page.keyboard.press("?")
    expect(dialog).to_be_visible()
    page.keyboard.press("a")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Keyboard").click()
    dialog.get_by_label("Keys").uncheck()
    dialog.get_by_role("button", name="Close").click()
    for _again in range(2):
        page.reload()
        page.keyboard.press("j")
        page.keyboard.press("?")
        expect(current(page)).to_have_count(0)
        expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Keyboard").click()
    dialog.get_by_label("Keys").check()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect_at(page, "No. 0")
    assert not Decision.objects.exists()


def test_buttons_of_a_row_need_no_script(open_desk, waiting):
    comments = waiting(2)
    page = open_desk(java_script_enabled=False)
    expect(page.get_by_role("button", name="Keyboard")).to_be_hidden()
    page.get_by_role("button", name="Spam: No. 1").click()
    expect(said(page)).to_contain_text("Spam: 1 comment.")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    assert [Comment.objects.get(pk=each.pk).status for each in comments] == ["pending", "spam"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_list_fits_and_axe_finds_nothing(open_desk, waiting, width, scheme):
    for comment in waiting(3):
        comment.findings.create(rule="link_count", points=12, detail="https://" + "pills" * 30)
        comment.findings.create(rule="sender", points=0, detail="the browser did not say", evaluated=False)
    page = open_desk(color_scheme=scheme, viewport={"width": width, "height": 800})
    page.keyboard.press("j")
    for state in ("list", "dialog"):
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0, state
        assert page.locator(".results").evaluate("box => box.scrollWidth - box.clientWidth") == 0, state
        found = Axe().run(page).response["violations"]
        assert not [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found], state
        page.keyboard.press("?")


def test_what_was_just_decided_is_undone_by_a_key(open_desk, waiting):
    [comment] = waiting(1)
    page = open_desk()
    page.keyboard.press("j")
    page.keyboard.press("s")
    expect(said(page)).to_contain_text("Spam: 1 comment.")
    page.keyboard.press("z")
    page.get_by_role("button", name="Undo 1 comment").press("Enter")
    expect(said(page)).to_contain_text("Undo: 1 comment.")
    comment.refresh_from_db()
    assert comment.status == "pending"
