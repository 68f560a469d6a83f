"""Batches in a real browser: the session that ends in the middle of one, and what is emptied and put back."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from comments.models import Comment, Decision

from .desk import QUEUE, WIDTHS, log_in, said
from .factories import make_article, make_comment

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ana(editor):
    """An editor who may delete, too."""
    editor.user_permissions.add(Permission.objects.get(codename="delete_comment"))
    return editor


def comments_of(number, **fields):
    article = make_article(title="Notes on a Stiff Neck")
    return [make_comment(article, **{"author_name": f"No. {n}"} | fields) for n in range(number)]


def statuses(comments):
    now = dict(Comment.objects.values_list("pk", "status"))
    return [now[each.pk] for each in comments]


def test_session_that_ends_in_the_middle_of_a_batch_loses_nothing(open_desk, ana):
    comments = comments_of(45, status="pending")
    page = open_desk(f"{QUEUE}?sort=oldest", java_script_enabled=False)
    for box in page.locator("#result_list .action-select").all()[:40]:
        box.check()
    page.locator("select[name=action]").select_option(label="Spam")
    Session.objects.all().delete()
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_role("status")).to_contain_text("Nothing is lost")
    log_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Carry on where you were")
    expect(page.get_by_text("Spam: 40 comments.")).to_be_visible()
    assert not Decision.objects.exists()
    page.get_by_role("button", name="Carry it out").click()
    expect(said(page)).to_contain_text("Spam: 40 comments.")
    expect(page.locator("#result_list tbody tr")).to_have_count(5)
    assert statuses(comments) == ["spam"] * 40 + ["pending"] * 5
    # The list that one came from, and one can go on.
    assert page.url.endswith(f"{QUEUE}?sort=oldest")


def test_typed_reason_outlives_the_session(open_desk, ana):
    [comment] = comments_of(1, status="pending")
    page = open_desk(f"{QUEUE}{comment.pk}/change/")
    page.get_by_label("Reason").fill("The same link as yesterday")
    Session.objects.all().delete()
    page.get_by_role("button", name="Trash").click()
    log_in(page)
    expect(page.get_by_text("The same link as yesterday")).to_be_visible()
    page.get_by_role("button", name="Carry it out").click()
    expect(page.get_by_text("Trash: “This is what reader")).to_be_visible()
    assert Decision.objects.get().reason == "The same link as yesterday"


def test_page_that_is_older_than_the_login_loses_nothing(open_desk, ana):
    comments = comments_of(2, status="pending")
    page = open_desk()
    page.locator("#action-toggle").check()
    page.locator("select[name=action]").select_option(label="Approve")
    other = page.context.new_page()
    Session.objects.all().delete()
    other.goto(QUEUE)
    log_in(other)
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_text("Approve: 2 comments.")).to_be_visible()
    assert not Decision.objects.exists()
    page.get_by_role("button", name="Cancel").click()
    expect(said(page)).to_contain_text("It was dropped. Nothing was changed.")
    assert statuses(comments) == ["pending"] * 2


@pytest.mark.parametrize("scripts", [True, False])
def test_spam_is_emptied_as_it_was_seen_and_put_back(open_desk, ana, scripts):
    comments = comments_of(60, status="spam")
    page = open_desk(f"{QUEUE}?view=spam", java_script_enabled=scripts)
    [new] = comments_of(1, status="spam", author_name="Newcomer")
    page.get_by_role("link", name="Empty spam…").click()
    expect(page.get_by_text("Delete these 60 comments that you saw?")).to_be_visible()
    expect(page.get_by_text("1 has come or changed since you saw the list, and stays.")).to_be_visible()
    page.get_by_role("button", name="Delete 60 comments").click()
    expect(said(page)).to_contain_text("Delete: 60 comments.")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    assert statuses(comments) == ["deleted"] * 60
    page.get_by_role("link", name="Undo").click()
    page.get_by_role("button", name="Undo 60 comments").click()
    expect(said(page)).to_contain_text("Undo: 60 comments.")
    assert statuses([*comments, new]) == ["spam"] * 61


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_fit_and_axe_finds_nothing(open_desk, ana, width, scheme):
    comments = comments_of(25, status="spam", body="https://" + "pills" * 60)
    # Axe sets styles of its own, which the policy forbids.
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}, "bypass_csp": True}
    page = open_desk(f"{QUEUE}?view=spam", **options)

    def look(state):
        page.wait_for_load_state()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0, state
        found = Axe().run(page).response["violations"]
        assert not [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found], state

    look("the list with its button")
    page.get_by_role("link", name="Empty spam…").click()
    look("the page that asks")
    Session.objects.all().delete()
    page.get_by_role("button", name="Delete 25 comments").click()
    look("the login")
    log_in(page)
    look("what was sent")
    page.get_by_role("button", name="Carry it out").click()
    page.goto(f"{QUEUE}{comments[0].pk}/change/")
    expect(page.get_by_text("This comment is deleted")).to_be_visible()
    look("a deleted comment")
