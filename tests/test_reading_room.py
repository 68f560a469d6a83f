"""What every public page promises in a real browser: it fits, is accessible and light, and stands still."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from articles.models import Article

from .factories import make_comment
from .keyboard import press_tab
from .quality.pages import PAGES
from .writing import THOUGHT, WAITING, field, fill_in, send

# What a page looks like is the same on any database; looking at all of them takes long.
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.only_on("sqlite")]

# 320 by 256 is what a window of 1280 by 1024 has left at 400 %.
SIZES = [(320, 256), (360, 800), (768, 800), (1280, 1024)]
LIGHT, DARK, FORCED = MEDIA = [
    {"color_scheme": "light", "forced_colors": "none"},
    {"color_scheme": "dark", "forced_colors": "none"},
    {"color_scheme": "dark", "forced_colors": "active"},
]
LOOKED_AT_BY_AXE = [(320, LIGHT), (320, DARK), (1280, LIGHT), (1280, DARK), (1280, FORCED)]
# What axe leaves out unless it is asked: WCAG 2.2's 24 pixels for whatever is clicked or tapped.
AXE_OPTIONS = {"rules": {"target-size": {"enabled": True}}}

# The page, its style sheet, its scripts and the icon.
REQUESTS = 5

# Nothing where the page is as wide as the screen, else how wide it is, and what makes it so.
TOO_WIDE = """() => {
  const {scrollWidth, clientWidth} = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const wide = [...document.querySelectorAll("body *")].filter((each) => each.scrollWidth > clientWidth);
  return [scrollWidth, ...wide.map((each) => each.outerHTML.slice(0, 100))];
}"""

# What is moved after it was drawn, from the page's first moment on.
SHIFTS = """() => new Promise((resolve) => {
  const shifts = [];
  new PerformanceObserver((list) => {
    for (const {value, sources} of list.getEntries()) {
      shifts.push([value, ...sources.map(({node}) => node?.outerHTML?.slice(0, 100) ?? "text")]);
    }
  }).observe({type: "layout-shift", buffered: true});
  scrollTo(0, document.body.scrollHeight);
  setTimeout(() => resolve(shifts), 300);
})"""


def every_page(page):
    """Go to what readers meet, the worst of it included; yield the name of each page."""
    article = Article.objects.get(path=PAGES["article with a table"].lstrip("/"))
    last = article.comments.approved().order_by("place").first()
    for _ in range(4):
        last = make_comment(
            article, parent=last, author_name="N" * 100, body="w" * 300 + "\n\n<pre>" + "p" * 300 + "</pre>"
        )
    for name, address in PAGES.items():
        page.goto(address)
        yield name
    page.goto(f"{article.get_absolute_url()}?replytocom={last.pk}")
    yield "reply"
    page.goto(PAGES["article"])
    # What a browser's own checks let pass, and this site does not.
    fill_in(page, "   ", author=" ", email="wren@localhost")
    field(page, "Website").fill("javascript:alert(1)")
    send(page)
    expect(page.locator(".field-error")).to_have_count(4)
    yield "form in error"
    fill_in(page, THOUGHT)
    field(page, "Website").clear()
    send(page, "Preview")
    expect(page.locator(".comment-preview")).to_be_visible()
    yield "preview"
    send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(WAITING)
    yield "receipt"


def test_every_page_fits_and_axe_finds_nothing(new_visitor, demo_site):
    """At every width and at 400 %, in light, dark and the reader's own colours."""
    page, axe = new_visitor(), Axe()
    faults = {}
    for name in every_page(page):
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            for media in MEDIA:
                page.emulate_media(**media)
                where = (name, width, *media.values())
                faults[where] = page.evaluate(TOO_WIDE)
                if (width, media) in LOOKED_AT_BY_AXE:
                    found = axe.run(page, options=AXE_OPTIONS)
                    faults[where] += [found.generate_report()] if found.violations_count else []
    faults = {where: found for where, found in faults.items() if found}
    assert not faults, "\n".join(f"{where}: {found}" for where, found in faults.items())


@pytest.mark.parametrize("width", [320, 1280])
def test_focus_is_seen_at_every_stop_of_every_page(new_visitor, demo_site, width):
    page = new_visitor(viewport={"width": width, "height": 800})
    lost = {}
    for name, address in PAGES.items():
        if name == "later comments":  # the thread again
            continue
        page.goto(address)
        stops = [press_tab(page)]
        assert stops[0]["name"] == "Skip to the content", name
        while (stop := press_tab(page))["region"]:
            stops.append(stop)
            assert len(stops) < 400, f"the end of {name} is never reached"
        assert stops[-1]["region"] == ".site-footer", name
        lost[name] = [stop for stop in stops if not (stop["isMarked"] and stop["isOnScreen"])]
    assert not {name: stops for name, stops in lost.items() if stops}


def visit(page, address):
    """Go there and return the size of each answer, by its address, and of the page's text, in bytes."""
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(address, wait_until="networkidle")
    sizes = {answer.url: len(answer.body()) for answer in answers}
    return sizes, len(page.locator("main").text_content().encode())


def test_article_is_light(new_visitor, demo_site):
    """Nothing but its own text may make it heavy; all sizes are before compression."""
    sizes, text = visit(new_visitor(), PAGES["article"])
    assert len(sizes) <= REQUESTS, sizes
    assert sum(sizes.values()) - text <= 60_000, (sizes, text)


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_moves_once_it_is_drawn(new_visitor, demo_site, width):
    page = new_visitor(viewport={"width": width, "height": 800})
    shifts = {}
    for name, address in PAGES.items():
        page.goto(address)
        shifts[name] = page.evaluate(SHIFTS)
    assert not {name: found for name, found in shifts.items() if found}
