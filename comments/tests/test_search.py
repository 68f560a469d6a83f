"""The search of the queue: what it finds, that nothing breaks it, and that the database keeps its index."""

import itertools
import json
import unicodedata
from datetime import UTC, datetime

import html5lib
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comments import search, search_index
from comments.markup import clean_text
from comments.models import Comment
from comments.search import Term, parse
from tests.factories import make_article, make_comment, make_user

QUEUE = reverse("admin:comments_comment_changelist")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

on_sqlite = pytest.mark.only_on("sqlite")
on_postgresql = pytest.mark.only_on("postgresql")


@pytest.fixture
def article(db):
    return make_article(title="Spasms")


@pytest.fixture
def body(article):
    """Return a function that stores a comment with a text, and nothing else to be found by."""

    def make(text, **fields):
        return make_comment(
            article,
            **{"author_name": "N", "author_email": "n@n.example", "status": "pending"} | fields,
            body=text,
        )

    return make


def found(query):
    return sorted(search.find(query).ids)


def writers(response):
    assert response.status_code == 200
    page = html5lib.parse(response.content.decode(), namespaceHTMLElements=False)
    names = page.findall(".//table[@id='result_list']/tbody/tr//b/bdi")
    return ["".join(name.itertext()) for name in names]


# What a query means


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("", []),
        ("  \t ", []),
        ("Spasm", [Term("Spasm", is_open=True)]),
        ("back spasm", [Term("back"), Term("spasm", is_open=True)]),
        # Too few letters begin too many words.
        ("back to", [Term("back"), Term("to")]),
        ("spas* back", [Term("spas", is_open=True), Term("back", is_open=True)]),
        ("sp* back", [Term("sp"), Term("back", is_open=True)]),
        ('"heat pad" back', [Term("heat pad"), Term("back", is_open=True)]),
        ("“heat pad”", [Term("heat pad")]),
        ("„heat pad“", [Term("heat pad")]),
        ("«heat pad»", [Term("heat pad")]),
        # Without a second sign there is no phrase.
        ('"heat pad', [Term("heat"), Term("pad", is_open=True)]),
        ("paul@pills.example", [Term("paul pills example")]),
        ("https://pills.example/buy?x=1", [Term("https pills example buy x 1")]),
        ("NOT a OR (b AND c)", [Term(word) for word in ("NOT", "a", "OR", "b", "AND", "c")]),
        ("author_name:x", [Term("author name x")]),
        ("😀 !!! -- ''", []),
        # Touching signs are searched by twos, and one alone as the beginning of two.
        ("腰痛", [Term("腰痛")]),
        ("腰", [Term("腰", is_open=True)]),
        ("腰痛に効く", [Term("腰痛 痛に に効 効く")]),
        ("「腰痛」、薬", [Term("腰痛"), Term("薬", is_open=True)]),
        ("『heat pad』", [Term("heat pad")]),
        ("‹heat pad›", [Term("heat pad")]),
        ("LINEで買う", [Term("LINE で で買 買う")]),
        ("a\0b \ud800", [Term("a b")]),
    ],
)
def test_query_is_read(query, terms):
    assert parse(query) == terms


def test_long_query_is_cut_and_that_is_said(db):
    assert parse("word " * 2_000) == parse("word " * 200)
    assert search.find("x" * 1_001).is_shortened
    assert not search.find("x" * 1_000).is_shortened


# What is found


@pytest.mark.parametrize(
    "query",
    [
        "chamomile",
        "CHAMOMILE",
        "chamo",
        "chamo* tea",
        "tea chamomile",
        '"chamomile tea"',
        "Mara",
        "Müller",
        "muller",
        "Mu\u0308ller",
        "mara@tea-house.example",
        "tea-house.example",
        "@tea-house.example",
        "https://www.blend.example/shop/42",
        "www.blend.example",
        "blend.example/shop",
        "hidden.example",
        "mara chamomile hidden.example",
        "don't",
        "don’t",
        "ДОКТОР",
        "доктор",
        "مرحبا",
        "नमस्ते",
        "शक्ति",
        "腰痛",
        "腰",
        "に効",
        "腰痛に効く薬",
        "「腰痛」",
        "LINEで",
        "買う",
        "치료",
        # In parts, as some keyboards send it.
        unicodedata.normalize("NFD", "치료"),
        "ราคา",
        "2024",
        "great back",
        "第3章4",
        "3章4",
        "章4節",
        "節",
    ],
)
def test_comment_is_found_by_its_words(body, query):
    comment = body(
        "Try chamomile tea, don't wait! <a href='https://hidden.example/x'>x</a> доктор مرحبا नमस्ते शक्ति "
        "私は腰痛に効く薬をLINEで買う。 물리치료를 받았어요 ดูราคาที่นี่ 第3章4節 2024 great🥰back—really",
        author_name="Mara Müller",
        author_email="mara@tea-house.example",
        author_url="https://www.blend.example/shop/42",
    )
    body("Something else: pads, 頭痛, лекарь, 効果.")
    assert found(query) == [comment.pk]


@pytest.mark.parametrize(
    "query",
    [
        "chamomile coffee",
        '"tea chamomile"',
        "chamom tea",
        '"chamo"',
        "amomile",
        "痛腰",
        "tea.hidden.example",
        "paul@tea.example",
        "*",
        '""',
        "!!!",
        "😀",
    ],
)
def test_what_is_not_there_is_not_found(body, query):
    body("Try chamomile tea 腰痛 https://hidden.example/ 😀 !!!")
    assert found(query) == []


@pytest.mark.parametrize(
    "query",
    [
        '"', "'", "\\", "%", "_", "*", "**", "a*b*", "(", ")", "a:b", "a - b", "-a", "^a", "NEAR(a b)",
        "AND", "a AND", "OR OR", "NOT", "<->", "a <-> b", "a & | !", ":*", "a:*", "a'b", "''a''",
        "{words} : a", "\0", "a\0b",
        "\ud800", "a\udfffb", "\ufffd", "x" * 10_000, '"' * 10_000, "a " * 5_000, "腰痛" * 5_000,
        "é" * 10_000, "e" + "\u0301" * 9_999, "مرحبا بالعالم", "東京都に住む", "한국어", "👩‍👩‍👧 🏴",
        "\u200b\u202e", "a\u0000*", "\u0345", "#18", "'#0'", "$$", "%s", "%(a)s", "{}", "\n\r\t",
        "İstanbul ǅ ẞ ß", "\U0002f800", "\U000e0041",
    ],
)  # fmt: skip
def test_no_query_is_an_error(body, query):
    body("a b 東京都に住む")
    assert isinstance(found(query), list)


def test_hostile_inputs_are_stored_and_searched(shared, body):
    for line in (shared / "corpus" / "inputs" / "hostile-inputs.jsonl").read_text().splitlines():
        text = str(json.loads(line).get("value"))
        search.find(text)
        stored = clean_text(text)[:9_000]
        pk = body(stored).pk
        word = max(stored.split(), key=len, default="")
        if parse(word) and len(word) <= 100:
            assert pk in found(f'"{word}"'), text


def test_block_of_the_index_is_no_word(body):
    comment = body("a")
    assert found(f"#{comment.pk >> search_index.BLOCK_BITS}") == []


# The newest of too many


@pytest.fixture
def few_at_most(monkeypatch):
    monkeypatch.setattr(search, "MOST", 3)


def test_of_too_many_the_newest_are_found(body, few_at_most):
    made = [body("common and rare" if number == 0 else "common").pk for number in range(5)]
    answer = search.find("common")
    assert (sorted(answer.ids), answer.is_cut) == (made[2:], True)
    answer = search.find("common rare")
    assert (sorted(answer.ids), answer.is_cut) == (made[:1], False)
    body("another")
    Comment.objects.filter(pk__gt=made[2]).delete()
    answer = search.find("common")
    assert (sorted(answer.ids), answer.is_cut) == (made[:3], False)


@on_postgresql
def test_newest_are_found_from_block_to_block(body, few_at_most):
    """Comments are far apart where many between them were deleted, or the numbering has jumped."""
    at = [0, 3, 4, 9]
    made = []
    for block in at:
        comment = body("common")
        Comment.objects.filter(pk=comment.pk).update(id=(block << search_index.BLOCK_BITS) + comment.pk)
        made.append((block << search_index.BLOCK_BITS) + comment.pk)
    assert sorted(search.find('"common"').ids) == made[1:]
    assert sorted(search.find("comm").ids) == made[1:]


@on_postgresql
@pytest.mark.parametrize("looked_through", [9, 4])
def test_common_words_are_looked_for_among_the_newest(body, few_at_most, monkeypatch, looked_through):
    monkeypatch.setattr(search, "SAMPLE", 4)
    monkeypatch.setattr(search, "LOOKED_THROUGH", looked_through)
    made = [body(text).pk for text in ["common", "common", "common", "a", "common", "common"]]
    with CaptureQueriesContext(connection) as queries:
        answer = search.find("comm")
    assert (list(answer.ids), answer.is_cut) == ([made[5], made[4], made[2]], True)
    # Where too few of the newest have them, the index tells.
    assert len(queries) == (2 if looked_through == 9 else 3)
    body("b")
    body("c")
    with CaptureQueriesContext(connection) as queries:
        assert list(search.find("common").ids) == [made[5], made[4], made[2]]
    assert "blocks" in queries[-1]["sql"]


@on_postgresql
def test_phrase_is_looked_for_in_the_newest_that_have_its_words(body, few_at_most):
    made = [body(text).pk for text in ["heat pad", "heat pad", "pad heat", "pad of heat"]]
    answer = search.find('"heat pad"')
    assert (list(answer.ids), answer.is_cut) == ([made[1]], True)


@on_sqlite
def test_phrase_is_found_among_any_number_that_have_its_words(body, few_at_most):
    made = [body(text).pk for text in ["heat pad", "heat pad", "pad heat", "pad of heat"]]
    answer = search.find('"heat pad"')
    assert (sorted(answer.ids), answer.is_cut) == (made[:2], False)


# The index


def test_index_follows_every_way_of_writing(body, article):
    comment = body("first", author_name="Ann")
    assert found("first") == [comment.pk]
    Comment.objects.update(body="腰痛です")
    assert (found("first"), found("腰痛")) == ([], [comment.pk])
    comment.refresh_from_db()
    comment.body = "third"
    comment.save()
    assert (found("腰痛"), found("third")) == ([], [comment.pk])
    Comment.objects.update(author_name="Bea", author_email="bea@b.example", author_url="https://b.example/")
    assert found("Ann") == []
    assert found("Bea") == found("bea@b.example") == found("https://b.example/") == [comment.pk]
    comment.refresh_from_db()
    comment.resanitize()
    comment.approve(by=None)
    assert found("third bea") == [comment.pk]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE comments_comment SET body = 'fourth'")
    assert (found("third"), found("fourth")) == ([], [comment.pk])
    [several] = Comment.objects.bulk_create(
        [Comment(article=article, author_name="Cea", author_email="c@c.example", body="fifth", place="x")]
    )
    assert found("fifth") == [several.pk]
    article.delete()
    assert found("fourth") == found("fifth") == []


def test_index_is_made_of_the_comments_that_are_there(body):
    comments = [body("first 腰痛"), body("second")]
    search_index.uninstall(connection)
    search_index.install(connection)
    assert found("first") == found("腰痛") == [comments[0].pk]
    Comment.objects.filter(pk=comments[0].pk).update(body="third")
    assert (found("first"), found("third")) == ([], [comments[0].pk])


@on_sqlite
@pytest.mark.parametrize("length", [*range(97, 106), 199, 200, 201, 400])
def test_touching_signs_are_divided_alike_wherever_they_stand(body, length):
    """SQLite goes through a text in parts of 100 signs; no word is lost where two parts meet."""
    signs = [chr(0x4E00 + number) for number in range(length)]
    comment = body("".join(signs))
    for pair in itertools.pairwise(signs):
        assert found("".join(pair)) == [comment.pk]
    assert found("".join(signs)) == [comment.pk]


@on_sqlite
def test_index_is_repaired_after_a_migration_that_remakes_the_table(body):
    comment = body("first")
    for trigger in search_index._TRIGGERS:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER {trigger}")
    Comment.objects.update(body="second")
    assert found("first") == [comment.pk]
    search_index.repair(using="default")
    assert (found("first"), found("second")) == ([], [comment.pk])
    Comment.objects.update(body="third")
    assert found("third") == [comment.pk]


@on_sqlite
def test_repair_leaves_a_sound_index_alone_and_makes_none(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        search_index.repair(using="default")
    search_index.uninstall(connection)
    with django_assert_num_queries(1):
        search_index.repair(using="default")


@on_sqlite
def test_sqlite_without_full_text_search_is_told(db, monkeypatch):
    monkeypatch.setattr(search_index, "_FTS5", "CREATE VIRTUAL TABLE comments_search USING fts9(words)")
    with pytest.raises(ImproperlyConfigured, match="FTS5"):
        search_index.install(connection)


@on_sqlite
def test_other_errors_of_installing_are_not_hidden(db, monkeypatch):
    monkeypatch.setattr(search_index, "_FTS5", "CREATE NONSENSE")
    with pytest.raises(OperationalError, match="syntax"):
        search_index.install(connection)


# The list


def test_search_keeps_to_view_filter_and_order(client, ana, body):
    for name, status, day in [("a", "spam", 3), ("b", "spam", 1), ("c", "pending", 2), ("d", "spam", 2)]:
        body("pills", author_name=name, status=status, at=NOON.replace(day=day))
    body("other", status="spam")
    assert writers(client.get(QUEUE, {"q": "pills", "view": "spam"})) == ["a", "d", "b"]
    assert writers(client.get(QUEUE, {"q": "pills", "view": "spam", "sort": "oldest"})) == ["b", "d", "a"]
    assert writers(client.get(QUEUE, {"q": "pills"})) == ["c"]
    assert writers(client.get(QUEUE, {"q": "pills", "view": "spam", "sender_confirmed__exact": "0"})) == []


def test_title_of_the_article_is_not_searched(client, ana, body):
    body("pills")
    assert writers(client.get(QUEUE, {"q": "Spasms", "view": "all"})) == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("pills", []),
        ("common", ["More than 3 comments have these words"]),
        ("!!!", ["There is no word to look for"]),
        ("pills " * 200, ["Only the first 1,000 characters"]),
        ("", []),
    ],
)
def test_list_says_where_its_answer_is_not_whole(client, ana, body, few_at_most, query, said):
    for _each in range(4):
        body("common")
    page = html5lib.parse(client.get(QUEUE, {"q": query}).content.decode(), namespaceHTMLElements=False)
    notes = ["".join(note.itertext()) for note in page.findall(".//p[@class='search-note']")]
    assert len(notes) == len(said)
    assert all(note.startswith(start) for note, start in zip(notes, said, strict=True))


def test_help_stands_with_the_field(client, ana, db):
    page = html5lib.parse(client.get(QUEUE).content.decode(), namespaceHTMLElements=False)
    [field] = page.findall(".//input[@id='searchbar']")
    [help_text] = page.findall(f".//*[@id='{field.get('aria-describedby')}']")
    assert "In quotes" in "".join(help_text.itertext())


@pytest.mark.parametrize("query", ["\x00", "\ufffd", '"', "x" * 10_000, "😀", "東京"])
def test_list_bears_any_query(client, ana, body, query):
    body("a")
    assert client.get(QUEUE, {"q": query, "view": "all"}).status_code == 200
    assert client.get(QUEUE + "?q=%ff%00%ed%a0%80").status_code == 200


def test_search_costs_a_fixed_number_of_queries(client, ana, body):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(QUEUE, {"q": "pills"}).status_code == 200
        return len(queries), sum("comments_search" in each["sql"] for each in queries)

    body("pills")
    asked()
    once = asked()
    for _each in range(10):
        body("pills")
    assert asked() == once
    # PostgreSQL is asked how many blocks there are first.
    assert once[1] == {"sqlite": 1, "postgresql": 2}[connection.vendor]


def test_search_is_for_moderators(client, body):
    body("pills", author_name="Secret")
    client.force_login(make_user("eve", is_staff=True))
    response = client.get(QUEUE, {"q": "pills"})
    assert response.status_code == 403
    assert "Secret" not in response.content.decode()


# Plans


@pytest.fixture
def many(article):
    """Enough comments that a database thinks before it goes through all of them."""
    Comment.objects.bulk_create(
        Comment(
            article=article,
            author_name=f"N{number}",
            author_email=f"n{number}@n.example",
            body=f"common word{number} {'filler ' * 40}",
            status="pending" if number % 2 else "spam",
            place=f"{number}",
        )
        for number in range(3_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@on_postgresql
@pytest.mark.parametrize("words", ["word7", "common", "comm"])
def test_words_are_looked_up_in_the_index(many, words):
    with CaptureQueriesContext(connection) as queries:
        search.find(words)
    asked = queries[-1]["sql"]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {asked}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Bitmap Index Scan on comments_search_by_word" in plan
    assert "Seq Scan" not in plan


@pytest.mark.parametrize("view", [["pending"], ["pending", "approved"], []])
@pytest.mark.parametrize("order", [["-submitted_at", "-pk"], ["submitted_at", "pk"]])
def test_what_was_found_is_fetched_one_by_one(many, view, order):
    """Not by going through the whole order until enough of them have come."""
    rows = Comment.objects.filter(status__in=view) if view else Comment.objects.all()
    rows = rows.filter(search.among(search.find("common").ids)).order_by(*order)[:50]
    plan = rows.explain()
    keys = {"sqlite": "USING INTEGER PRIMARY KEY (rowid=?)", "postgresql": "comments_comment_pkey"}
    assert keys[connection.vendor] in plan
    assert "Seq Scan on comments_comment" not in plan
    assert "SCAN comments_comment" not in plan
