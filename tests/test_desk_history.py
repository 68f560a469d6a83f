"""The history and the dashboard in a real browser."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import expect

from comments import batches
from comments.models import Comment

from .desk import WIDTHS
from .factories import make_article, make_comment

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

INDEX = "/admin/"
HISTORY = "/admin/comments/decision/"
AGREEMENT = f"{HISTORY}agreement/"


@pytest.fixture
def busy_desk(editor):
    """Decisions of all kinds in several weeks, names and reasons of the widest sort, and rules to count."""
    cache.clear()
    now, article = timezone.now(), make_article(title="Notes on a Stiff Neck " + "and its relatives " * 5)
    wide = "https://" + "pills" * 30
    for number in range(40):
        at = now - timedelta(days=2 * number, hours=1)
        for first, then in [
            ("spam", ""),
            ("approved", "spam"),
            ("pending", "approved"),
            ("spam", "approved"),
        ]:
            comment = make_comment(
                article, at=at, status=then or first, author_name=f"Tom {wide[: number * 5]}"[:100]
            )
            comment.decisions.create(from_status="", to_status=first, decided_at=at)
            comment.findings.create(rule="link_count", points=4 if then == "spam" else -4, detail="links")
            if then:
                comment.decisions.create(
                    from_status=first, to_status=then, by=editor, decided_at=at, reason=wide * (number % 2)
                )
    waiting = {make_comment(article, status="pending", at=now).pk: "pending" for _each in range(3)}
    batches.undo(batches.apply("trash", waiting, by=editor, now=now).batch, by=editor, now=now)
    batches.apply("mark_spam", waiting, by=editor, now=now)
    make_comment(article, status="pending", author_name=wide[:100], at=now - timedelta(days=5))
    yield
    cache.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_fit_and_axe_finds_nothing(open_desk, busy_desk, width, scheme):
    # Axe sets styles of its own; that the pages set none is seen where it does not look.
    size = {"width": width, "height": 800}
    page = open_desk(INDEX, color_scheme=scheme, viewport=size, bypass_csp=True)
    comment = Comment.objects.exclude(status="pending").latest("pk")
    card = f"/admin/comments/comment/{comment.pk}/change/"
    narrowed = f"{HISTORY}?article={comment.article_id}&what=spam"
    for address in (INDEX, HISTORY, narrowed, f"{HISTORY}?what=trash&when=today&by=system", AGREEMENT, card):
        page.goto(address)
        for details in page.locator("#content details").all():
            details.evaluate("element => { element.open = true }")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0, address
        found = Axe().run(page).response["violations"]
        assert not [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found], address


@pytest.mark.parametrize("scripted", [True, False])
def test_editor_follows_a_batch_from_the_dashboard_to_a_single_comment(open_desk, busy_desk, scripted):
    page = open_desk(INDEX, java_script_enabled=scripted)
    expect(page.get_by_role("img", name="Spam missed")).to_be_visible()
    page.locator(".board").get_by_role("link", name="History").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("History")
    page.get_by_role("link", name="Older").click()
    page.get_by_role("link", name="Newest").click()
    page.get_by_label("What").select_option("Put into spam")
    page.get_by_label("Who").select_option("ana")
    page.get_by_role("button", name="Show").click()
    lines = page.locator(".line")
    expect(lines.first).to_contain_text("ana marked 3 comments as spam.")
    page.get_by_role("link", name="3 comments").first.click()
    expect(lines).to_have_count(3)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert download.value.suggested_filename.endswith(".csv")
    lines.first.get_by_role("link").nth(1).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Moderate a comment")
    expect(page.locator(".card-history .line").first).to_contain_text("ana marked it as spam. in a batch")


def test_crafted_address_is_answered_in_words(open_desk, busy_desk):
    page = open_desk(f"{HISTORY}?since=yesterday")
    expect(page.get_by_text("The history cannot be narrowed like that.")).to_be_visible()
    expect(page.locator(".line").first).to_be_visible()
