import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from comments import intake, taught
from comments.facts import gather, recall
from comments.forms import CommentForm
from comments.learned import LearnerState
from comments.markup import plain_text
from comments.models import BlocklistEntry, Comment
from comments.moderation import words
from comments.moderation.types import CommenterRecord
from comments.visitors import Sender, Visitor, new_commenter
from tests.factories import comment_form, make_article, make_comment, make_moderator

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
READER = Visitor(address="203.0.113.0", sender=Sender.HERE, user=None, commenter=None)


@pytest.fixture
def article():
    return make_article()


def send(article, *, visitor=READER, now=NOW, **fields):
    """Store a comment; return it, and the facts as they were then."""
    form = CommentForm(comment_form(article, **fields), article=article)
    assert form.is_valid(), form.errors
    facts = gather(article=article, data=form.cleaned_data, parent=form.parent, visitor=visitor, now=now)
    comment, _is_new = intake.receive(
        article, form.cleaned_data, parent=form.parent, visitor=visitor, now=now
    )
    return Comment.objects.get(pk=comment.pk), facts


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"url": "https://a.example/"},
        {"comment": "See <a href='https://a.example/'>this</a> & <b>that</b>"},
        {"author": "Δημήτρης", "comment": "Ευχαριστώ πολύ!"},
    ],
)
@pytest.mark.parametrize("sender", [Sender.HERE, Sender.UNKNOWN])
def test_facts_recalled_at_once_are_those_gathered(article, fields, sender):
    BlocklistEntry.objects.create(kind="word", text="heat pad", effect="hold")
    commenter = new_commenter()
    make_comment(article, commenter=commenter)
    visitor = dataclasses.replace(READER, sender=sender, commenter=commenter)
    comment, facts = send(article, visitor=visitor, **fields)
    assert facts.record == CommenterRecord(approved=1, declined=0)
    assert recall(comment, now=NOW) == facts


def test_comment_that_is_answered_is_a_fact_then_and_later(article):
    parent = make_comment(article, body="Did the <b>heat</b> help?")
    comment, facts = send(article, comment_parent=str(parent.pk))
    assert facts.parent_text == "Did the heat help?"
    assert recall(comment, now=NOW) == facts
    assert send(article, comment="To the article itself.")[1].parent_text is None


def test_article_is_read_without_its_markup(article):
    article.body_html = "<p>Heat &amp; <em>rest</em></p>"
    _comment, facts = send(article)
    assert (facts.article_title, facts.article_text) == (article.title, "Heat & rest")


@pytest.mark.parametrize(
    ("author_email", "is_disposable"),
    [("a@mailinator.com", True), ("a@example.org", False)],
)
def test_throwaway_domains_are_known(article, author_email, is_disposable):
    assert send(article, email=author_email)[1].email_is_disposable == is_disposable


def test_damaged_words_are_no_fact_and_hold_the_comment(settings, article, monkeypatch):
    """Neither a model that can't be read nor sums that don't add up keep anybody from writing."""
    settings.COMMENTS_POLICY = "clean"
    monkeypatch.setattr(words, "MODEL_PATH", Path("missing.model"))
    words.base_model.cache_clear()
    LearnerState.objects.create(checksum=1)
    try:
        comment, facts = send(article)
    finally:
        words.base_model.cache_clear()
    assert (facts.words, facts.background, facts.site_words, facts.site_share) == (None,) * 4
    assert comment.status == "pending"
    not_evaluated = set(comment.findings.filter(evaluated=False).values_list("rule", flat=True))
    assert {"words", "site_words", "site_share", "relevance"} <= not_evaluated


def test_facts_cost_few_queries(article, django_assert_num_queries):
    """What is learned, record, blocklist, and what the site remembers of such comments, in two."""
    visitor = dataclasses.replace(READER, commenter=new_commenter())
    send(article, visitor=visitor)
    form = CommentForm(comment_form(article, author="Another"), article=article)
    assert form.is_valid()
    with django_assert_num_queries(5):
        gather(article=article, data=form.cleaned_data, visitor=visitor, now=NOW)


def test_hidden_field_is_not_stored_and_counts_as_empty(article):
    comment, facts = send(article, subject="Cheap watches")
    assert facts.honeypot == "Cheap watches"
    assert recall(comment, now=NOW) == dataclasses.replace(facts, honeypot="")


def test_who_was_staff_then_is_recalled_as_staff(article):
    comment, facts = send(article, visitor=dataclasses.replace(READER, user=make_moderator()))
    assert facts.is_staff
    assert recall(comment, now=NOW) == facts


def test_reader_is_not_recalled_as_staff(article):
    assert not recall(send(article)[0], now=NOW).is_staff
    assert not recall(make_comment(article), now=NOW).is_staff


@pytest.mark.parametrize(
    ("days", "now", "copies"),
    [
        (-91, 0, 0),
        (-89, 0, 1),
        (0, 0, 1),
        (5, 4, 0),  # not yet
        (5, 6, 1),
        (5, 94, 1),
        (5, 96, 0),
    ],
)
def test_copies_of_the_last_90_days_count_but_never_the_comment_itself(article, days, now, copies):
    comment, _facts = send(article)
    make_copy(comment, at=NOW + timedelta(days=days))
    assert recall(comment, now=NOW + timedelta(days=now)).echoes.same_text == copies


def make_copy(comment, *, at):
    copy = make_comment(comment.article, at=at)
    Comment.objects.filter(pk=copy.pk).update(text_digest=comment.text_digest)


def test_copy_is_found_of_a_comment_whose_digest_was_never_stored(article):
    """Digests came with a later version; old rows have none."""
    comment, _facts = send(article)
    make_copy(comment, at=NOW)
    Comment.objects.filter(pk=comment.pk).update(text_digest="")
    comment.refresh_from_db()
    assert plain_text(comment.body_html)
    assert recall(comment, now=NOW).echoes.same_text == 1


def test_record_counts_what_became_of_the_others_since_not_of_itself(article):
    ana, commenter = make_moderator(), new_commenter()
    comment, _facts = send(article, visitor=dataclasses.replace(READER, commenter=commenter))
    comment.approve(by=ana)
    later = make_comment(article, commenter=commenter)
    assert recall(comment, now=NOW).record == CommenterRecord(approved=1, declined=0)
    later.mark_spam(by=ana)
    assert recall(comment, now=NOW).record == CommenterRecord(approved=0, declined=1)
    comment.mark_spam(by=ana)
    assert recall(later, now=NOW).record == CommenterRecord(approved=0, declined=1)


def test_tokens_that_read_the_same_are_one_word_to_an_editor(article, monkeypatch):
    told = taught.SiteOpinion(
        3.0, (("link:a.example", 2.0), ("rose", 1.5), ("link/a.example", 1.0)), 1.0, 1.0
    )
    monkeypatch.setattr(taught, "opinion", lambda features, **options: told)
    _comment, facts = send(article)
    assert facts.site_words == words.Opinion(3.0, (("a.example (link)", 3.0), ("rose", 1.5)))
