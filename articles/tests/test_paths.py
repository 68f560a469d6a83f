import pytest
from django.core.exceptions import ValidationError

from articles.paths import MAX_LENGTH, normalize_path, validate_path


@pytest.mark.parametrize(
    "path",
    [
        "about/",
        "2017/03/home-treatment-for-back-spasms/",
        "a_b/c-d/",
        "über/straße/",
        "日本/茶/",
        "x" * 199 + "/",
    ],
)
def test_plausible_paths_pass(path):
    validate_path(path)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("About/", "path_case"),
        ("x" * MAX_LENGTH + "/", "path_length"),
        ("../secret/", "path_form"),
        ("a/../b/", "path_form"),
        ("a//b/", "path_form"),
        ("/a/", "path_form"),
        ("a b/", "path_form"),
        ("a?b/", "path_form"),
        ("a\x00b/", "path_form"),
        ("a/\n", "path_form"),
        ("no-slash", "path_form"),
        ("", "path_form"),
        ("admin/", "path_reserved"),
        ("admin/anything/", "path_reserved"),
        ("category/", "path_reserved"),
        ("tag/news/", "path_reserved"),
        ("author/", "path_reserved"),
        ("page/2/", "path_reserved"),
        ("feed/", "path_reserved"),
        ("comments/post/1/", "path_reserved"),
        ("comments/", "path_reserved"),
        ("static/", "path_reserved"),
        ("2017/03/spasms/feed/", "path_reserved"),
        ("2017/03/spasms/comment-page-2/", "path_reserved"),
    ],
)
def test_impossible_paths_are_refused_with_the_reason(path, code):
    with pytest.raises(ValidationError) as error:
        validate_path(path)
    assert error.value.code == code


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("about", "about/"), ("/about/", "about/"), ("  a/b ", "a/b/"), ("/", ""), ("", "")],
)
def test_paths_are_stored_in_one_form(typed, stored):
    assert normalize_path(typed) == stored
