from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comments import intake
from comments.echoes import (
    COMPARED,
    COUNTED,
    LATEST,
    LATEST_ALIKE,
    STRANGERS,
    Echo,
    _near,
    echoes,
    most_likely,
    remember,
)
from comments.facts import text_digest
from comments.forms import CommentForm
from comments.markup import links_in, plain_text
from comments.models import Comment, CommentTrace
from comments.moderation.types import Echoes
from comments.visitors import Sender, Visitor
from tests.factories import LONG_AGO, comment_form, make_article, make_comment

pytestmark = pytest.mark.django_db

NOW = LONG_AGO + timedelta(days=400)
TEXT = "Those wooden benches from your garden article really helped my lower back during summer."
SPUN = "Those wooden benches from your garden posting really helped my lower back throughout summer."
OTHER = "Could you explain why the second query needs its index? Mine runs without any of them here."
NETWORK = "203.0.113.0"


@pytest.fixture
def article():
    return make_article()


def stored(article, body=OTHER, *, before=timedelta(days=1), **fields):
    """A comment as intake leaves it, ``before`` now."""
    comment = make_comment(
        article, at=NOW - before, body=body, **{"status": "pending", "author_name": "Bot"} | fields
    )
    comment.text_digest = text_digest(plain_text(comment.body_html))
    comment.save(update_fields=["text_digest"])
    remember(comment)
    return comment


def asked(text=TEXT, *, now=NOW, **facts):
    return echoes(
        **{
            "author_name": "Ada",
            "author_url": "",
            "text": text,
            "text_digest": text_digest(text),
            "links": (),
            "address": None,
            "published_at": None,
            "now": now,
        }
        | facts
    )


def of(comment, **facts):
    """What is remembered of a comment that is stored already."""
    text = plain_text(comment.body_html)
    return asked(
        text,
        author_name=comment.author_name,
        author_url=comment.author_url,
        links=links_in(comment.body_html),
        address=comment.address,
        exclude=comment.pk,
        **facts,
    )


def test_nothing_is_remembered_on_an_empty_site():
    assert asked(author_url="https://a.example/", address=NETWORK) == Echoes(network_hour=0, network_day=0)


def test_comment_is_no_echo_of_itself(article):
    comment = stored(article, TEXT, author_url="https://a.example/", address=NETWORK, before=timedelta())
    assert of(comment) == Echoes(network_hour=0, network_day=0)
    assert asked(author_url="https://a.example/", address=NETWORK) == Echoes(
        same_text=1,
        host_comments=1,
        host_names=1,
        network_hour=1,
        network_day=1,
        site_hour=1,
        seconds_since_last_here=0,
    )


def test_equal_texts_are_not_counted_as_near_ones_too(article):
    stored(article, TEXT)
    stored(article, TEXT.upper())
    stored(article, SPUN)
    stored(article, OTHER)
    found = asked()
    assert (found.same_text, found.near_text) == (2, 1)


def test_equal_texts_beyond_the_limit_are_not_near_ones_either(article):
    for _ in range(LATEST + 5):
        stored(article, TEXT)
    found = asked()
    assert (found.same_text, found.near_text) == (LATEST, 0)


def test_stranger_in_the_same_marks_is_not_near(article):
    """Two texts meet by chance in the marks of common words; what counts is the words themselves."""
    model = stored(article, SPUN)
    stranger = make_comment(article, at=NOW - timedelta(days=1), body=OTHER)
    model.traces.update(comment=stranger)
    model.delete()
    assert stranger.traces.count() == 9
    assert asked().near_text == 0


@pytest.mark.parametrize(
    ("meetings", "same", "expected"),
    [
        ([], set(), []),
        # Who shares a mark that few have, before who shares as many that many have.
        ([[1, 2], [1, 2, 3, 4], [3, 4, 5], [5, 6, 7, 8]], set(), [2, 1, 5, 4]),
        ([[9, 1, 2], [9, 1, 2]], {9}, [2, 1]),
        # One shared mark is enough where few have it, for the newest of them.
        ([[1, 2, 3], [8, 9], [8, 9]], set(), [9, 8, 3, 2]),
        ([list(range(1, 12))], set(), []),
        ([list(range(1, 11))], set(), [10, 9]),
    ],
)
def test_likeliest_are_compared_first(meetings, same, expected):
    assert most_likely(meetings, same) == expected


def test_comparing_ends_after_some_strangers():
    def echo(pk, body):
        return Echo(pk, "Bot", f"{pk}", NOW, None, f"<p>{body}</p>")

    strangers = [echo(number, OTHER) for number in range(1, STRANGERS + 1)]
    assert _near(TEXT, [*strangers[1:], echo(8, SPUN), echo(9, SPUN)], "own") == {8, 9}
    assert _near(TEXT, [echo(7, SPUN), *strangers, echo(8, SPUN)], "own") == {7}
    # What is the same is no stranger, and no near one either.
    assert _near(TEXT, [echo(7, TEXT), *strangers[1:], echo(8, SPUN)], "7") == {8}


def test_only_what_a_person_decided_last_counts_as_judged(article, ana):
    same = [stored(article, TEXT, author_url="https://a.example/") for _ in range(6)]
    near = [stored(article, SPUN) for _ in range(2)]
    same[0].mark_spam(by=ana)
    same[1].approve(by=ana)
    same[2].mark_spam(by=ana)
    same[2].approve(by=ana)
    same[3].mark_spam(by=None)
    same[4].trash(by=ana)
    near[0].mark_spam(by=ana)
    near[1].approve(by=None)
    found = asked(author_url="https://a.example/")
    assert (found.same_text, found.same_text_spam, found.same_text_good) == (6, 1, 2)
    assert (found.near_text, found.near_spam, found.near_good) == (2, 1, 0)
    assert (found.host_spam, found.host_good) == (1, 2)


def test_decision_that_was_taken_back_no_longer_counts(article, ana):
    comment = stored(article, TEXT)
    comment.mark_spam(by=ana)
    comment.restore(by=ana)
    assert comment.status == "pending"
    found = asked()
    assert (found.same_text_spam, found.same_text_good) == (0, 0)


def test_memory_ends_after_90_days_and_knows_no_future(article):
    stored(article, TEXT, author_url="https://a.example/", before=timedelta(days=90))
    stored(article, SPUN, author_url="https://a.example/", before=timedelta(days=90))
    stored(article, TEXT, author_url="https://a.example/", before=-timedelta(seconds=1))
    assert asked(author_url="https://a.example/", author_name="Bot") == Echoes()
    found = asked(author_url="https://a.example/", author_name="Bot", now=NOW - timedelta(seconds=1))
    assert (found.same_text, found.near_text, found.host_comments) == (1, 1, 2)


def test_names_are_counted_for_the_host_that_most_share(article):
    for name in ("Bot", "bot ", "Casino", "Ada", "ADA"):
        stored(article, author_name=name, author_url="https://www.pills.example/x")
    stored(article, author_name="Eve", author_url="https://rare.example/")
    found = asked(links=("https://rare.example/", "http://pills.example/", "http://pills.example/2"))
    assert (found.host_comments, found.host_names) == (5, 2)


def test_link_in_the_text_is_found_in_a_website_and_the_other_way_round(article):
    stored(article, f"{OTHER} <a href='https://pills.example/'>here</a>")
    assert asked(author_url="https://pills.example/").host_comments == 1


def test_host_that_people_approved_hides_no_other(article, ana):
    for number in range(3):
        known = stored(article, author_name=f"Reader {number}", author_url="https://code.example/")
        known.approve(by=ana)
    stored(article, author_name="Bot", author_url="https://pills.example/")

    alone = asked(links=("https://code.example/a",))
    assert (alone.host_comments, alone.host_names, alone.host_spam, alone.host_good) == (3, 3, 0, 3)
    both = asked(links=("https://code.example/a", "https://pills.example/"))
    assert (both.host_comments, both.host_names, both.host_spam, both.host_good) == (1, 1, 0, 0)
    new = asked(links=("https://code.example/a", "https://new.example/"))
    assert (new.host_comments, new.host_names, new.host_spam, new.host_good) == (0, 0, 0, 0)

    Comment.objects.get(author_name="Bot").mark_spam(by=ana)
    judged = asked(links=("https://code.example/a", "https://pills.example/"))
    assert (judged.host_spam, judged.host_good) == (1, 0)


def test_rhythm_is_counted_up_to_the_comment(article):
    for minutes in (1, 59, 61, 60 * 23, 60 * 25):
        stored(article, address=NETWORK, before=timedelta(minutes=minutes))
    stored(article, address="198.51.100.0", before=timedelta(minutes=5))
    stored(article, before=timedelta(minutes=5))
    found = asked(address=NETWORK)
    assert (found.network_hour, found.network_day, found.site_hour) == (2, 4, 4)
    assert found.seconds_since_last_here == 60
    before = asked(address=NETWORK, at=NOW - timedelta(minutes=30))
    assert (before.network_hour, before.network_day, before.site_hour) == (2, 3, 2)
    assert before.seconds_since_last_here == 29 * 60


def test_unknown_network_has_no_rhythm(article):
    stored(article, before=timedelta(minutes=5))
    found = asked(address=None)
    assert (found.network_hour, found.network_day, found.seconds_since_last_here) == (None, None, None)
    assert found.site_hour == 1


@pytest.mark.parametrize(
    ("published_at", "days"),
    [
        (None, None),
        (NOW - timedelta(hours=23), 0),
        (NOW - timedelta(days=8), 8),
        (NOW + timedelta(days=3), 0),
    ],
)
def test_age_of_the_article_is_in_whole_days(published_at, days):
    assert asked(published_at=published_at).article_age_days == days


def store_copies(original, count, *, digest=0):
    """Store copies of a comment, of the last hour, the digests of their traces ``digest`` apart."""
    fields = {
        field.attname: getattr(original, field.attname)
        for field in Comment._meta.concrete_fields
        if field.attname not in ("id", "place", "submission_key", "submitted_at")
    }
    made = Comment.objects.bulk_create(
        Comment(**fields, place=f"{original.pk}-{number}", submitted_at=NOW - timedelta(minutes=number % 50))
        for number in range(count)
    )
    CommentTrace.objects.bulk_create(
        CommentTrace(
            comment=copy,
            kind=trace.kind,
            digest=trace.digest + digest * (number + 1),
            submitted_at=copy.submitted_at,
        )
        for number, copy in enumerate(made)
        for trace in original.traces.all()
    )


def test_look_ups_end_at_their_limits(article, django_assert_num_queries):
    """However many share everything: two queries, and no more rows than the limits."""
    for text in (TEXT, SPUN):
        comment = stored(article, text, author_url="https://pills.example/", address=NETWORK)
        store_copies(comment, COUNTED + 20)
    with django_assert_num_queries(2):
        found = asked(author_name="Bot", author_url="https://pills.example/", address=NETWORK)
    assert (found.same_text, found.near_text) == (LATEST, COMPARED)
    assert found.host_comments == LATEST_ALIKE
    assert (found.network_hour, found.network_day, found.site_hour) == (COUNTED, COUNTED, COUNTED)


def test_empty_site_is_asked_once(django_assert_num_queries):
    with django_assert_num_queries(1):
        asked(author_url="https://a.example/", address=NETWORK)


def test_every_look_up_has_its_index(article):
    """Among so many comments that an index is worth its while, of which the database has taken note."""
    on_sqlite = connection.vendor == "sqlite"
    explain, whole_table = (
        ("EXPLAIN QUERY PLAN", "SCAN comments_") if on_sqlite else ("EXPLAIN", "Seq Scan on comments_")
    )
    comment = stored(article, TEXT, author_url="https://a.example/", address=NETWORK)
    store_copies(comment, 2_000, digest=1)
    with CaptureQueriesContext(connection) as queries:
        asked(author_name="Bot", author_url="https://a.example/", address=NETWORK)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE comments_comment")
        cursor.execute("ANALYZE comments_commenttrace")
        if not on_sqlite:
            # There are no decisions: an empty table is read whole, whatever indexes it has.
            cursor.execute("SET LOCAL enable_seqscan = off")
        for query in queries.captured_queries[:]:
            cursor.execute(f"{explain} {query['sql']}")
            plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
            assert whole_table not in plan
            assert any(name in plan for name in ("trace_latest", "PRIMARY KEY", "comments_comment_pkey"))


def test_traces_are_stored_with_the_comment(article):
    """All or nothing, by intake, which is how comments come."""
    form = CommentForm(comment_form(article, url="https://a.example/"), article=article)
    assert form.is_valid()
    visitor = Visitor(address=NETWORK, sender=Sender.HERE, user=None, commenter=None)
    comment, _is_new = intake.receive(article, form.cleaned_data, parent=None, visitor=visitor, now=NOW)
    assert set(comment.traces.values_list("kind", "submitted_at")) == {
        ("near", NOW),
        ("host", NOW),
        ("name", NOW),
    }
    assert comment.traces.count() == 10
    comment.delete()
    assert not CommentTrace.objects.exists()


def test_migration_gives_older_comments_the_same_traces(article, monkeypatch):
    migration = import_module("comments.migrations.0004_traces_and_permissions")
    monkeypatch.setattr(migration, "CHUNK", 2)
    for number in range(5):
        stored(article, f"{TEXT} {number}", author_url=f"https://site-{number}.example/")
    rows = ("comment_id", "kind", "digest", "submitted_at")
    before = set(CommentTrace.objects.values_list(*rows))
    CommentTrace.objects.all().delete()
    migration.make_traces(apps, None)
    assert set(CommentTrace.objects.values_list(*rows)) == before
    assert CommentTrace.objects.count() == len(before) == 50
