"""What journeys through the moderation desk do alike."""

from playwright.sync_api import expect

QUEUE = "/admin/comments/comment/"
OLDEST_FIRST = f"{QUEUE}?sort=oldest"
WIDTHS = [360, 1280]


def log_in(page, username="ana"):
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill("a long password")
    page.get_by_role("button", name="Log in").click()
    # What only somebody who is logged in is shown.
    expect(page.locator("#user-tools")).to_contain_text(username)


def said(page):
    """Return what the page says has become of the last click, as a screen reader hears it."""
    return page.get_by_role("status").filter(has=page.locator(".messagelist"))
