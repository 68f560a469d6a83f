"""The two commands that try the filter on an archive, and the site in memory that they play on."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import connections, transaction

from articles.models import Article
from articles.text import clean_text
from comments import rehearsal
from comments.archive import read_rows
from comments.forms import CommentForm
from comments.models import BlocklistEntry, Comment, CommentFinding, Decision
from comments.moderation.pipeline import POLICIES, decide
from comments.moderation.types import Finding
from comments.rehearsal import PACE, article_of, form_data, in_time_order, play, site_in_memory
from tests.factories import comment_form, make_article, make_comment

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
GOOD = "Putting a second pillow between my knees was what helped in the end."
WATCHES = (
    "Best watches: https://a.example/ https://b.example/ https://c.example/ https://d.example/ with delivery"
)


def row(number=1, **fields):
    return {
        "id": f"row-{number}",
        "source": "our/blog",
        "label": "ham",
        "author": f"Reader {number}",
        "author_url": "",
        "email_domain": "example.org",
        "body": f"{GOOD} It took me {number} nights.",
        "article_title": "The Pillow Question",
        "article_text": "Soft or hard? We asked those who sleep on the side.",
        "created": (datetime(2017, 3, 1) + timedelta(hours=number)).isoformat(),
        "lang": "en",
        "kind": "comment",
    } | fields


def spam(number=1, **fields):
    return row(number, **{"label": "spam", "body": f"{WATCHES} {number}", "lang": "de"} | fields)


def lines(*rows):
    return b"".join(each if isinstance(each, bytes) else json.dumps(each).encode() + b"\n" for each in rows)


def rows_of(*given):
    return list(read_rows(BytesIO(lines(*given)), labelled=False))


@pytest.fixture
def write(tmp_path):
    def write(*rows, name="archive.jsonl"):
        path = tmp_path / name
        path.write_bytes(lines(*rows))
        return str(path)

    return write


def bench(*arguments, tmp_path):
    """Run the command; return its figures, its words and its complaints."""
    output, errors = StringIO(), StringIO()
    figures = tmp_path / "figures.json"
    call_command("spam_bench", *arguments, json=str(figures), stdout=output, stderr=errors)
    return json.loads(figures.read_text()), output.getvalue(), errors.getvalue()


def score(*rows, monkeypatch, **options):
    output, errors = StringIO(), StringIO()
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(lines(*rows))))
    call_command("score_comments", stdout=output, stderr=errors, **options)
    return [json.loads(line) for line in output.getvalue().splitlines()], errors.getvalue()


def refuse(execute, sql, params, many, context):
    raise AssertionError(f"asked the real database: {sql}")


def refuse_to_write(execute, sql, params, many, context):
    assert sql.lstrip().upper().startswith("SELECT"), sql
    return execute(sql, params, many, context)


# The site in memory


def test_site_in_memory_is_empty_and_gone_afterwards():
    article = make_article()
    with site_in_memory():
        assert not Article.objects.exists()
        make_comment(make_article(title="Only here"))
    with site_in_memory():
        assert not Comment.objects.exists()
    assert list(Article.objects.all()) == [article]
    assert not Comment.objects.exists()


def test_connection_is_the_old_one_again_whatever_happens():
    outside = connections["default"]
    with pytest.raises(ZeroDivisionError), site_in_memory():
        assert connections["default"] is not outside
        make_article()
        raise ZeroDivisionError
    assert connections["default"] is outside
    assert not Article.objects.exists()


def test_django_does_not_mix_up_what_it_remembers_of_both():
    ContentType.objects.all().delete()
    ContentType.objects.clear_cache()
    known = ContentType.objects.get_for_model(Comment)
    with site_in_memory():
        inside = ContentType.objects.get_for_model(Comment)
        assert ContentType.objects.filter(pk=inside.pk, model="comment").exists()
    assert ContentType.objects.get_for_model(Comment) == known


def test_nothing_that_waits_for_a_commit_happens(django_capture_on_commit_callbacks):
    happened = []
    with django_capture_on_commit_callbacks(execute=True), site_in_memory():
        transaction.on_commit(lambda: happened.append("mail"))
    assert happened == []


# From a row to what the judge is told


def test_row_becomes_what_the_form_makes_of_the_same_words():
    given = row(
        author="  Ana \u200b Beaumont ",
        author_url="ana.example/<b>",
        body=' Heat <b>helps</b>.\r\n\r\nSee <a href="https://a.example/">this</a> ',
    )
    form = CommentForm(
        comment_form(
            make_article(),
            comment=given["body"],
            author=given["author"],
            email="someone@example.org",
            url=given["author_url"],
            revision="",
        ),
        article=None,
    )
    assert form.is_valid(), form.errors
    made = form_data(rows_of(given)[0])
    # An archive has the domain of an address at most.
    assert made.pop("email").partition("@")[2] == form.cleaned_data.pop("email").partition("@")[2]
    assert made == form.cleaned_data


def test_writers_with_different_names_are_two_people_at_one_domain():
    emails = [
        form_data(each)["email"]
        for each in rows_of(row(1, author="Ana"), row(2, author="ANA"), row(3, author="Ben"))
    ]
    assert emails[0] == emails[1] != emails[2]
    assert {email.partition("@")[2] for email in emails} == {"example.org"}


@pytest.mark.parametrize(
    ("fields", "name", "expected"),
    [
        ({"author": "x" * 101}, "author", "x" * 100),
        ({"author": ""}, "author", ""),
        ({"body": "x" * 65_000}, "comment", "x" * 10_000),
        ({"body": "a\x00b \ud800c"}, "comment", "ab c"),
        ({"body": "<b></b>"}, "comment", "<b></b>"),
        ({"email_domain": ""}, "email", ""),
        ({"email_domain": "no domain\ud800"}, "email", ""),
        ({"author_url": "javascript:alert(1)"}, "url", ""),
        ({"author_url": "http://a.example/\x00"}, "url", "http://a.example/"),
        ({"author_url": "http://a.example/" + "x" * 300}, "url", "http://a.example/" + "x" * 183),
        ({"author_url": "http://a.example/\ud800"}, "url", ""),
    ],
    ids=str,
)
def test_what_the_form_would_refuse_is_cut_or_left_out(fields, name, expected):
    assert form_data(rows_of(row(**fields))[0])[name] == expected


def test_article_has_what_the_row_says_and_an_id_that_no_article_has():
    now = datetime(2017, 3, 1, tzinfo=UTC)
    article = article_of(" The Pillow\nQuestion", "Soft\x00 or hard?", now)
    assert (article.title, article.body, article.body_html) == (
        "The Pillow Question",
        "Soft or hard?",
        "<p>Soft or hard?</p>",
    )
    assert article.pk == article_of("The Pillow Question", "Soft or hard?", now).pk < 0
    assert article.pk != article_of("The Pillow Question", "", now).pk
    assert not article.comments.exists()


@pytest.mark.parametrize("text", ["<" * 30_000, "x" * 500_000, "&" * 4_001, "<b>" * 4_001, "\ud800", ""])
def test_any_text_makes_an_article(text):
    assert len(article_of(text, text, datetime(2017, 3, 1, tzinfo=UTC)).body) <= len(clean_text(text))


def test_rows_come_in_time_order_and_those_without_a_time_last():
    rows = rows_of(
        row(1, created="2017-03-02"), row(2, created=""), row(3, created="2017-03-01"), row(4, created="")
    )
    last = datetime(2017, 3, 2, tzinfo=UTC)
    assert in_time_order(rows) == [
        (datetime(2017, 3, 1, tzinfo=UTC), rows[2].offset),
        (last, rows[0].offset),
        (last + PACE, rows[1].offset),
        (last + 2 * PACE, rows[3].offset),
    ]


# spam_bench


def test_bench_counts_ranks_and_tells_what_would_become_of_each(write, tmp_path):
    file = write(row(1), row(2), row(3, author_url="https://ana.example/"), spam(4), spam(5))
    figures, text, errors = bench(file, tmp_path=tmp_path)
    assert (figures["rows"], figures["broken"], figures["ham"], figures["spam"]) == (5, 0, 3, 2)
    assert figures["auc"] == 1.0
    assert figures["recall_at"] == {"0.005": 1.0, "0.001": 1.0}
    assert figures["at_half"]["recall"] == 1.0
    assert sum(each["count"] for each in figures["calibration"]) == 5
    assert list(figures["outcomes"]) == list(POLICIES)
    for policy in POLICIES:
        assert sum(figures["outcomes"][policy]["ham"].values()) == 3
        assert sum(figures["outcomes"][policy]["spam"].values()) == 2
        assert figures["outcomes"][policy]["spam"]["publish"] == 0
    assert figures["outcomes"]["hold"]["ham"]["publish"] == 0
    assert figures["cpu_ms"]["p99"] >= figures["cpu_ms"]["median"] > 0
    assert list(figures["by_language"]) == ["en", "de"]
    assert figures["by_language"]["de"]["spam"] == 2
    assert "5 rows read, 0 of them broken." in text
    assert "5 comments judged: 3 good ones, 2 spam." in text
    assert re.search(r"^ROC AUC +1\.0000 +–$", text, re.MULTILINE)
    assert re.search(r"^clean: spam +0 \(0\.0\) ", text, re.MULTILINE)
    assert re.search(r"^de +0 +2 ", text, re.MULTILINE)
    assert errors == ""


def test_report_fits_a_hundred_columns(write, tmp_path):
    rows = [row(number, source=f"somebody-with-a-name/{number}" * 3) for number in range(40)]
    _figures, text, _errors = bench(write(*rows, spam(41)), "--learn", tmp_path=tmp_path)
    report = text.partition("\n\n")[2]
    # One more is that of the spam.
    assert len(re.findall("^….* 1  ", report, re.MULTILINE)) == 29
    assert "and 11 more" in report
    assert max(map(len, report.splitlines())) <= 100


def test_sources_are_the_files_unless_a_file_names_several(write, tmp_path):
    one = write(row(1), spam(2), name="one.jsonl")
    two = write(row(1, source="a/b"), row(2, source="c/d"), spam(3, source=""), name="two.jsonl")
    figures, text, _errors = bench(one, two, tmp_path=tmp_path)
    assert {name: each["comments"] for name, each in figures["by_source"].items()} == {
        "one": 2,
        "a/b": 1,
        "c/d": 1,
        "two": 1,
    }
    assert "one " in text


def test_broken_rows_are_named_and_counted_and_the_rest_goes_on(write, tmp_path):
    file = write(row(1), b"{\n", b"\n", row(2, label="good"), row(3, label=None), spam(4), b"\xff\n")
    figures, text, errors = bench(file, tmp_path=tmp_path)
    assert (figures["rows"], figures["broken"], figures["comments"]) == (6, 4, 2)
    assert "6 rows read, 4 of them broken." in text
    assert [line.removeprefix(f"{file}, ") for line in errors.splitlines()] == [
        "line 2: not JSON: Expecting property name enclosed in double quotes at character 2",
        "line 4: unknown label 'good'; known are ham and spam",
        "line 5: no label",
        "line 7: not UTF-8, from byte 1 on",
    ]


@pytest.mark.parametrize(
    "rows", [(), (b"{\n",), (row(1),), (spam(1),)], ids=["none", "broken", "ham", "spam"]
)
def test_archive_with_hardly_anything_in_it_is_no_error(write, tmp_path, rows):
    figures, text, _errors = bench(write(*rows), "--learn", tmp_path=tmp_path)
    assert figures["auc"] is None
    assert "rows read" in text


def test_only_what_came_earlier_and_in_the_same_file_counts_as_repeated(write, tmp_path):
    repeated = [row(number, body=GOOD, author=f"Reader {number}") for number in (3, 1, 2)]
    one, two = write(*repeated, name="one.jsonl"), write(*repeated, name="two.jsonl")
    figures, _text, _errors = bench(one, two, tmp_path=tmp_path)
    assert figures["by_source"]["one"]["calibration"] == figures["by_source"]["two"]["calibration"]
    with Path(one).open("rb") as stream:
        judged = play(stream, in_time_order(read_rows(stream, labelled=True)), learn=False)
    assert judged[0].probability < judged[1].probability < judged[2].probability


def test_same_comment_sent_again_is_judged_again(write, tmp_path):
    figures, _text, _errors = bench(write(row(1), row(1)), tmp_path=tmp_path)
    assert figures["comments"] == 2


def test_bench_never_asks_the_real_database(write, tmp_path):
    make_comment(make_article(), body=GOOD)
    before = list(Comment.objects.values())
    with connections["default"].execute_wrapper(refuse):
        bench(write(row(1), spam(2)), "--learn", tmp_path=tmp_path)
    assert list(Comment.objects.values()) == before
    assert not CommentFinding.objects.exists()
    assert not Decision.objects.exists()


def judge_by_memory(submission, *, policy):
    """Know as spam whoever an editor has declined, and as good whoever an editor has approved."""
    earlier = Comment.objects.filter(author_name=submission.author_name, decisions__by__isnull=False)
    points = {"spam": 25.0, "approved": -25.0}.get(earlier.values_list("status", flat=True).first(), 0.0)
    return decide([Finding("memory", points, "what an editor said")], policy=policy, trusted=False)


def test_curve_shows_the_gain_of_each_decision_and_judges_before_it_learns(write, tmp_path, monkeypatch):
    monkeypatch.setattr(rehearsal, "judge", judge_by_memory)
    rows = [
        each
        for number in range(0, 60, 2)
        for each in (row(number, author="Ana"), spam(number + 1, author="Watches"))
    ]
    figures, text, _errors = bench(write(*rows), "--learn", tmp_path=tmp_path)
    first, second, third, every = figures["learning"]["windows"]
    assert [(each["from"], each["to"]) for each in (first, second, third, every)] == [
        (0, 10),
        (10, 50),
        (50, 200),
        (0, None),
    ]
    # Without decisions nothing is known of anybody, in any window; with them, all but the first two.
    assert {each["cold"]["auc"] for each in (first, second, third, every)} == {0.5}
    assert first["learned"]["recall_at"]["0.005"] == pytest.approx(4 / 5)
    assert second["learned"]["recall_at"]["0.005"] == third["learned"]["recall_at"]["0.005"] == 1.0
    assert every["learned"]["auc"] > 0.95
    assert every["learned"]["ham_to_spam"] == 0
    assert (every["ham"], every["spam"]) == (30, 30)
    assert next(iter(figures["learning"]["by_file"].values())) == figures["learning"]["windows"]
    # The other figures stay those of a judge that has learned nothing.
    assert figures["auc"] == 0.5
    assert re.search(r"^10 to 49 +20 +20 +0\.0 +100\.0 +50\.0 +100\.0 ", text, re.MULTILINE)


def test_learning_ends_with_the_file(write, tmp_path, monkeypatch):
    monkeypatch.setattr(rehearsal, "judge", judge_by_memory)
    files = [
        write(row(1, author="Ana"), spam(2, author="X"), name=name) for name in ("one.jsonl", "two.jsonl")
    ]
    figures, _text, _errors = bench(*files, "--learn", tmp_path=tmp_path)
    assert figures["learning"]["windows"][0]["learned"]["auc"] == 0.5


@pytest.mark.parametrize("name", ["missing.jsonl", "."])
def test_file_that_cannot_be_read_is_said_before_anything_is_judged(write, tmp_path, name):
    with pytest.raises(CommandError, match="can't be read"):
        bench(write(row(1)), str(tmp_path / name), tmp_path=tmp_path)


def test_figures_that_cannot_be_written_are_said(write, tmp_path):
    with pytest.raises(CommandError, match="can't be written"):
        call_command("spam_bench", write(row(1)), json=str(tmp_path), stdout=StringIO())


# score_comments


def test_score_answers_each_row_in_order_with_its_reasons(monkeypatch):
    answers, errors = score(row(1, id="good"), spam(2, id=2, created=""), monkeypatch=monkeypatch)
    assert [answer["id"] for answer in answers] == ["good", 2]
    assert {answer["verdict"] for answer in answers} <= {"publish", "hold", "spam"}
    assert 0 < answers[0]["probability"] < answers[1]["probability"] <= 1
    for answer in answers:
        assert {"rule", "case", "points", "detail", "evaluated"} == set(answer["findings"][0])
        assert len(answer["findings"]) > 3
    links = next(each for each in answers[1]["findings"] if each["rule"] == "link_count")
    assert links["points"] > 0
    assert links["evaluated"] is True
    assert errors == ""


def test_score_follows_the_policy_asked_for_or_the_sites_own(monkeypatch, settings):
    (answer,), _errors = score(row(1), monkeypatch=monkeypatch, policy="clean")
    assert answer["verdict"] == "publish"
    settings.COMMENTS_POLICY = "hold"
    (answer,), _errors = score(row(1), monkeypatch=monkeypatch)
    assert answer["verdict"] == "hold"
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("score_comments", "--policy=none")


def test_score_knows_this_site_and_stores_nothing(monkeypatch):
    BlocklistEntry.objects.create(text="second pillow", effect="spam")
    with connections["default"].execute_wrapper(refuse_to_write):
        (answer,), _errors = score(row(1), monkeypatch=monkeypatch)
    assert answer["verdict"] == "spam"
    assert not Comment.objects.exists()
    assert not Article.objects.exists()


def test_score_names_broken_rows_and_answers_the_others(monkeypatch):
    answers, errors = score(
        b"\xef\xbb\xbf", row(1), b"[]\n", row(3, body=""), row(4, label="?"), monkeypatch=monkeypatch
    )
    assert [answer["id"] for answer in answers] == ["row-1", "row-4"]
    assert errors.splitlines() == [
        "line 2: a list, not an object",
        "line 3: no body, or nothing in it that a reader would see",
        "Rows: 2 answered, 2 broken.",
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"body": "x"},
        {"body": "x" * 65_000},
        {"body": "🎉" * 500},
        {"body": "https://a.example/"},
        {"body": "<b></b>"},
        {"body": "a\x00b\u202e\u200bc\ud800"},
        {"body": "これは良い記事です" * 50},
        {"article_title": "", "article_text": ""},
        {"article_title": "<" * 5_000, "article_text": "<b>" * 9_000},
        {"author": "\x00\ud800", "author_url": "\ud800", "email_domain": "\ud800\x00"},
        {"created": "1900-01-01"},
        {"id": "\ud800"},
    ],
    ids=lambda fields: str(fields)[:40],
)
def test_odd_row_is_judged_like_any_other(monkeypatch, write, tmp_path, fields):
    (answer,), errors = score(row(1, **fields), monkeypatch=monkeypatch)
    assert answer["id"] == fields.get("id", "row-1")
    assert errors == ""
    figures, _text, errors = bench(write(row(1, **fields)), "--learn", tmp_path=tmp_path)
    assert (figures["comments"], errors) == (1, "")


def test_score_reads_a_file(write):
    output = StringIO()
    call_command("score_comments", write(row(1), row(2)), stdout=output)
    assert len(output.getvalue().splitlines()) == 2
    with pytest.raises(CommandError, match="can't be read"):
        call_command("score_comments", "missing.jsonl")


def test_score_answers_at_once_and_needs_no_database(tmp_path):
    """As a program does it that asks by pipe, on a machine where no site has been made yet."""
    database = tmp_path / "site.sqlite3"
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{database}", "PYTHONUNBUFFERED": ""}
    with subprocess.Popen(
        [sys.executable, "manage.py", "score_comments"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as command:
        for number in (1, 2):
            command.stdin.write(lines(row(number)))
            command.stdin.flush()
            # Without an answer at once this would wait for ever.
            assert json.loads(command.stdout.readline())["id"] == f"row-{number}"
        command.stdin.close()
        assert command.wait(timeout=60) == 0
    assert not database.exists()
