import json

import pytest

from articles.text import clean_text, is_blank
from comments.forms import HONEYPOT_LENGTH, NAME_LENGTH, CommentForm
from comments.markup import MAX_LENGTH
from tests.factories import comment_form, make_article, make_comment

pytestmark = pytest.mark.django_db


@pytest.fixture
def article():
    return make_article()


def fill(article, **fields):
    form = CommentForm(comment_form(article, **fields), article=article)
    form.is_valid()
    return form


def codes(form):
    return {name: [error.code for error in errors.as_data()] for name, errors in form.errors.items()}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("comment", "", "required"),
        ("comment", "   \r\n\r\n", "required"),
        ("comment", "ㅤᅟ\u200d", "required"),
        ("comment", "<b></b><!-- nothing -->", "required"),
        ("comment", "x" * (MAX_LENGTH + 1), "max_length"),
        ("comment", "a\x00b", "null_characters_not_allowed"),
        ("author", "", "required"),
        ("author", "\u202e \u2066", "required"),
        ("author", "x" * (NAME_LENGTH + 1), "max_length"),
        ("author", "x" * 10_000, "max_length"),
        ("author", "a\x00", "null_characters_not_allowed"),
        ("email", "", "required"),
        ("email", "nobody", "invalid"),
        ("email", "a@b.example\r\nBcc: c@d.example", "invalid"),
        ("email", "a@b.example\nSubject: x", "invalid"),
        ("email", "a@b.example,c@d.example", "invalid"),
        ("email", "a@[127.0.0.1]", "invalid"),
        ("email", "a@localhost", "invalid"),
        ("email", "a@b", "invalid"),
        ("email", "a@exa\u202emple.com", "invalid"),
        ("email", "\ufeffa@b.example", "invalid"),
        ("email", "a@b\ufffd.exam\u200bple", "invalid"),
        ("url", "javascript:alert(1)", "invalid"),
        ("url", "java\tscript:alert(1)", "invalid"),
        ("url", "//a.example/", "invalid"),
        ("url", "/admin/logout/", "invalid"),
        ("url", "http://user:pass@a.example/", "invalid"),
        ("url", "http://127.0.0.1/", "invalid"),
        ("url", "localhost:8000", "invalid"),
        ("url", "ftp://a.example/", "invalid"),
        ("url", "https://a.example/" + "x" * 200, "max_length"),
    ],
)
def test_impossible_input_is_refused_beside_its_field(article, field, value, code):
    form = fill(article, **{field: value})
    assert code in codes(form)[field]


@pytest.mark.parametrize(
    ("field", "typed", "stored"),
    [
        ("comment", "one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("comment", "\u202eevil\u202c", "evil"),
        ("comment", "0", "0"),
        ("comment", "x" * MAX_LENGTH, "x" * MAX_LENGTH),
        (
            "comment",
            "\n".join("ab" for _each in range(3000)).replace("\n", "\r\n"),
            "\n".join("ab" for _each in range(3000)),
        ),
        ("author", "a\nb", "a b"),
        ("author", "  Mara \u202eLind ", "Mara Lind"),
        ("author", "x" * NAME_LENGTH, "x" * NAME_LENGTH),
        ("author", "<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("email", " a@b.example ", "a@b.example"),
        ("url", "", ""),
        ("url", "a.example", "https://a.example"),
        ("url", "a.example:8080/x", "https://a.example:8080/x"),
        ("url", "http://a.example", "http://a.example"),
        ("subject", "x" * 1000, "x" * HONEYPOT_LENGTH),
        ("revision", "not a number", None),
        ("revision", "9" * 40, None),
        ("comment_parent", "0", None),
    ],
)
def test_what_can_be_mended_is_mended(article, field, typed, stored):
    form = fill(article, **{field: typed})
    assert form.is_valid(), form.errors
    assert form.cleaned_data[field] == stored


def test_text_that_made_the_form_invalid_is_shown_again_without_what_did(article):
    form = fill(article, comment="kept\x00 text", email="nobody\x00")
    assert form["comment"].value() == "kept text"
    assert form["email"].value() == "nobody"


@pytest.mark.parametrize("status", ["pending", "spam", "trash"])
def test_parent_that_readers_cannot_see_is_gone(article, status):
    parent = make_comment(article, status=status)
    form = fill(article, comment_parent=str(parent.pk))
    assert codes(form) == {"comment_parent": ["parent_gone"]}
    assert form["comment_parent"].value() == ""


@pytest.mark.parametrize("parent", ["abc", "-1", "9" * 40, "12345678", "1 OR 1=1"])
def test_parent_that_never_was_is_gone(article, parent):
    assert codes(fill(article, comment_parent=parent)) == {"comment_parent": ["parent_gone"]}


def test_parent_must_be_on_the_same_article(article):
    elsewhere = make_comment(make_article())
    assert codes(fill(article, comment_parent=str(elsewhere.pk))) == {"comment_parent": ["parent_gone"]}


def test_visible_parent_is_found(article):
    parent = make_comment(article)
    form = fill(article, comment_parent=str(parent.pk))
    assert form.is_valid()
    assert form.parent == parent


def test_first_field_to_mend_takes_the_focus(article):
    form = fill(article, author="", email="nobody")
    form.focus_first_error()
    focused = [name for name, field in form.fields.items() if "autofocus" in field.widget.attrs]
    assert focused == ["author"]


def test_browser_is_not_asked_to_cut_what_is_too_long(article):
    assert "maxlength" not in str(CommentForm(article=article))


def test_what_is_wrong_with_the_whole_form_takes_the_focus(article):
    form = fill(article, comment_parent="9", author="")
    form.focus_first_error()
    assert form.focus_on_errors
    assert not [field for field in form.fields.values() if "autofocus" in field.widget.attrs]


def test_form_without_errors_takes_no_focus(article):
    form = fill(article)
    form.focus_first_error()
    assert not [field for field in form.fields.values() if "autofocus" in field.widget.attrs]


def test_fields_stand_in_the_order_readers_know(article):
    assert [field.name for field in CommentForm(article=article).visible_fields()][:4] == [
        "comment",
        "author",
        "email",
        "url",
    ]


FIELDS = {"text": "comment", "name": "author", "email": "email", "url": "url"}


def test_hostile_inputs_are_met_as_expected(article, shared):
    wrong = []
    for line in (shared / "corpus/inputs/hostile-inputs.jsonl").read_text().splitlines():
        case = json.loads(line)
        if case["kind"] not in FIELDS:
            continue
        field = FIELDS[case["kind"]]
        form = fill(article, **{field: case["value"]})
        refused = field in form.errors
        # Some rows leave both ways open; and where nothing visible is left, nothing was written.
        either = "or refuse" in case["note"] or is_blank(clean_text(case["value"]))
        if refused != (case["expect"] == "refuse") and not (refused and either):
            wrong.append((case["id"], case["expect"], case["note"], form.errors.get(field)))
    assert not wrong


def test_naughty_strings_are_accepted_or_refused_with_a_message(article, shared):
    for line in (shared / "corpus/inputs/blns.jsonl").read_text().splitlines():
        case = json.loads(line)
        value = case["value"]
        for field in FIELDS.values():
            form = fill(article, **{field: value})
            assert form.is_valid() or all(message for message in form.errors[field])
