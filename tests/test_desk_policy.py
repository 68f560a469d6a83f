"""The moderation settings and who has a comment open, in real browsers."""

import re
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import Permission
from django.utils import timezone
from playwright.sync_api import expect

from comments.models import Decision, ModerationSettings
from comments.moderation.pipeline import PRIOR

from .desk import QUEUE, WIDTHS, said
from .factories import make_article, make_comment, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SETTINGS = "/admin/comments/moderationsettings/"
RENEWAL_MS = 30_000


@pytest.fixture
def owner(editor):
    """The editor, who may change the settings, too."""
    editor.user_permissions.add(Permission.objects.get(codename="change_moderationsettings"))
    return editor


@pytest.fixture
def ben(editor):
    return make_user("ben", groups=["Editors"], is_staff=True)


def make_judged(article, log_odds, **fields):
    """A comment of yesterday that came to these log odds."""
    yesterday = timezone.now() - timedelta(days=1)
    comment = make_comment(article, at=yesterday, points=log_odds - PRIOR, rules_version=1, **fields)
    comment.findings.create(rule="length", points=log_odds - PRIOR, detail="12 words")
    return comment


@pytest.fixture
def judged(editor):
    article = make_article(title="Notes on a Stiff Neck")
    for log_odds in (-12, -11, -8, -4, 21):
        make_judged(article, log_odds, status="approved", author_name=f"Mara {log_odds}")
    for log_odds in (-9, 12, 23, 30):
        make_judged(article, log_odds, status="spam", author_name=f"Pills {log_odds}")
    make_judged(article, 3, status="pending")
    make_comment(article, at=timezone.now())


@pytest.mark.parametrize("java_script_enabled", [True, False])
def test_settings_are_tried_saved_and_looked_at_again(owner, judged, open_desk, java_script_enabled):
    page = open_desk(SETTINGS, java_script_enabled=java_script_enabled)
    page.get_by_label("Publish what is clean").check()
    page.get_by_label("It is spam, from").fill("99.5")
    page.get_by_role("button", name="Try it").click()
    trial = page.get_by_role("region", name="What your settings would have done in the last 90 days")
    expect(trial.get_by_role("row", name="Approved 5")).to_have_text(
        ["Approved 5 3 now 0 2 now 4 0 now 1"], use_inner_text=False
    )
    expect(trial.get_by_role("row", name="Spam 4")).to_contain_text("(more than before)")
    expect(trial).to_contain_text("1 spam comment of the last 90 days would have been published")
    expect(trial.get_by_role("link", name="Pills -9")).to_be_visible()
    expect(trial).to_contain_text("Nothing has been saved.")
    assert not ModerationSettings.objects.exists()
    expect(page.get_by_label("It is spam, from")).to_have_value("99.5")

    page.get_by_role("button", name="Save").click()
    expect(said(page)).to_contain_text("Saved.")
    expect(page.get_by_role("region", name="What change 1, by ana, would have done")).to_contain_text(
        "1 spam comment"
    )
    expect(page.get_by_role("region", name="Latest changes")).to_contain_text(
        "Spam: from the site’s default, 99.01 % (+20 points) to 99.5 % (+22.99 points)."
    )
    assert ModerationSettings.latest().policy == "clean"


def test_second_of_two_is_told_and_overwrites_nothing(owner, judged, open_desk, ben):
    ben.user_permissions.set(owner.user_permissions.all())
    anas, bens = open_desk(SETTINGS), open_desk(SETTINGS, "ben")
    anas.get_by_label("A person looks, from").fill("20")
    anas.get_by_role("button", name="Save").click()
    expect(said(anas)).to_contain_text("Saved.")
    bens.get_by_label("A person looks, from").fill("30")
    bens.get_by_role("button", name="Save").click()
    told = bens.get_by_role("alert")
    expect(told).to_contain_text("The settings have changed since you opened this page")
    expect(told).to_contain_text("ana")
    expect(told).to_contain_text("to 20 % (−6.02 points)")
    expect(bens.get_by_label("A person looks, from")).to_have_value("30")
    assert ModerationSettings.latest().hold_percent == 20
    bens.get_by_role("button", name="Save").click()
    expect(said(bens)).to_contain_text("Saved.")
    assert ModerationSettings.latest().hold_percent == 30


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_fit_and_axe_finds_nothing(owner, ben, judged, open_desk, width, scheme):
    comment = make_comment(make_article(), status="pending")
    now = timezone.now()
    comment.presences.create(user=ben, opened_at=now, seen_at=now)
    ModerationSettings.objects.create(version=1, hold_percent=30, changed_at=timezone.now(), changed_by=ben)
    page = open_desk(SETTINGS, color_scheme=scheme, viewport={"width": width, "height": 900})
    page.get_by_label("A person looks, from").fill("70")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("less than or equal to 50")).to_be_visible()
    check_page(page)
    page.get_by_label("A person looks, from").fill("")
    page.get_by_label("Publish what is clean").check()
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("region", name="What your settings would have done")).to_be_visible()
    check_page(page)
    page.goto(f"{QUEUE}{comment.pk}/change/")
    expect(page.get_by_text("ben has just opened this.")).to_be_visible()
    check_page(page)
    page.goto(QUEUE)
    expect(page.get_by_text("ben has it open")).to_be_visible()
    check_page(page)


def check_page(page):
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0, page.url
    # What it would otherwise load in advance, it puts into the page as a style that the policy forbids.
    found = Axe().run(page, options={"preload": False}).response["violations"]
    assert not [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found], page.url


def test_two_editors_see_each_other_without_reloading(ben, open_desk):
    comment = make_comment(make_article(), status="pending")
    card = f"{QUEUE}{comment.pk}/change/"
    anas = open_desk(QUEUE)
    anas.clock.install()
    anas.goto(card)
    line = anas.locator("[data-presence]")
    expect(line).to_be_empty()

    bens = open_desk(card, "ben")
    expect(bens.get_by_text("ana has had this open since")).to_be_visible()
    anas.clock.run_for(RENEWAL_MS)
    # Which of the two it is hangs on whether Ben's own page has spoken already.
    expect(line).to_contain_text(re.compile("ben has (had this open since|just opened this)"))

    bens.goto(QUEUE)
    expect(bens.locator("#result_list").get_by_text("ana has it open")).to_be_visible()
    renew_until_empty(anas, line)

    anas.get_by_role("button", name="Approve").click()
    expect(said(anas)).to_contain_text("Approve")
    assert Decision.objects.get(by__isnull=False).by.username == "ana"
    bens.goto(card)
    expect(bens.locator("[data-presence]")).to_be_empty()


def renew_until_empty(page, line):
    """The goodbye of the other page may be on its way for a moment."""
    for _each in range(20):
        with page.expect_response("**/presence/"):
            page.clock.run_for(RENEWAL_MS)
        if not line.text_content():
            return
    expect(line).to_be_empty()


def test_second_tab_of_one_editor_is_nobody_else(editor, open_desk):
    comment = make_comment(make_article(), status="pending")
    card = f"{QUEUE}{comment.pk}/change/"
    first = open_desk(card)
    second = first.context.new_page()
    for page in (second, first):
        with page.expect_response("**/presence/"):
            page.goto(card)
        expect(page.locator("[data-presence]")).to_be_empty()


def test_without_a_script_the_line_is_right_when_the_page_is_loaded(ben, open_desk):
    comment = make_comment(make_article(), status="pending")
    card = f"{QUEUE}{comment.pk}/change/"
    open_desk(card, "ben", java_script_enabled=False)
    page = open_desk(card, java_script_enabled=False)
    expect(page.get_by_text("ben has just opened this.")).to_be_visible()
    earlier = timezone.now() - timedelta(minutes=3, seconds=1)
    comment.presences.update(opened_at=earlier, seen_at=earlier)
    page.reload()
    expect(page.get_by_text("ben opened this 3 minutes ago.")).to_be_visible()
