"""From labelled archives to the two files that ship: what is read, what stays together, the commands."""

import json
from collections import Counter
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command, load_command_class
from django.db import connections

from articles.models import Article
from comments import fitting
from comments.management.commands import fit_rules as fit_rules_command
from comments.models import Comment
from comments.moderation import weights, words
from comments.moderation.background import Background, number_of
from comments.training import PARTS, ROW, campaign_marks, describe, divide, read, texts_of
from tests.factories import make_article, make_comment

THOUGHTS = [
    "I planted mine in half shade and it came through the dry weeks well enough.",
    "Ours took three years before the first one opened, so have patience with it.",
    "Does this hold for heavy clay as well? We have hardly anything else up here.",
    "My neighbour swears by coffee grounds; I never saw that it makes a difference.",
    "Thank you for the hint with the sand, (the slugs did not like that at all).",
    "The second photograph is a different kind, I think, look at its narrow leaves.",
]


def row(number, **fields):
    return {
        "id": f"row-{number}",
        "label": "ham",
        "author": f"Gardener {number}",
        "body": f"{THOUGHTS[number % len(THOUGHTS)]} That was {number} summers ago.",
        "article_title": "Ferns in the shade",
        "article_text": "Ferns like half shade, sand in heavy clay, and patience for the first years.",
    } | fields


def spam(number, **fields):
    links = " ".join(f"https://shop{number}.example/{part}" for part in range(12))
    return row(number) | {"label": "spam", "body": f"Casino bonus number {number} {links}"} | fields


@pytest.fixture
def write(tmp_path):
    """Return a function that writes rows, and lines as they are, to an archive."""

    def write(*rows, name="blog.jsonl"):
        path = tmp_path / name
        path.write_bytes(
            b"".join(each if isinstance(each, bytes) else json.dumps(each).encode() + b"\n" for each in rows)
        )
        return path

    return write


@pytest.fixture
def archives(write):
    """Three blogs with spam and good comments on each."""
    return [
        write(*map(row, range(8)), *map(spam, range(at, at + 6)), name=f"blog{at}.jsonl")
        for at in (10, 20, 30)
    ]


def fit(command, *arguments, **options):
    """Run a command; return its words and its complaints."""
    output, errors = StringIO(), StringIO()
    call_command(command, *map(str, arguments), stdout=output, stderr=errors, **options)
    return output.getvalue(), errors.getvalue()


def unheard(complaint):
    raise AssertionError(complaint)


def refuse(execute, sql, params, many, context):
    raise AssertionError(f"asked the real database: {sql}")


# Reading


@pytest.mark.django_db
def test_each_comment_is_read_with_its_cases_its_words_and_its_source(write):
    files = [
        write(row(1), spam(2), name="one.jsonl"),
        write(row(3, source="a.example"), name="two.jsonl"),
    ]
    background, prepared = read(files, report=unheard)
    assert [(one.is_spam, one.group) for one in prepared] == [
        (False, "one"),
        (True, "one"),
        (False, "a.example"),
    ]
    good, bad, _other = prepared
    cases, tokens = good.variants[0]
    assert "link_count.none" in cases and "link_count.many" in bad.variants[0][0]
    assert {"patience", "any:gardener"} <= set(dict(tokens))
    # The archive's own table of common words.
    assert background.rarity("casino") > background.rarity("summers")
    assert describe(files, prepared) == {"comments": 3, "spam": 1, "good": 2, "sources": "one, two"}


@pytest.mark.django_db
def test_comment_with_a_name_is_read_a_second_time_without_it(write):
    named, anonymous, with_site = read(
        [write(row(1), row(2, author=""), row(3, author="", author_url="https://a.example/"))],
        report=unheard,
    )[1]
    assert [len(one.variants) for one in (named, anonymous, with_site)] == [2, 1, 2]
    (with_name, name_tokens), (without, other_tokens) = named.variants
    assert "name:gardener" in dict(name_tokens)
    assert not [token for token, _value in other_tokens if token.startswith(("name:", "any:", "@"))]
    assert "name.none" in without and "name.none" not in with_name


@pytest.mark.django_db
def test_only_rules_that_an_archive_can_tell_are_read(write):
    (one,) = read([write(row(1))], report=unheard)[1]
    rules = {case.partition(".")[0] for variant, _tokens in one.variants for case in variant}
    assert rules and not rules & fitting.NOT_FITTED


@pytest.mark.django_db
def test_table_of_common_words_that_stands_is_kept(write):
    table = Background()
    assert read([write(row(1))], background=table, report=unheard)[0] is table


@pytest.mark.django_db
def test_what_came_before_in_a_file_is_seen_and_nothing_of_another_file(write):
    same = "Ferns are older than any flower, which few people who buy them know."
    one = write(row(1, body=same), row(2, body=same, author="Ida"), name="one.jsonl")
    two = write(row(3, body=same, author="Ole"), name="two.jsonl")
    prepared = read([one, two], report=unheard)[1]
    seen = [
        next(case for case in comment.variants[0][0] if case.startswith("repeated_text"))
        for comment in prepared
    ]
    assert seen == ["repeated_text.none", "repeated_text.once", "repeated_text.none"]


@pytest.mark.django_db
def test_broken_rows_are_reported_and_the_others_read(write):
    said = []
    file = write(row(1), b"{not JSON\n", {"body": "no label"}, b"\n", row(2, label="sp\u00e4m"), spam(3))
    prepared = read([file], report=said.append)[1]
    assert [one.is_spam for one in prepared] == [False, True]
    assert [line.partition(": line ")[0] for line in said] == [str(file)] * 3
    assert [line.partition(": line ")[2][0] for line in said] == ["2", "3", "5"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"body": "x" * 65_000},
        {"body": "\x00\u202eabc\ud800"},
        {"body": "<b></b>", "author": "", "article_text": "", "article_title": ""},
        {"author_url": "javascript:alert(1)", "author": "\u200b"},
    ],
    ids=["long", "signs", "markup", "address"],
)
def test_odd_rows_are_read_like_any_other(write, fields):
    assert len(read([write(row(1, **fields), spam(2, **fields))], report=unheard)[1]) == 2


@pytest.mark.django_db
def test_real_database_is_never_asked(archives):
    make_comment(make_article())
    before = Comment.objects.count(), Article.objects.count()
    with connections["default"].execute_wrapper(refuse):
        read(archives[:1], report=unheard)
    assert (Comment.objects.count(), Article.objects.count()) == before


def test_articles_are_counted_once_each():
    def given(body, title="Ferns", text="Shade."):
        return SimpleNamespace(
            body=body, author="", author_url="", email_domain="", article_title=title, article_text=text
        )

    rows = [given("<b>One</b>"), given("Two"), given("Three", title="Moss")]
    assert list(texts_of(rows)) == ["One", "Ferns. Shade.", "Two", "Three", "Moss. Shade."]


# What must stay together


def mark(source, is_spam, *marks):
    return source, is_spam, list(marks)


def test_source_is_a_group_and_only_the_spam_of_a_large_one_is_divided():
    marks = [
        *(mark("large", True, f"host{number}.example") for number in range(20)),
        *(mark("large", False, f"host{number}.example") for number in range(4)),
        *(mark("small", True, f"host{number}.example") for number in range(5)),
    ]
    groups = divide(marks)
    # Each campaign is one comment here, so they are dealt out evenly.
    assert Counter(groups[:20]) == {f"large, part {number}": 4 for number in range(PARTS)}
    assert groups[20:] == ["large"] * 4 + ["small"] * 5


def test_comments_that_share_a_mark_stay_together_also_through_others():
    campaign = [("a", "b"), ("b", "c"), ("d",), ("c",), ("d", "a")]
    others = [(f"x{number}",) for number in range(15)]
    # Mixed, so that nothing hangs on their order.
    mixed = [each for pair in zip(campaign, others[:5], strict=True) for each in pair] + others[5:]
    marks = [mark("large", True, *found) for found in mixed] + [mark("small", True)] * 4
    groups = divide(marks)
    parts = {group for group, found in zip(groups, mixed, strict=False) if found in campaign}
    assert len(parts) == 1
    assert sorted(Counter(groups[:20]).values()) == [3, 4, 4, 4, 5]


def test_only_source_of_spam_stays_whole():
    marks = [mark("one", True, str(number)) for number in range(9)] + [mark("two", False)] * 9
    assert divide(marks) == ["one"] * 9 + ["two"] * 9


def test_campaigns_show_in_where_links_lead_and_in_words_in_a_row():
    facts = SimpleNamespace(
        author_url="https://www.pills.example/buy",
        links=("https://shop.watches.example/a", "https://blogspot.com/x", "nonsense"),
        text="one two three four five six seven eight nine https://a.example/",
    )
    assert sorted(campaign_marks(facts)) == [
        "one two three four five six seven eight",
        "pills.example",
        "two three four five six seven eight nine",
        "watches.example",
    ]


def test_short_text_is_nobodys_campaign():
    facts = SimpleNamespace(author_url="", links=(), text="word " * (ROW - 1))
    assert campaign_marks(facts) == []


@pytest.mark.django_db
def test_campaign_of_a_large_source_stays_in_one_part(write):
    """Whole rows, so that hosts in links and in websites count as they stand there."""
    large = [spam(number, author_url=f"https://site{number}.example/") for number in range(12)]
    large += [
        spam(number, body=f"Word number {number}", author_url="https://ring.example/") for number in (40, 41)
    ]
    large += [spam(number, body=f"See https://ring.example/{number}") for number in (42, 43)]
    small = [spam(number) for number in (50, 51)]
    files = [write(*large, name="large.jsonl"), write(*small, name="small.jsonl")]
    groups = [one.group for one in read(files, report=unheard)[1]]
    assert len({group.partition(",")[0] for group in groups[:16]}) == 1 and len(set(groups[:16])) == PARTS
    assert len(set(groups[12:16])) == 1
    assert groups[16:] == ["small"] * 2


# The commands


@pytest.mark.django_db
def test_words_and_rules_are_fitted_written_and_read_again(archives, tmp_path):
    output, own_words = tmp_path / "own.toml", tmp_path / "own.model"
    with connections["default"].execute_wrapper(refuse):
        said, complaints = fit("fit_rules", *archives, output=output, words=own_words)
    model, fitted = words.load(own_words), weights.load(output)
    casino, patience = (model.steps.get(number_of(word), 0) for word in ("casino", "patience"))
    assert casino * model.unit > 1 > 0 > patience * model.unit
    assert not model.background.is_common("gardener")
    # The archives' spam has much else in common, so each case has a share of what all of them say.
    assert fitted.points("link_count", "many") > 0 > fitted.points("link_count", "none")
    many = fitted.table["link_count"]["many"]
    assert (many.spam, many.good, many.source) == (1.0, 0.0, "fitted")
    # What no archive can tell is what it was.
    assert fitted.table["honeypot"] == weights.DEFAULT.table["honeypot"]
    about = {"comments": 42, "spam": 18, "good": 24, "sources": "blog10, blog20, blog30"}
    assert model.about == about
    assert dict(fitted.about) == about | {"prior": fitted.prior}
    count = sum(weight.source == "fitted" for cases in fitted.table.values() for weight in cases.values())
    first, second = said.splitlines()
    assert first.startswith(f"{own_words}: {len(model.steps):,} tokens, ")
    assert second == f"{output}: {count} weights fitted on 42 comments."
    assert complaints == ""


@pytest.mark.django_db
def test_broken_row_is_said_and_the_fit_goes_on(archives, write, tmp_path):
    broken = write(b"not JSON\n", *map(row, range(3)), name="broken.jsonl")
    said, complaints = fit(
        "fit_rules", *archives, broken, output=tmp_path / "output", words=tmp_path / "own.model"
    )
    assert f"{broken}: line 1: " in complaints
    assert str(tmp_path / "output") in said
    rows = sum(len(archive.read_text().splitlines()) for archive in archives)
    assert f"comments = {rows + 3}" in (tmp_path / "output").read_text()


@pytest.mark.django_db
def test_too_few_kinds_are_said_and_nothing_is_written(write, tmp_path):
    output, own_words = tmp_path / "own.toml", tmp_path / "own.model"
    with pytest.raises(CommandError, match="both good comments and spam"):
        fit("fit_rules", write(row(1)), output=output, words=own_words)
    assert not output.exists()
    assert not own_words.exists()


@pytest.mark.django_db
def test_shipped_words_judge_what_they_were_not_fitted_on(archives, tmp_path, monkeypatch):
    """Nothing is fitted but the rules."""
    table = fitting.count_words(["Casino"] * 3)
    shipped = fitting.as_model([("casino", 2.0)], table, {})
    seen = []

    def remember(prepared, guesses, **options):
        seen.append(options["words"])
        return fitting.fit_rules(prepared, guesses, **options)

    monkeypatch.setattr(fit_rules_command, "base_model", lambda: shipped)
    monkeypatch.setattr(fit_rules_command, "fit_rules", remember)
    monkeypatch.setattr(fit_rules_command, "fit_all", unheard)
    output, own_words = tmp_path / "own.toml", tmp_path / "own.model"
    fit("fit_rules", archives[0], "--shipped-words", output=output, words=own_words)
    assert seen == [shipped]
    assert weights.load(output).points("link_count", "many") > 0
    assert not own_words.exists()


def test_what_ships_is_written_where_nothing_else_is_asked_for():
    parser = load_command_class("comments", "fit_rules").create_parser("manage.py", "fit_rules")
    assert parser.get_default("output") == weights.WEIGHTS_PATH
    assert parser.get_default("words") == words.MODEL_PATH
