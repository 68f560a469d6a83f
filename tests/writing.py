"""What a visitor does with the comment form, in a browser's page."""

from playwright.sync_api import expect

WAITING = "Your comment is awaiting moderation."
THOUGHT = "Turning my whole chair instead of my head is what made the difference."


def field(page, name):
    return page.locator("#commentform").get_by_role("textbox", name=name, exact=True)


def reply_title(page):
    # Without the link that cancels, which stands in the same heading.
    return page.locator("#reply-title [data-reply-heading]")


def fill_in(page, comment, *, author="Wren Castellane", email="wren@example.org"):
    field(page, "Comment").fill(comment)
    field(page, "Name").fill(author)
    field(page, "Email").fill(email)


def send(page, button="Post Comment"):
    page.get_by_role("button", name=button, exact=True).click()


def post(page, comment):
    """Write a comment and see it on its receipt."""
    fill_in(page, comment)
    send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(WAITING)
    expect(page.locator(".comment-content")).to_have_text(comment)
