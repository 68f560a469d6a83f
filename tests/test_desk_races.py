"""The queue without a script, and two editors at once over the same comments, in real browsers."""

import pytest
from playwright.sync_api import expect

from comments.models import Comment, Decision, Lesson

from .factories import make_moderator

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def rows(page):
    return page.locator("#result_list tbody tr")


def carry_out(page, action, picked):
    for name in picked:
        rows(page).filter(has_text=name).locator(".action-select").check()
    page.get_by_label("Action:").select_option(label=action)
    page.get_by_role("button", name="Go").click()


def test_sixty_waiting_comments_are_cleared_without_a_script(open_desk, waiting):
    waiting(60)
    page = open_desk(java_script_enabled=False)
    rows(page).nth(0).get_by_role("button", name="Spam").click()
    expect(page.locator(".messagelist")).to_contain_text("Spam: 1 comment.")
    left = 59
    while left:
        shown = rows(page).count()
        for box in page.locator("#result_list .action-select").all():
            box.check()
        page.get_by_label("Action:").select_option(label="Approve")
        page.get_by_role("button", name="Go").click()
        expect(page.locator(".messagelist")).to_contain_text(f"Approve: {shown} comments.")
        left -= shown
    expect(page.get_by_text("Nothing is waiting.")).to_be_visible()
    assert Comment.objects.filter(status="approved").count() == 59
    assert Decision.objects.count() == 60


def test_two_editors_race_over_the_same_twenty_and_nothing_is_lost_or_doubled(open_desk, waiting):
    comments = waiting(20)
    make_moderator("ben")
    ana, ben = open_desk(), open_desk(username="ben")
    names = [comment.author_name for comment in comments]

    # Both see all twenty. Ana takes the first twelve, then Ben all of them as he still sees them.
    expect(rows(ana)).to_have_count(20)
    expect(rows(ben)).to_have_count(20)
    ana.locator(".action-select").first.focus()
    for box in ana.locator("#result_list .action-select").all()[:12]:
        box.check()
    ana.get_by_label("Action:").select_option(label="Approve")
    ana.get_by_role("button", name="Go").click()
    expect(ana.locator(".messagelist")).to_contain_text("Approve: 12 comments.")
    for box in ben.locator("#result_list .action-select").all():
        box.check()
    ben.get_by_label("Action:").select_option(label="Spam")
    ben.get_by_role("button", name="Go").click()
    expect(ben.locator(".messagelist")).to_contain_text("Spam: 8 of 20 comments.")
    expect(ben.locator(".messagelist")).to_contain_text("12 were approved by ana")

    # What Ana still sees of the rest has gone meanwhile.
    carry_out(ana, "Trash", names[12:14])
    expect(ana.locator(".messagelist")).to_contain_text("Trash: no comment was changed.")
    expect(ana.locator(".messagelist")).to_contain_text("2 were marked as spam by ben")

    statuses = [Comment.objects.get(pk=comment.pk).status for comment in comments]
    assert statuses == ["approved"] * 12 + ["spam"] * 8
    assert Decision.objects.count() == Lesson.objects.count() == 20
    assert {decision.comment_id for decision in Decision.objects.all()} == {each.pk for each in comments}
