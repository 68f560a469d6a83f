import csv
import io
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

import html5lib
import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from comments import batches, history
from comments.admin import decisions as page
from comments.history import SYSTEM, History, Key
from comments.models import Batch, Comment, Decision
from comments.sentences import sentence
from comments.visitors import new_commenter
from tests.factories import make_article, make_comment, make_moderator, make_user

pytestmark = pytest.mark.django_db

HISTORY = reverse("admin:comments_decision_changelist")
EXPORT = reverse("admin:comments_decision_export")
AGREEMENT = reverse("admin:comments_decision_agreement")
NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
minutes = count()


@pytest.fixture
def article():
    return make_article(title="Notes on a Stiff Neck")


@pytest.fixture
def ben():
    return make_moderator("ben")


def decided(comment, to, by=None, *, at=None, before="pending", **fields):
    """A decision taken by itself, each a minute after the one before."""
    at = at or NOON + timedelta(minutes=next(minutes))
    return comment.decisions.create(from_status=before, to_status=to, by=by, decided_at=at, **fields)


def pending(article, number=1, **fields):
    return [make_comment(article, **{"status": "pending"} | fields) for _number in range(number)]


def batch_of(comments, move="mark_spam", *, by, at=NOON):
    seen = dict(Comment.objects.filter(pk__in=[each.pk for each in comments]).values_list("pk", "status"))
    batch = batches.apply(move, seen, by=by, now=at).batch
    Decision.objects.filter(batch=batch.pk).update(decided_at=at)
    return batch


def tree(response):
    assert response.status_code == 200
    return html5lib.parse(response.content.decode(), namespaceHTMLElements=False)


def words(element):
    return " ".join("".join(element.itertext()).split())


def items(response):
    return [item for item in tree(response).iter("li") if item.get("class") == "line"]


def told(response):
    """Return what the lines say, without when."""
    return [words(item).removeprefix(words(item.find("time"))).strip() for item in items(response)]


def link(element, text):
    [found] = [each for each in element.iter("a") if words(each) == text]
    return found.get("href")


def table(response):
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


# Sentences


@pytest.mark.parametrize(
    ("before", "to", "by_person", "said"),
    [
        ("", "approved", False, "The filter published “{}” by Tom on “Notes on a Stiff Neck”."),
        ("", "pending", False, "The filter held “{}” by Tom on “Notes on a Stiff Neck”."),
        ("", "spam", False, "The filter put “{}” by Tom on “Notes on a Stiff Neck” into spam."),
        ("pending", "spam", False, "The filter marked “{}” by Tom on “Notes on a Stiff Neck” as spam."),
        ("pending", "approved", True, "ana approved “{}” by Tom on “Notes on a Stiff Neck”."),
        ("approved", "pending", True, "ana put “{}” by Tom on “Notes on a Stiff Neck” back in the queue."),
        ("approved", "spam", True, "ana marked “{}” by Tom on “Notes on a Stiff Neck” as spam."),
        ("spam", "trash", True, "ana moved “{}” by Tom on “Notes on a Stiff Neck” to the trash."),
    ],
)
def test_decision_is_a_sentence(client, ana, article, before, to, by_person, said):
    comment = make_comment(article, author_name="Tom", body="Try heat.")
    decided(comment, to, ana if by_person else None, before=before, reason="off topic" * by_person)
    reason = " Reason: off topic" if by_person else ""
    assert told(client.get(HISTORY)) == [said.format("Try heat.") + reason]


@pytest.mark.parametrize(
    ("whose", "said"),
    [("ben", "ben’s decision"), ("ana", "their own decision"), (None, "the filter’s decision")],
)
def test_taking_back_says_whose_decision_it_was(client, ana, ben, article, whose, said):
    comment = make_comment(article, author_name="Tom", body="Try heat.", status="pending")
    first = decided(comment, "approved", {"ben": ben, "ana": ana}.get(whose))
    decided(comment, "pending", ana, before="approved", undoes=first)
    assert told(client.get(HISTORY))[0] == (
        f"ana took back {said} on “Try heat.” by Tom on “Notes on a Stiff Neck”: it is “Pending” again."
    )
    card = told(client.get(reverse("admin:comments_comment_change", args=[comment.pk])))
    assert card[0] == f"ana took back {said}: it is “Pending” again."


def test_every_status_has_its_sentence(article):
    comment = make_comment(article)
    for to in Comment.Status.values:
        for before in ["", *Comment.Status.values]:
            decision = Decision(comment=comment, from_status=before, to_status=to)
            for here in (True, False):
                assert sentence(decision, here=here).startswith("The filter ")


def test_words_of_strangers_are_shown_as_text(client):
    attack = '"><script>alert(1)</script>{who}'
    ana = make_moderator("ana<b>")
    client.force_login(ana)
    comment = make_comment(make_article(title=attack), author_name=attack, body="{count} " + "&lt;script>x")
    decided(comment, "spam", ana, reason=attack)
    for address in (HISTORY, f"{HISTORY}?comment={comment.pk}", f"{HISTORY}?article={comment.article_id}"):
        text = client.get(address).content.decode()
        assert "<script>alert" not in text
        assert "ana<b>" not in text
        [line] = told(client.get(address))
        assert (
            line == f"ana<b> marked “{{count}} <script>x” by {attack} on “{attack}” as spam. Reason: {attack}"
        )


# Batches


def test_batch_is_one_line_that_opens_into_its_comments(client, ana, article):
    comments = pending(article, 3, author_name="Tom", body="Try heat.")
    decided(make_comment(article), "spam", ana, at=NOON - timedelta(days=1))
    batch = batch_of(comments, by=ana)
    response = client.get(HISTORY)
    assert told(response)[0].startswith("ana marked 3 comments as spam.")
    inside = client.get(link(items(response)[0], "3 comments"))
    assert told(inside) == ["ana marked “Try heat.” by Tom on “Notes on a Stiff Neck” as spam."] * 3
    assert f"Spam: 3 comments, by ana, {page.comment_time(batch.made_at)}" in words(tree(inside))


@pytest.mark.parametrize(
    ("move", "before", "said"),
    [
        ("approve", "pending", "ana approved 2 comments."),
        ("hold", "approved", "ana put 2 comments back in the queue."),
        ("trash", "pending", "ana moved 2 comments to the trash."),
        ("restore", "trash", "ana restored 2 comments."),
    ],
)
def test_batch_says_what_was_done(client, ana, article, move, before, said):
    batch_of(pending(article, 2, status=before), move, by=ana)
    assert told(client.get(HISTORY)) == [said]


def test_batch_of_one_is_the_decision_on_its_comment(client, ana, article):
    batch_of(pending(article, author_name="Tom", body="Try heat."), "trash", by=ana, at=timezone.now())
    assert told(client.get(HISTORY)) == [
        "ana moved “Try heat.” by Tom on “Notes on a Stiff Neck” to the trash. Take it back"
    ]


def test_batch_of_one_whose_comment_was_deleted_is_told_all_the_same(client, ana, article):
    comments = pending(article)
    batch_of(comments, "trash", by=ana)
    comments[0].delete()
    assert told(client.get(HISTORY)) == ["ana moved 1 comment to the trash."]


def test_undone_batch_says_by_whom_and_the_undoing_whose_it_was(client, ana, ben, article):
    now = timezone.now()
    batch = batch_of(pending(article, 2), by=ana, at=now - timedelta(hours=1))
    batches.undo(batch, by=ben, now=now)
    undoing, undone = told(client.get(HISTORY))
    assert undoing == "ben took back ana’s decisions on 2 comments."
    assert undone == f"ana marked 2 comments as spam. ben took this back, {page.comment_time(now)}."


def test_batch_that_can_be_taken_back_leads_to_the_page_that_asks(client, ana, article):
    batch = batch_of(pending(article, 2), by=ana, at=timezone.now())
    assert link(items(client.get(HISTORY))[0], "Take it back") == page.undo_url(batch)


# Order and pages


def test_newest_stand_first_under_their_days(client, ana, article):
    now = timezone.now()
    comment = make_comment(article)
    for days in (0, 1, 40):
        decided(comment, "spam", ana, at=now - timedelta(days=days))
    response = client.get(HISTORY)
    # The page's name, then the days.
    headings = [words(each) for each in tree(response).iter("h2")]
    assert headings[:2] == ["Today", "Yesterday"]
    assert len(headings) == 3
    times = [item.find("time").get("datetime") for item in items(response)]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("asked", ["", "until=2200-01-01", "since=2026-01-01&until=2026-05-01"])
def test_pages_show_every_line_once_whatever_happens_meanwhile(client, ana, article, monkeypatch, asked):
    """Decisions and batches of one moment stand on both sides of the page's end."""
    monkeypatch.setattr(page, "PER_PAGE", 3)
    for at in (NOON, NOON + timedelta(seconds=1)):
        for _each in range(3):
            decided(make_comment(article), "spam", ana, at=at)
        for number in (2, 1, 2):
            batch_of(pending(article, number), "trash", by=ana, at=at)
    everything = [str(entry.key) for entry in History().page()[0]]
    assert len(everything) == 12
    assert everything == sorted(everything, key=lambda key: Key.parse(key).rank, reverse=True)
    seen, response = [], client.get(f"{HISTORY}?{asked}")
    for number in range(4):
        seen += [item.find("time").get("datetime") + link_to_comment(item) for item in items(response)]
        decided(make_comment(article), "spam", ana, at=NOON + timedelta(hours=number + 1))
        if number < 3:
            response = client.get(HISTORY + link(tree(response), "Older ›"))
    assert len(seen) == len(set(seen)) == 12
    assert "Older" not in words(tree(response))
    assert link(tree(response), "« Newest") == f"?{asked}"


def link_to_comment(item):
    links = [each.get("href") for each in item.iter("a")]
    return next(each for each in links if "/comment/" in each or "batch=" in each)


def test_page_costs_the_same_for_many_decisions(client, ana, ben, article, django_assert_num_queries):
    def fill(number):
        for _each in range(number):
            decided(make_comment(make_article(), commenter=new_commenter()), "spam", ben)
            batch = batch_of(pending(article, 2), by=ana)
            batches.undo(batch, by=ben, now=NOON)
            batch_of(pending(article), by=ana)

    fill(1)
    # Session, user, two of permissions; the editors, the decisions, the batches, and those of one comment.
    with django_assert_num_queries(8):
        client.get(HISTORY)
    fill(5)
    with django_assert_num_queries(8):
        client.get(HISTORY)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"by": 1},
        {"by": SYSTEM},
        {"what": "spam"},
        {"by": 1, "what": "approved"},
        {"by": SYSTEM, "what": "spam"},
        {"what": "undone"},
        {"until": NOON},
        {"since": NOON, "by": 1},
    ],
)
@pytest.mark.parametrize("before", [None, Key(NOON, 7), Key(NOON, UUID(int=7))])
def test_each_filter_is_read_from_an_index_in_order(asked, before):
    """So nothing is sorted, and no more is read than a page shows."""
    on_sqlite = connection.vendor == "sqlite"
    with CaptureQueriesContext(connection) as queries:
        History(**asked).page(before=before)
    assert queries.captured_queries
    with connection.cursor() as cursor:
        if not on_sqlite:
            # A table with next to nothing in it is read whole and sorted, whatever indexes it has.
            for way in ("seqscan", "bitmapscan", "sort"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
        for query in list(queries.captured_queries):
            cursor.execute(f"{'EXPLAIN QUERY PLAN' if on_sqlite else 'EXPLAIN'} {query['sql']}")
            plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
            assert (
                "TEMP B-TREE" not in plan
                and "Sort" not in plan
                and "SCAN"
                not in plan.replace("SCAN comments_decision USING INDEX history_", "").replace(
                    "SCAN comments_batch USING INDEX batch_", ""
                )
            ), plan
            assert any(name in plan for name in ("history_", "batch_")), plan


# Filters


@pytest.fixture
def varied(ana, ben, article):
    """Decisions of all kinds, each of which its comment's name tells."""
    guest = new_commenter()
    other = make_article(title="Elsewhere")
    now = timezone.now()
    comments = {
        "held": decided(
            make_comment(article, author_name="held"), "pending", before="", at=now - timedelta(days=60)
        ),
        "approved": decided(
            make_comment(other, author_name="approved", commenter=guest),
            "approved",
            ana,
            at=now - timedelta(days=20),
        ),
        "spam": decided(
            make_comment(article, author_name="spam", author_email="x@example.org", commenter=guest),
            "spam",
            ben,
            at=now - timedelta(days=3),
        ),
        "trash": decided(make_comment(article, author_name="trash"), "trash", ana, at=now),
    }
    undone = decided(
        make_comment(other, author_name="undone"),
        "pending",
        ben,
        before="trash",
        undoes=comments["trash"],
        at=now - timedelta(days=10),
    )
    return comments | {"undone": undone, "guest": guest, "article": article, "other": other}


def names(response):
    """Return by whom the comments were, of the decisions that are shown."""
    known = {"held", "approved", "spam", "trash", "undone"}
    return {words(each) for item in items(response) for each in item.iter("bdi")} & known


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({}, {"held", "approved", "spam", "trash", "undone"}),
        ({"by": "system"}, {"held"}),
        ({"by": "ana"}, {"approved", "trash"}),
        ({"what": "approved"}, {"approved"}),
        ({"what": "spam"}, {"spam"}),
        ({"what": "trash"}, {"trash"}),
        ({"what": "undone"}, {"undone"}),
        ({"when": "today"}, {"trash"}),
        ({"when": "7"}, {"trash", "spam"}),
        ({"when": "30"}, {"trash", "spam", "undone", "approved"}),
        ({"since": 25, "until": 5}, {"approved", "undone"}),
        ({"since": 3, "until": 3}, {"spam"}),
        ({"when": "7", "until": 2}, {"spam"}),
        ({"by": "ana", "what": "trash", "when": "today"}, {"trash"}),
        ({"by": "ben", "what": "trash"}, set()),
        ({"comment": "spam"}, {"spam"}),
        ({"commenter": "guest"}, {"approved", "spam"}),
        ({"commenter": "guest", "article": "other"}, {"approved"}),
        ({"commenter": "guest", "by": "ben"}, {"spam"}),
        ({"email": "x@example.org"}, {"spam"}),
        ({"email": " x@example.org "}, {"spam"}),
        ({"email": "nobody@example.org"}, set()),
        ({"article": "other"}, {"approved", "undone"}),
        ({"article": "other", "what": "undone"}, {"undone"}),
        ({"article": "other", "when": "7"}, set()),
    ],
)
def test_history_is_narrowed(client, ana, ben, varied, asked, shown):
    people = {"ana": str(ana.pk), "ben": str(ben.pk)}
    today = timezone.localdate()
    query = {}
    for name, value in asked.items():
        if isinstance(value, int):
            value = (today - timedelta(days=value)).isoformat()
        elif name == "comment":
            value = varied[value].comment_id
        elif name in ("commenter", "article"):
            value = varied[value].pk
        query[name] = people.get(value, value)
    assert names(client.get(HISTORY, query)) == shown
    assert {row["name"] for row in table(client.get(EXPORT, query))} == shown


@pytest.mark.parametrize(
    ("what", "by_move"),
    [
        ("approved", {"approve", "restore"}),
        ("pending", {"hold", "restore"}),
        ("spam", {"mark_spam"}),
        ("trash", {"trash"}),
        ("undone", {"undo"}),
    ],
)
def test_batches_are_narrowed_by_what_they_did(client, ana, article, what, by_move):
    for move in Batch.Move:
        Batch.objects.create(move=move, by=ana, made_at=NOON, done=2)
    found, _more = History(what=what).page()
    assert {entry.batch.move for entry in found} == by_move


def test_batches_are_narrowed_by_editor_and_time(ana, ben, article, django_assert_num_queries):
    mine, theirs = (
        batch_of(pending(article, 2), by=by, at=NOON + timedelta(days=by.pk)) for by in (ana, ben)
    )

    def found(**asked):
        return [entry.batch for entry in History(**asked).page()[0]]

    assert found(by=ana.pk) == [mine]
    # The system makes none, so they are not looked for.
    with django_assert_num_queries(1):
        assert found(by=SYSTEM) == []
    assert found(until=theirs.made_at) == [mine]
    assert found(since=theirs.made_at) == [theirs]


def test_decision_of_a_batch_leads_to_the_batch_where_single_comments_are_asked_for(client, ana, article):
    comments = pending(article, 2)
    batch = batch_of(comments, by=ana)
    [item] = items(client.get(HISTORY, {"comment": comments[0].pk}))
    assert link(item, "in a batch") == f"{HISTORY}?batch={batch.pk}"
    assert "in a batch" not in words(items(client.get(HISTORY, {"batch": batch.pk}))[0])


def test_words_of_a_line_lead_on(client, ana, article):
    comment = make_comment(article, author_name="Tom", body="Try heat.", commenter=new_commenter())
    decided(comment, "spam", ana)
    [item] = items(client.get(HISTORY))
    assert link(item, "ana") == f"{HISTORY}?by={ana.pk}"
    assert link(item, "Tom") == f"{HISTORY}?commenter={comment.commenter_id}"
    assert link(item, "Notes on a Stiff Neck") == f"{HISTORY}?article={article.pk}"
    assert link(item, "Try heat.") == reverse("admin:comments_comment_change", args=[comment.pk])


def test_writer_without_a_key_is_followed_by_the_address(client, ana, article):
    decided(make_comment(article, author_name="Tom", author_email="=a&b@example.org"), "spam", ana)
    [item] = items(client.get(HISTORY))
    assert link(item, "Tom") == f"{HISTORY}?email=%3Da%26b%40example.org"


def test_what_was_chosen_by_a_link_is_named_and_can_be_taken_away(client, ana, varied):
    asked = {"article": varied["article"].pk, "commenter": varied["guest"].pk, "what": "spam"}
    [narrowed] = [
        each for each in tree(client.get(HISTORY, asked)).iter("ul") if each.get("class") == "narrowed"
    ]
    by_label = {words(item.find("bdi")): item.find("a").get("href") for item in narrowed.iter("li")}
    assert by_label == {
        "All on “Notes on a Stiff Neck”": f"?what=spam&commenter={varied['guest'].pk}",
        f"All by commenter {varied['guest'].pk}": f"?what=spam&article={varied['article'].pk}",
    }


def test_editors_are_those_who_have_decided_something(client, ana, ben, article):
    decided(make_comment(article), "spam", ben)

    def choices(**asked):
        [select] = [
            each for each in tree(client.get(HISTORY, asked)).iter("select") if each.get("name") == "by"
        ]
        return [words(option) for option in select.iter("option")]

    assert choices() == ["Anybody", "The filter", "ben"]
    assert choices(by=ana.pk) == ["Anybody", "The filter", "ben", "ana"]
    assert choices(by=ana.pk + 99)[-1] == "an editor who has decided nothing"


def test_of_an_article_with_very_many_comments_the_newest_are_looked_at(client, ana, article, monkeypatch):
    monkeypatch.setattr(history, "COMMENTS_LOOKED_AT", 2)
    for number in range(3):
        decided(make_comment(article, author_name=f"No. {number}"), "spam", ana)
    asked = {"article": article.pk}
    assert [row["name"] for row in table(client.get(EXPORT, asked))] == ["No. 2", "No. 1"]
    assert "are looked at" in words(tree(client.get(HISTORY, asked)))
    assert "are looked at" not in words(tree(client.get(HISTORY, {"email": "a@example.org"})))


@pytest.mark.parametrize(
    "query",
    [
        {name: value}
        for name in (
            "by",
            "what",
            "when",
            "since",
            "until",
            "comment",
            "commenter",
            "article",
            "batch",
            "before",
        )
        for value in ("x", "-1", "1e9", "9" * 30, "a\x00b", "%00", "ⅷ", "'\"><script>alert(1)</script>")
    ]
    + [
        {"email": "a\x00b"},
        {"email": "a" * 300},
        {"since": "0001-01-01"},
        {"until": "9999-12-31"},
        {"since": "2026-02-30"},
        {"since": "2026-02-02", "until": "2026-02-01"},
        {"when": "8"},
        {"before": ""},
        {"before": "1d" + "9" * 19},
        {"before": "1b" + "f" * 31},
        {"before": "1d٣"},
    ],
)
def test_crafted_address_leads_back_with_a_message(client, ana, article, query):
    decided(make_comment(article), "spam", ana)
    for address in (HISTORY, *([EXPORT] if "before" not in query else [])):
        response = client.get(address, query)
        assert (response.status_code, response["Location"]) == (302, HISTORY)
        followed = client.get(HISTORY)
        assert "cannot be narrowed like that" in words(tree(followed))
        assert b"<script>alert" not in followed.content


@pytest.mark.parametrize(
    "query",
    [
        {"comment": 2**62},
        {"article": 2**62, "commenter": 2**62},
        {"batch": uuid4()},
        {"by": 2**62},
        {"email": "%' OR 1=1 --"},
        {"before": "9999999999999999d9223372036854775807"},
        {"before": f"0b{'f' * 32}"},
        {"nonsense": "1"},
        {"since": "1970-01-02", "until": "2200-01-01"},
    ],
)
def test_what_is_not_there_is_an_empty_history_or_all_of_it(client, ana, article, query):
    decided(make_comment(article), "spam", ana)
    assert client.get(HISTORY, query).status_code == 200
    assert client.get(EXPORT, query).status_code == 200


def test_address_that_is_no_text_breaks_nothing(client, ana):
    response = client.get(f"{HISTORY}?email=%ff%fe&by=%80")
    assert response.status_code == 302


@pytest.mark.parametrize(
    ("query", "said"),
    [("", "Nothing has been decided yet."), ("?what=spam", "Nothing like that has been decided.")],
)
def test_empty_history_says_what_that_means(client, ana, query, said):
    text = words(tree(client.get(HISTORY + query)))
    assert said in text
    assert "Download" not in text


# The card


def test_card_tells_the_history_of_its_comment(client, ana, article):
    comment = make_comment(article, status="pending", body="Try heat.")
    decided(comment, "pending", before="")
    batch = batch_of([comment], by=ana)
    Decision.objects.filter(batch=batch.pk).update(decided_at=NOON + timedelta(days=1))
    decided(comment, "trash", ana, at=NOON + timedelta(days=2), before="spam", reason="off topic")
    response = client.get(reverse("admin:comments_comment_change", args=[comment.pk]))
    assert told(response) == [
        "ana moved it to the trash. Reason: off topic",
        "ana marked it as spam. in a batch",
        "The filter held it.",
    ]
    whole = tree(response)
    assert link(items(response)[1], "in a batch") == f"{HISTORY}?batch={batch.pk}"
    assert link(whole, "All by this email address").endswith(
        f"?email={comment.author_email.replace('@', '%40')}"
    )
    assert link(whole, "All on this article") == f"{HISTORY}?article={article.pk}"
    assert "All of it" not in words(whole)


def test_card_shows_the_latest_decisions_and_where_the_rest_is(client, ana, article, monkeypatch):
    monkeypatch.setattr(page, "ON_THE_CARD", 2)
    comment = make_comment(article, commenter=new_commenter())
    for _each in range(3):
        decided(comment, "spam", ana)
    response = client.get(reverse("admin:comments_comment_change", args=[comment.pk]))
    assert len(items(response)) == 2
    assert link(tree(response), "All of it") == f"{HISTORY}?comment={comment.pk}"
    assert link(tree(response), "All by this commenter") == f"{HISTORY}?commenter={comment.commenter_id}"


def test_admins_own_history_of_a_comment_leads_to_this_one(client, ana, article):
    comment = make_comment(article)
    response = client.get(reverse("admin:comments_comment_history", args=[comment.pk]))
    assert response["Location"] == f"{HISTORY}?comment={comment.pk}"


# The file


def test_file_has_a_row_for_each_decision_with_all_that_is_known(client, ana, article, settings):
    settings.SITE_URL = "https://blog.example"
    comment = make_comment(
        article,
        author_name="=Tom",
        author_email="tom@example.org",
        body="Try\nheat.",
        points=-3.24,
        spam_probability=0.12345,
        status="pending",
    )
    decided(comment, "pending", before="", at=NOON)
    batch = batch_of([comment], "approve", by=ana, at=NOON + timedelta(hours=1))
    rows = table(client.get(EXPORT))
    assert rows[0] == {
        "when": "2026-05-01T13:00:00+00:00",
        "who": "ana",
        "what": "approved",
        "from": "Pending",
        "to": "Approved",
        "reason": "",
        "batch": str(batch.pk),
        "comment": str(comment.pk),
        "name": "'=Tom",
        "email": "tom@example.org",
        "article": "Notes on a Stiff Neck",
        "address of the article": f"https://blog.example{article.get_absolute_url()}",
        "excerpt": "Try heat.",
        "points": "-3.2",
        "probability of spam": "0.123",
    }
    assert (rows[1]["who"], rows[1]["what"], rows[1]["from"]) == ("The filter", "held", "")


def test_file_is_sent_as_it_is_made_and_kept_by_nobody(client, ana, article):
    decided(make_comment(article), "spam", ana)
    response = client.get(EXPORT)
    assert response.streaming
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert {"private", "no-store"} <= set(response["Cache-Control"].split(", "))
    day = timezone.localdate().isoformat()
    assert response["Content-Disposition"] == f'attachment; filename="decisions-{day}.csv"'
    assert b"".join(response.streaming_content).startswith(b"\xef\xbb\xbf")
    assert {"private", "no-store"} <= set(client.get(HISTORY)["Cache-Control"].split(", "))


@pytest.mark.parametrize("asked", [{}, {"article": True}])
def test_long_file_is_cut_and_says_so_in_its_name(client, ana, article, monkeypatch, asked):
    monkeypatch.setattr(page, "MOST_ROWS", 4)
    if asked:
        asked = {"article": article.pk}
    batch_of(pending(article, 3), by=ana)
    decided(make_comment(article), "trash", ana, at=NOON + timedelta(hours=1))
    whole = client.get(EXPORT, asked)
    assert "newest" not in whole["Content-Disposition"]
    assert len(table(whole)) == 4
    decided(make_comment(article), "spam", ana, at=NOON + timedelta(hours=2))
    cut = client.get(EXPORT, asked)
    assert cut["Content-Disposition"].endswith('-newest-4.csv"')
    assert [row["what"] for row in table(cut)] == [
        "marked as spam",
        "moved to the trash",
        "marked as spam",
        "marked as spam",
    ]


def test_file_is_fetched_piece_by_piece(client, ana, article, monkeypatch):
    monkeypatch.setattr(history, "AT_ONCE", 2)
    batch_of(pending(article, 5), by=ana)
    for _each in range(5):
        decided(make_comment(article), "spam", ana)
    with CaptureQueriesContext(connection) as queries:
        rows = table(client.get(EXPORT))
        assert len({row["comment"] for row in rows}) == len(rows) == 10
    limits = [query["sql"] for query in queries if 'FROM "comments_decision"' in query["sql"]]
    assert len([sql for sql in limits if "LIMIT 3" in sql or "IN (" in sql]) >= 5
    assert len(table(client.get(EXPORT, {"article": article.pk}))) == 10


# Who may


@pytest.mark.parametrize("person", ["nobody", "reader", "staff", "viewer"])
@pytest.mark.parametrize("address", [HISTORY, EXPORT, AGREEMENT])
def test_history_is_closed_to_whoever_may_not_moderate(client, article, person, address):
    decided(make_comment(article), "spam", make_moderator("ana"))
    if person != "nobody":
        user = make_user("mallory", is_staff=person in ("staff", "viewer"))
        if person == "viewer":
            group = Group.objects.create(name="Auditors")
            known = Group.objects.get(name="Moderators").permissions.exclude(codename="moderate_comment")
            group.permissions.set(known)
            user.groups.add(group)
        client.force_login(user)
    # The admin asks those who are not staff to sign in.
    refused = 403 if person in ("staff", "viewer") else 302
    assert client.get(address).status_code == refused
    assert client.post(address).status_code == refused


@pytest.mark.parametrize("address", [HISTORY, EXPORT, AGREEMENT])
def test_history_is_read_and_nothing_else(client, ana, article, address):
    decided(make_comment(article), "spam", ana)
    assert client.post(address, {"by": "system"}).status_code == 405
    assert client.delete(address).status_code == 405
    for path in ("add/", "1/change/", "1/delete/"):
        assert client.get(HISTORY + path).status_code == 404
    assert Decision.objects.count() == 1
