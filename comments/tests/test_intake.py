from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection

from comments import intake
from comments.facts import gather, record_of, text_digest
from comments.forms import CommentForm
from comments.models import BlocklistEntry, Comment, Commenter
from comments.moderation.pipeline import HOLD_AT, SPAM_AT
from comments.moderation.types import CommenterRecord
from comments.visitors import Sender, Visitor, new_commenter
from tests.factories import ON_TOPIC, SPAM, comment_form, make_article, make_comment, make_moderator

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def visitor(**fields):
    return Visitor(
        **{"address": "203.0.113.0", "sender": Sender.HERE, "user": None, "commenter": None} | fields
    )


def receive(article, *, who=None, now=NOW, **fields):
    form = CommentForm(comment_form(article, **fields), article=article)
    assert form.is_valid(), form.errors
    return intake.receive(article, form.cleaned_data, parent=form.parent, visitor=who or visitor(), now=now)


@pytest.fixture
def article():
    return make_article(body=ON_TOPIC)


def known_good_commenter(article):
    commenter = new_commenter()
    make_comment(article, commenter=commenter, status="approved")
    return commenter


def test_comment_of_a_stranger_is_held_with_findings_and_the_systems_decision(article):
    comment, is_new = receive(article)
    assert is_new
    comment = Comment.objects.get()
    assert comment.status == "pending"
    assert comment.address == "203.0.113.0"
    assert comment.revision == article.revisions.get()
    assert comment.submitted_at == NOW
    assert comment.rules_version > 0
    assert 0 < comment.spam_probability < 1
    assert comment.points == pytest.approx(sum(finding.points for finding in comment.findings.all()))
    assert {"honeypot", "link_count", "repeated_text", "known_commenter", "blocklist"} <= set(
        comment.findings.values_list("rule", flat=True)
    )
    decision = comment.decisions.get()
    assert (decision.from_status, decision.to_status, decision.by) == ("", "pending", None)


def test_known_good_commenter_is_published(article):
    comment, _is_new = receive(article, who=visitor(commenter=known_good_commenter(article)))
    assert comment.status == "approved"
    assert comment.fragment


def test_reply_is_judged_beside_what_it_answers(article):
    parent = make_comment(article, body="Which pillow, feathers or millet?")
    for body, case in [("Millet, hands down.", "answers"), ("Thank you for this one.", "beside")]:
        comment, _is_new = receive(article, comment=body, comment_parent=str(parent.pk))
        assert comment.findings.get(rule="reply").case == case
    assert receive(article)[0].findings.get(rule="reply").case == "none"


def test_typed_name_and_address_of_a_known_commenter_grant_nothing(article):
    known = make_comment(article, commenter=known_good_commenter(article), author_email="known@example.org")
    comment, _is_new = receive(article, author=known.author_name, email=known.author_email)
    assert comment.status == "pending"


def test_moderators_own_comment_is_published(article):
    comment, _is_new = receive(article, who=visitor(user=make_moderator()))
    assert comment.status == "approved"


def test_filled_honeypot_is_stored_as_spam_never_dropped(article):
    comment, _is_new = receive(article, subject="Cheap watches", **SPAM)
    assert comment.status == "spam"
    finding = comment.findings.get(rule="honeypot")
    assert finding.case == "filled" and finding.points > 0


def test_overwhelming_evidence_makes_spam_of_a_comment_and_of_nothing_else(settings, article):
    settings.COMMENTS_POLICY = "clean"
    assert receive(article, **SPAM)[0].status == "spam"
    assert receive(article)[0].status == "approved"


@pytest.mark.parametrize(
    ("log_odds", "status"),
    [
        (HOLD_AT - 0.1, "approved"),
        (HOLD_AT + 0.1, "pending"),
        (SPAM_AT - 0.1, "pending"),
        (SPAM_AT + 0.1, "spam"),
    ],
)
def test_thresholds_decide_what_becomes_of_the_sum(settings, article, evidence, log_odds, status):
    settings.COMMENTS_POLICY = "clean"
    evidence(log_odds)
    assert receive(article)[0].status == status


@pytest.mark.parametrize(("effect", "status"), [("hold", "pending"), ("spam", "spam")])
def test_blocklist_outweighs_a_good_record(article, effect, status):
    BlocklistEntry.objects.create(kind="word", text="heat pad", effect=effect)
    comment, _is_new = receive(article, who=visitor(commenter=known_good_commenter(article)))
    assert comment.status == status


@pytest.mark.parametrize(
    ("policy", "status"), [("hold", "pending"), ("known", "pending"), ("clean", "approved")]
)
def test_policy_decides_what_becomes_of_a_clean_comment(settings, article, policy, status):
    settings.COMMENTS_POLICY = policy
    comment, _is_new = receive(article)
    assert comment.status == status


def test_comment_of_unknown_sender_is_held_until_somebody_looks(settings, article):
    settings.COMMENTS_POLICY = "clean"
    comment, _is_new = receive(article, who=visitor(sender=Sender.UNKNOWN))
    assert comment.status == "pending"
    assert not comment.sender_confirmed
    assert comment.findings.filter(evaluated=False).exists()


def test_same_form_is_stored_once_and_leads_to_the_first(article):
    first, first_is_new = receive(article)
    second, second_is_new = receive(article, now=NOW + timedelta(minutes=5))
    assert (first_is_new, second_is_new) == (True, False)
    assert first == second
    assert Comment.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"comment": "Something else entirely."},
        {"author": "Somebody Else"},
        {"email": "else@example.org"},
        {"now": NOW + timedelta(days=1)},
    ],
)
def test_what_differs_is_another_comment(article, change):
    receive(article)
    _comment, is_new = receive(article, **change)
    assert is_new


def test_same_words_to_another_parent_or_article_are_another_comment(article):
    parent = make_comment(article)
    receive(article)
    assert receive(article, comment_parent=str(parent.pk))[1]
    assert receive(make_article())[1]


@pytest.mark.django_db(transaction=True)
def test_same_form_sent_ten_times_at_once_is_stored_once(settings):
    settings.COMMENTS_FLOOD_LIMIT = 0
    article = make_article()

    def send(_number):
        try:
            return receive(article)[0].pk
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        stored = set(pool.map(send, range(10)))
    assert stored == set(Comment.objects.values_list("pk", flat=True))
    assert len(stored) == 1


def test_loser_of_a_race_gets_the_winners_comment(article, monkeypatch):
    winner, _is_new = receive(article)
    # The winner commits between the loser's look and the loser's write.
    looks = iter([Comment.objects.none(), Comment.objects.filter(pk=winner.pk)])
    real_filter = Comment.objects.filter
    monkeypatch.setattr(
        Comment.objects,
        "filter",
        lambda **kw: next(looks) if set(kw) == {"submission_key"} else real_filter(**kw),
    )
    assert receive(article) == (winner, False)


def test_parent_deleted_while_its_reply_is_stored_is_told_apart_from_a_race(article, monkeypatch):
    parent = make_comment(article)

    def slow_store(*args):
        Comment.objects.filter(pk=parent.pk).delete()
        raise IntegrityError("the parent is gone")

    monkeypatch.setattr(intake, "store", slow_store)
    with pytest.raises(intake.Vanished):
        receive(article, comment_parent=str(parent.pk))


def test_flood_from_one_network_is_stopped_with_the_waiting_time(settings, article):
    settings.COMMENTS_FLOOD_LIMIT, settings.COMMENTS_FLOOD_SECONDS = 3, 60
    for number in range(3):
        receive(article, comment=f"Comment number {number}", now=NOW + timedelta(seconds=number))
    with pytest.raises(intake.TooManyComments) as error:
        receive(article, comment="One more", now=NOW + timedelta(seconds=20))
    assert error.value.wait_seconds == 40
    receive(article, comment="One more", now=NOW + timedelta(seconds=61))
    receive(
        article, comment="Elsewhere", who=visitor(address="198.51.100.0"), now=NOW + timedelta(seconds=20)
    )


def test_waiting_time_is_never_too_short(settings, article):
    settings.COMMENTS_FLOOD_LIMIT, settings.COMMENTS_FLOOD_SECONDS = 1, 60
    receive(article)
    with pytest.raises(intake.TooManyComments) as error:
        receive(article, comment="One more", now=NOW + timedelta(seconds=20.7))
    assert error.value.wait_seconds == 40


def test_retry_during_a_flood_still_finds_its_comment(settings, article):
    settings.COMMENTS_FLOOD_LIMIT = 1
    first, _is_new = receive(article)
    assert receive(article) == (first, False)


def test_moderators_and_switched_off_limits_know_no_flood(settings, article):
    settings.COMMENTS_FLOOD_LIMIT = 1
    receive(article)
    receive(article, comment="From the desk", who=visitor(user=make_moderator()))
    settings.COMMENTS_FLOOD_LIMIT = 0
    receive(article, comment="And another")


def test_comment_is_pinned_to_the_revision_its_page_showed(article):
    article.body = "Corrected."
    article.save()
    old, _is_new = receive(article, revision="1")
    new, _is_new = receive(article, comment="To the new one", revision="2")
    odd, _is_new = receive(article, comment="To nothing known", revision="99")
    assert [comment.revision.number for comment in (old, new, odd)] == [1, 2, 2]


def test_copies_are_counted_over_small_differences_and_90_days(article):
    text = "This is  a wonderful POST!"
    receive(article, comment=text, email="a@example.org")
    form = CommentForm(comment_form(article, comment="this is a wonderful post"), article=article)
    form.is_valid()

    def copies(now):
        facts = gather(article=article, data=form.cleaned_data, visitor=visitor(), now=now)
        return facts.echoes.same_text

    assert copies(NOW + timedelta(days=1)) == 1
    assert copies(NOW + timedelta(days=91)) == 0


def test_digest_forgives_case_spaces_and_signs_only():
    assert text_digest("Great post, thanks!!") == text_digest("great  POST\nthanks")
    assert text_digest("Great post") != text_digest("Great host")
    assert text_digest("🎉 🎉") != text_digest("👍 👍")
    text_digest("\ud800")


def test_record_counts_what_people_decided(article):
    ana, commenter = make_moderator(), Commenter.objects.create(key="k")
    make_comment(article, commenter=commenter, status="approved")
    declined = make_comment(article, commenter=commenter, status="pending")
    declined.mark_spam(by=ana)
    binned_by_the_system = make_comment(article, commenter=commenter, status="spam")
    binned_by_the_system.decisions.create(from_status="", to_status="spam")
    assert record_of(commenter) == CommenterRecord(approved=1, declined=1)
    assert record_of(None) is None
