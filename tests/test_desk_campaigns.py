"""A campaign of spun comments in a real browser: found, decided once, undone once."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from comments import campaigns, echoes
from comments.facts import text_digest
from comments.markup import plain_text
from comments.models import Comment

from .desk import QUEUE, WIDTHS, said
from .factories import make_article, make_comment
from .spinning import spun

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PUBLISHED = 3


@pytest.fixture
def campaign(editor):
    """Forty spun comments over eight articles, three of them published, and two honest ones among them."""
    articles = [make_article(title=f"Notes on Insulation, Part {number}") for number in range(8)]
    comments = []
    for number, text in enumerate(spun(40)):
        comment = make_comment(
            articles[number % 8],
            body=text,
            author_name=f"Builder {number}",
            author_url="https://warm-boards.example/",
            status="approved" if number < PUBLISHED else "pending",
        )
        comment.text_digest = text_digest(plain_text(comment.body_html))
        comment.save(update_fields=["text_digest"])
        echoes.remember(comment)
        campaigns.group(comment)
        comments.append(comment)
    for article in articles[:2]:
        make_comment(article, author_name="Honest", status="pending")
    return comments


def statuses(comments):
    known = dict(Comment.objects.values_list("pk", "status"))
    return [known[comment.pk] for comment in comments]


@pytest.mark.parametrize("script", [True, False])
def test_forty_spun_comments_are_decided_once_and_undone_once(open_desk, campaign, script):
    before = statuses(campaign)
    page = open_desk(java_script_enabled=script)
    expect(page.locator("#result_list tbody tr")).to_have_count(39)
    page.get_by_role("link", name="39 like this, 3 published").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Comments like each other")
    expect(page.get_by_text("40 comments", exact=True)).to_be_visible()
    page.get_by_role("button", name="Spam: all 40").click()
    expect(said(page)).to_contain_text("Spam: 40 comments.")
    # What is left is what nobody spun.
    expect(page.locator("#result_list tbody tr")).to_have_count(2)
    assert set(statuses(campaign)) == {"spam"}

    said(page).get_by_role("link", name="Undo").click()
    page.get_by_role("button", name="Undo 40 comments").click()
    expect(said(page)).to_contain_text("Undo: 40 comments.")
    assert statuses(campaign) == before


def test_what_is_unticked_is_left_alone_and_the_button_says_so(open_desk, campaign):
    page = open_desk()
    page.get_by_role("link", name="Campaigns", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Campaigns that wait")
    page.get_by_role("link", name="37 waiting, 3 published, 40 in all").click()
    page.get_by_label("Builder 7", exact=True).uncheck()
    expect(page.get_by_role("button", name="Spam: 39")).to_be_visible()
    everything = page.get_by_label("All on this page")
    everything.check()
    expect(page.get_by_role("button", name="Spam: all 40")).to_be_visible()
    everything.uncheck()
    expect(page.get_by_role("button", name="Spam: 0")).to_be_disabled()
    page.get_by_label("Builder 7", exact=True).check()
    page.get_by_role("button", name="Spam: 1").click()
    expect(said(page)).to_contain_text("Spam: 1 comment.")
    assert [comment.author_name for comment in Comment.objects.filter(status="spam")] == ["Builder 7"]


@pytest.mark.parametrize("width", WIDTHS)
def test_card_leads_to_the_campaign(open_desk, campaign, width):
    page = open_desk(viewport={"width": width, "height": 800})
    page.goto(f"{QUEUE}{campaign[0].pk}/change/")
    page.get_by_role("link", name="39 like this one, 2 of them published").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Comments like each other")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_fit_and_axe_finds_nothing(open_desk, campaign, width, scheme, monkeypatch):
    monkeypatch.setattr("comments.admin.campaigns.SHOWN", 12)
    Comment.objects.filter(pk=campaign[0].pk).update(author_name="W" * 100)
    page = open_desk(color_scheme=scheme, viewport={"width": width, "height": 800})
    for address in ("", "campaign/", f"campaign/{campaign[0].pk}/"):
        page.goto(QUEUE + address)
        page.wait_for_load_state()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0, address
        found = Axe().run(page).response["violations"]
        assert not [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found], address
