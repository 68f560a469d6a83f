from datetime import UTC, datetime

import html5lib
import pytest
from django.utils.translation import override

from comments import replying
from comments.languages import language_of_html
from comments.markup import sanitize
from comments.models import Comment
from comments.visitors import Sender, Visitor
from tests.factories import make_article, make_author, make_comment, make_moderator, make_user

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
ARABIC = "شكرا جزيلا على هذا المقال الجميل، لقد جربت الطريقة في البيت وكانت النتيجة رائعة"


@pytest.fixture
def mara():
    """The author of the article, who has an account."""
    return make_moderator("mara")


@pytest.fixture
def article(mara):
    return make_article(author=make_author(name="Mara Lind", user=mara))


def answer(comment, by):
    text = "A heat pad for twenty minutes."
    return replying.reply(
        comment,
        {"comment": text, "body_html": sanitize(text)},
        by=by,
        seen="approved",
        visitor=Visitor("192.0.2.0", Sender.HERE, by, None),
        now=NOW,
    ).comment


def marks(comment):
    fragment = html5lib.parseFragment(
        Comment.objects.get(pk=comment.pk).fragment, namespaceHTMLElements=False
    )
    return [each.text for each in fragment.iter("span") if each.get("class") == "comment-mark"]


def content(comment):
    fragment = html5lib.parseFragment(comment.fragment, namespaceHTMLElements=False)
    return next(each for each in fragment.iter("div") if each.get("class") == "comment-content")


def test_reply_of_the_articles_author_from_the_desk_is_marked_in_words(article, mara):
    assert marks(answer(make_comment(article), mara)) == ["Author"]


@pytest.mark.parametrize("has_other_articles", [False, True])
def test_reply_of_anybody_else_at_the_desk_is_marked_as_an_editors(article, has_other_articles):
    ana = make_moderator("ana")
    if has_other_articles:
        make_author(user=ana)
    assert marks(answer(make_comment(article), ana)) == ["Editor"]


def test_articles_author_without_an_account_marks_nobody_as_author():
    assert marks(answer(make_comment(make_article()), make_moderator("ana"))) == ["Editor"]


def test_typed_name_and_address_prove_nothing(article, mara):
    guest = make_comment(article, author_name="Mara Lind", author_email=mara.email, status="pending")
    assert marks(guest) == []
    # Nor does being approved by the author, which is a decision of theirs too.
    guest.approve(by=mara)
    assert marks(guest) == []
    guest.resanitize()
    assert marks(guest) == []


def test_mark_stays_with_the_reply_whatever_happens_to_it(article, mara):
    ana = make_moderator("ana")
    reply = answer(make_comment(article), mara)
    reply.trash(by=ana)
    assert marks(reply) == []
    reply.restore(by=ana)
    assert marks(reply) == ["Author"]
    reply.resanitize()
    assert marks(reply) == ["Author"]


def test_waiting_reply_is_shown_to_moderators_with_its_mark(client, article, mara):
    reply = answer(make_comment(article), mara)
    reply.hold(by=mara)
    client.force_login(make_moderator("ana"))
    assert 'class="comment-mark">Author<' in client.get(article.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("language", "direction", "tag"),
    [
        ("", "auto", None),
        ("Latn", "auto", None),
        ("en", "ltr", None),
        ("de", "ltr", "de"),
        ("zh", "ltr", "zh"),
        ("ar", "rtl", "ar"),
        ("fa", "rtl", "fa"),
        ("he", "rtl", "he"),
        ("Arab", "rtl", "und-Arab"),
        ("Cyrl", "ltr", "und-Cyrl"),
    ],
)
def test_text_says_its_language_where_it_is_known_and_another(article, language, direction, tag):
    text = content(make_comment(article, language=language))
    assert (text.get("dir"), text.get("lang")) == (direction, tag)


@pytest.mark.parametrize(("site", "tag"), [("de", None), ("pt-br", "de")])
def test_language_of_the_site_needs_no_saying(settings, article, site, tag):
    settings.LANGUAGE_CODE = site
    assert content(make_comment(article, language="de")).get("lang") == tag


def test_arabic_that_begins_with_latin_letters_reads_from_the_right(article):
    body = f"Django {ARABIC}"
    comment = make_comment(article, body=body, language=language_of_html(sanitize(body)))
    assert content(comment).get("dir") == "rtl"


def test_changed_text_changes_the_language_that_is_said(article):
    comment = make_comment(article, body=ARABIC)
    assert content(comment).get("lang") is None
    comment.resanitize()
    assert (content(comment).get("lang"), content(comment).get("dir")) == ("ar", "rtl")


def test_fragment_speaks_the_language_of_the_site_whoever_approves(article):
    comment = make_comment(article, status="pending")
    with override("de"):
        comment.approve(by=make_user("otto"))
    assert "2017" in comment.fragment and "March" in comment.fragment
