"""Published spam that is found later, in a real browser, with the thread that finds it."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from comments import echoes, sweeping
from comments.facts import text_digest
from comments.markup import plain_text
from comments.models import Comment, SecondLook

from .desk import QUEUE, said
from .factories import ON_TOPIC, make_article, make_comment

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEXT = (
    "I had the same spasm in my back last year. Lying flat on the floor with the knees up helped me, and so "
    "did this pad."
)
WEBSITE = "https://warmback.example/"


@pytest.fixture
def sweeps(settings, monkeypatch):
    """Let this process sweep as a server does, and end the thread with the test."""
    settings.COMMENTS_SWEEP_DAYS = 90
    sweeper = sweeping._Sweeper()
    monkeypatch.setattr(sweeping, "_sweeper", sweeper)
    yield
    monkeypatch.setattr(sweeper, "_work", lambda: (_ for _ in ()).throw(SystemExit))
    if sweeper._thread is not None:
        # Asleep or at work: what is at work takes a first call for a rest that is over.
        for _second in range(60):
            if sweeper._thread.is_alive():
                sweeper._woken.set()
                sweeper._thread.join(timeout=1)
        assert not sweeper._thread.is_alive()


@pytest.fixture
def spasms(editor):
    return make_article(title="Notes on a Stiff Neck", body=ON_TOPIC)


def leave(article, name, *, days=0, status="approved", body=TEXT, url=WEBSITE):
    """A comment as the system judged it when it came."""
    comment = make_comment(
        article,
        author_name=name,
        author_url=url,
        body=body,
        status=status,
        at=timezone.now() - timedelta(days=days),
        rules_version=4,
        spam_probability=0.12,
    )
    Comment.objects.filter(pk=comment.pk).update(text_digest=text_digest(plain_text(comment.body_html)))
    echoes.remember(comment)
    comment.decisions.create(from_status="", to_status=status)
    return comment


def until_found(page, text):
    """Look again and again, as an editor would."""
    for _each in range(20):
        notice = page.get_by_role("link", name=text)
        if notice.count():
            return notice
        page.wait_for_timeout(250)
        page.reload()
    raise AssertionError(f"Nobody says: {text}")


ends_thread = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")


@ends_thread
@pytest.mark.parametrize("script", [True, False])
def test_planted_spam_is_found_when_its_sibling_is_called_spam(open_desk, spasms, sweeps, script):
    planted = leave(spasms, "Maria", days=20)
    for number in range(30):
        leave(spasms, f"No. {number}", body=f"Heat and rest helped my back, {number} weeks on end.", url="")
    leave(spasms, "Mario", status="pending", body=f"{TEXT} Really.")
    page = open_desk(java_script_enabled=script)
    expect(page.locator(".doubt-notice")).to_have_count(0)
    page.get_by_role("button", name="Spam: Mario").click()
    expect(said(page)).to_contain_text("Spam: 1 comment.")
    until_found(page, "1 published comment looks doubtful now").click()
    row = page.locator("#result_list tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Maria")
    expect(row.locator(".doubt-turn")).to_contain_text("12 % → then, and now 100 %")
    # Nothing is unpublished by itself.
    planted.refresh_from_db()
    assert planted.status == "approved"
    page.get_by_role("button", name="Spam: Maria").click()
    expect(said(page)).to_contain_text("Spam: 1 comment.")
    expect(page.get_by_text("Nothing that is published looks doubtful.")).to_be_visible()
    planted.refresh_from_db()
    assert planted.status == "spam"


@pytest.fixture
def doubtful(spasms):
    """Three published comments whose verdict has turned."""
    for number in range(3):
        comment = leave(spasms, f"No. {number}", days=number)
        SecondLook.objects.create(
            comment=comment,
            submitted_at=comment.submitted_at,
            looked_at=timezone.now(),
            rules_version=4,
            points=20,
            probability=0.97,
            outcome="hold",
            order="publish",
            is_doubtful=True,
            changes=[
                {"rule": "judged_text", "shift": 15, "detail": "https://" + "pills" * 30, "evaluated": True},
                {"rule": "website", "shift": -3, "detail": "no website", "evaluated": True},
                {"rule": "sender", "shift": 0, "detail": "a fact is missing", "evaluated": False},
            ],
        )


def test_comments_are_kept_by_button_by_key_by_action_and_on_the_card(open_desk, doubtful):
    page = open_desk(f"{QUEUE}?view=doubtful")
    page.get_by_role("button", name="Keep published: No. 1").click()
    expect(said(page)).to_contain_text("Kept published: 1 comment.")
    page.keyboard.press("j")
    page.keyboard.press("p")
    expect(said(page)).to_contain_text("Kept published: 1 comment.")
    page.locator(".field-excerpt a").click()
    expect(page.get_by_role("heading", name="Second look")).to_be_visible()
    page.get_by_role("button", name="Keep published").click()
    expect(page.get_by_text("ana keeps it published, since")).to_be_visible()
    expect(page.get_by_role("button", name="Keep published")).to_have_count(0)
    assert SecondLook.objects.filter(is_doubtful=False, kept_by__username="ana").count() == 3


def test_key_that_keeps_does_nothing_where_nothing_can_be_kept(open_desk, spasms):
    leave(spasms, "Waiting", status="pending")
    page = open_desk()
    page.keyboard.press("j")
    page.keyboard.press("p")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    expect(page.get_by_text("keep published")).to_have_count(0)
    expect(page.locator("#result_list input.action-select:checked")).to_have_count(0)


def test_several_are_kept_without_javascript(open_desk, doubtful):
    page = open_desk(f"{QUEUE}?view=doubtful", java_script_enabled=False)
    for box in page.locator("#result_list input.action-select").all()[:2]:
        box.check()
    page.locator("select[name=action]").select_option("Keep published")
    page.get_by_role("button", name="Go").click()
    expect(said(page)).to_contain_text("Kept published: 2 comments.")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_fit_and_axe_finds_nothing(open_desk, doubtful, width, scheme):
    # On a comment's own page axe itself would apply a style that the policy forbids.
    page = open_desk(color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True)
    card = f"{QUEUE}{SecondLook.objects.first().pk}/change/"
    for address in (QUEUE, f"{QUEUE}?view=doubtful", card):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0, address
        for box in page.locator(".results").all():
            assert box.evaluate("box => box.scrollWidth - box.clientWidth") == 0, address
        found = Axe().run(page).response["violations"]
        assert not [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found], address
