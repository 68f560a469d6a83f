import hashlib
import itertools
import json
import math
import tracemalloc
import zlib

import pytest

from comments.moderation import words as module
from comments.moderation.background import Background, number_of
from comments.moderation.words import (
    FILE_SIZE,
    LINKS_AT_MOST,
    MAGIC,
    TOKENS_VERSION,
    WORDS_AT_MOST,
    ModelError,
    Opinion,
    WordModel,
    Writing,
    heaviest,
    load,
    readable,
    save,
    site_features,
    tokens,
)

from .facts import background

NOTHING = Writing(author_name="", author_url="", text="", links=())
TABLE = background({"heat": (20, True), "ada": (30, False)})


def writing(text="", author_name="", author_url="", links=()):
    return Writing(author_name=author_name, author_url=author_url, text=text, links=links)


def model(weights, unit=0.5, **about):
    return WordModel(
        steps={number_of(name): steps for name, steps in weights.items()},
        unit=unit,
        background=TABLE,
        about=about,
    )


def kind(name):
    """Name the kind of a token: all of one kind together have the length one."""
    if name[0] in "~@":
        return {"~": "piece of a word", "@": "piece of a name"}[name[0]]
    if " " in name:
        return "pair"
    return "identity" if ":" in name or "/" in name else "word"


class TestTokens:
    def names(self, text="", **about):
        return set(tokens(writing(text, **about)))

    def test_comment_without_anything_has_none(self):
        assert tokens(NOTHING) == {}
        assert site_features(NOTHING) == {}

    def test_text_becomes_words_pairs_and_pieces(self):
        assert self.names("Heat, heat so") == {
            *("heat", "so", "heat heat", "heat so"),
            *("~ he", "~hea", "~eat", "~at ", "~ hea", "~heat", "~eat "),
            *("~ so", "~so ", "~ so "),
        }

    def test_who_writes_becomes_words_and_pieces_of_a_kind(self):
        found = self.names(
            author_name="Ada K",
            author_url="https://www.pills.example/buy",
            links=("https://pills.example/index.html",),
        )
        assert found == {
            *("name:ada", "name:k", "any:ada", "any:k"),
            *("site:pills.example", "site.:example", "site/pills", "site/example", "site/buy"),
            *("any:pills", "any:example", "any:buy"),
            *("link:pills.example", "link.:example", "link/pills", "link/example"),
            *("@ada ", "@da k", "@www.", "@ww.p", "@w.pi", "@.pil"),
            *("@pill", "@ills", "@lls.", "@ls.e", "@s.ex", "@.exa", "@exam", "@xamp", "@ampl", "@mple"),
        }

    def test_tokens_of_each_kind_have_the_length_one(self):
        found = tokens(writing("one two three", author_name="Ada Lovelace", author_url="https://a.example/"))
        kinds = {}
        for name, value in found.items():
            kinds.setdefault(kind(name), []).append(value)
        assert set(kinds) == {"word", "pair", "identity", "piece of a word", "piece of a name"}
        for values in kinds.values():
            assert math.hypot(*values) == pytest.approx(1)
            assert len(set(values)) == 1

    def test_piece_counts_once_for_each_different_word_that_has_it(self):
        """Heat and heal have 14 pieces, three of them in common; heat said again brings no more."""
        found = tokens(writing("heat heal heat"))
        pieces = {name: value for name, value in found.items() if name[0] == "~"}
        assert {name for name, value in pieces.items() if value == pytest.approx(2 / math.sqrt(14))} == {
            *("~ he", "~hea", "~ hea"),
        }
        assert {name for name, value in pieces.items() if value == pytest.approx(1 / math.sqrt(14))} == {
            *("~eat", "~at ", "~heat", "~eat "),
            *("~eal", "~al ", "~heal", "~eal "),
        }
        assert found["heat"] == found["heal"] == pytest.approx(1 / math.sqrt(2))

    def test_piece_counts_as_often_as_a_word_has_it(self):
        found = tokens(writing("papapa"))
        # Six of three signs with the borders, five of four.
        assert found["~pap"] == found["~apa"] == found["~papa"] == pytest.approx(2 / math.sqrt(11))
        assert found["~apap"] == found["~ pa"] == pytest.approx(1 / math.sqrt(11))

    def test_spelling_of_case_and_width_makes_no_difference(self):
        assert self.names("ＨＥＡＴ") == self.names("heat")

    def test_script_without_spaces_has_words_too(self):
        assert {"赌场", "场很", "赌场 场很"} <= self.names("赌场很")

    def test_what_is_read_has_an_end(self):
        long = " ".join(f"w{number}" for number in range(WORDS_AT_MOST + 1))
        links = tuple(f"https://h{number}x.example/" for number in range(LINKS_AT_MOST + 1))
        names = self.names(long, links=links, author_name="n" * 5000, author_url="https://" + "u" * 5000)
        assert f"w{WORDS_AT_MOST - 1}" in names and f"w{WORDS_AT_MOST}" not in names
        assert f"link:h{LINKS_AT_MOST - 1}x.example" in names
        assert f"link:h{LINKS_AT_MOST}x.example" not in names
        assert len(names) < 20_000

    def test_site_learns_whole_words_and_pieces_of_names(self):
        features = site_features(writing("heat heat it", author_name="Ada", links=("https://b.example/",)))
        assert {name for name in features if name[0] != "@"} == {
            *("heat", "it", "name:ada", "any:ada", "any:example"),
            *("link:b.example", "link.:example", "link/example"),
        }
        assert features["heat"] == features["it"] == pytest.approx(1 / math.sqrt(2))
        assert features["@b.ex"] == pytest.approx(1 / math.sqrt(6))

    def test_what_a_site_learns_has_the_values_of_the_base_model(self):
        comment = writing("heat heat it", author_name="Ada Lovelace", author_url="https://b.example/c")
        assert site_features(comment).items() <= tokens(comment).items()

    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            ("", ""),
            ("heat", "heat"),
            ("heat it", "heat it"),
            ("~hea", "…hea…"),
            ("~ he", "…he…"),
            ("@pill", "…pill…"),
            ("name:ada", "ada (name)"),
            ("any:ada", "ada (name or address)"),
            ("site:pills.example", "pills.example (website)"),
            ("site.:example", "example (website)"),
            ("site/buy", "buy (website)"),
            ("link:pills.example", "pills.example (link)"),
            ("link.:example", "example (link)"),
            ("link/buy", "buy (link)"),
        ],
    )
    def test_names_are_made_readable(self, name, shown):
        assert readable(name) == shown

    def test_every_token_is_readable(self):
        comment = writing(
            "heat don't 赌场很",
            author_name="Ada K",
            author_url="https://a.example/b",
            links=("https://c.example/",),
        )
        for name in tokens(comment):
            shown = readable(name)
            assert shown.isprintable()
            assert not shown.startswith(("~", "@"))
            assert not {"name:", "any:", "site:", "site/", "link:", "link/"} & {shown[:5], shown[:4]}

    @pytest.mark.parametrize("text", ["\ud800", "\x00", "\u202e", "👍", "a" * 65_000, "赌" * 65_000])
    def test_any_text_has_tokens_that_a_model_can_look_up(self, text):
        comment = writing(text, author_name=text[:100], author_url=text[:200], links=(text,))
        assert model({"heat": 1}).opinion(comment) == Opinion(0.0, ())
        assert all(isinstance(number_of(name), int) and value > 0 for name, value in tokens(comment).items())


class TestOpinion:
    def test_weights_times_values_are_added_and_credited(self):
        """Two words have the value 1/√2 each, and their 14 pieces 1/√14 each."""
        opinion = model({"casino": 20, "heat": -10, "~cas": 4}).opinion(writing("casino, heat"))
        casino, heat = 10 / math.sqrt(2) + 2 / math.sqrt(18), -5 / math.sqrt(2)
        assert opinion.points == pytest.approx(casino + heat)
        assert opinion.words == (("casino", pytest.approx(casino)), ("heat", pytest.approx(heat)))

    @pytest.mark.parametrize(
        "comment",
        [
            writing("heat heal heat, papapa so don't"),
            writing("赌场很好玩 casino été", author_name="Ada Lovelace"),
            writing(
                "x" * 100, author_url="https://www.pills.example/buy", links=("https://b.example/pills",)
            ),
            writing(" ".join(f"w{number}" for number in range(2 * WORDS_AT_MOST)), author_name="w1"),
            writing("", author_name="Ada", links=("https://b.example/",) * 30),
        ],
    )
    def test_points_are_the_sum_over_all_tokens(self, comment):
        """What the model is fitted on and what it is asked are the same."""
        found = tokens(comment)
        weights = dict(zip(sorted(found), itertools.cycle([7, -3, 0, 127, -127]), strict=False))
        opinion = model(weights).opinion(comment)
        assert opinion.points == pytest.approx(sum(weights[name] * 0.5 * found[name] for name in found))

    @pytest.mark.parametrize(
        ("token", "credit"),
        [
            ("heat", "heat"),
            ("heat it", "heat it"),
            ("~hea", "heat"),
            ("name:ada", "ada (name)"),
            ("any:ada", "ada (name)"),
            ("site:pills.example", "pills.example (website)"),
            ("site.:example", "pills.example (website)"),
            ("site/buy", "pills.example (website)"),
            ("any:buy", "pills.example (website)"),
            ("link:other.test", "other.test (link)"),
            ("link/casino", "other.test (link)"),
            ("@ada ", "ada k (name)"),
            ("@pill", "www.pills.example (address)"),
        ],
    )
    def test_token_credits_the_word_that_an_editor_knows(self, token, credit):
        comment = writing(
            "heat it",
            author_name="Ada K",
            author_url="https://www.pills.example/buy",
            links=("https://other.test/casino",),
        )
        opinion = model({token: 10}).opinion(comment)
        assert opinion.words == ((credit, pytest.approx(5 * tokens(comment)[token])),)

    def test_nothing_known_says_nothing(self):
        assert model({}).opinion(writing("casino")) == Opinion(0.0, ())

    def test_nothing_written_says_nothing(self):
        assert model({"casino": 20, "~": 1, "": 1}).opinion(NOTHING) == Opinion(0.0, ())

    def test_opinion_does_not_depend_on_what_was_asked_before(self):
        """The pieces of a word are added up once a process."""
        asked = model({"~cas": 4, "~hea": -6, "heat": 2})
        for text in ("casino", "heat casino", "heat", "casino casino heat"):
            assert asked.opinion(writing(text)) == model({"~cas": 4, "~hea": -6, "heat": 2}).opinion(
                writing(text)
            )

    def test_words_that_nobody_else_has_do_not_fill_the_memory(self, monkeypatch):
        monkeypatch.setattr(module, "KNOWN_AT_MOST", 3)
        asked = model({"~w19": 4})
        comment = writing(" ".join(f"w{number}" for number in range(20)))
        assert asked.opinion(comment) == model({"~w19": 4}).opinion(comment)
        assert len(asked.known) <= 3

    def test_models_with_the_same_weights_are_equal_whatever_they_were_asked(self):
        asked = model({"heat": 1})
        asked.opinion(writing("heat"))
        assert asked == model({"heat": 1})
        assert asked != model({"heat": 2})

    def test_heaviest_come_first_either_way(self):
        credits = {"a": 1.0, "b": -3.0, "c": 3.0, "d": 0.5}
        assert heaviest(credits, 3) == (("b", -3.0), ("c", 3.0), ("a", 1.0))
        assert len(heaviest({str(number): 1.0 for number in range(9)})) == 6


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "words.model"
    save(model({"casino": 127, "heat": -128, "ada": 1}, unit=0.123, comments=6765, source="tests"), path)
    return path


def rewritten(path, payload=None, **changes):
    """Change the description of a model, or its numbers, and sign it again: not damaged, but wrong."""
    line, _, old = path.read_bytes()[len(MAGIC) :].partition(b"\n")
    payload = old if payload is None else payload
    header = json.loads(line) | {"sha256": hashlib.sha256(payload).hexdigest()} | changes
    path.write_bytes(MAGIC + json.dumps(header).encode() + b"\n" + payload)


class TestFile:
    def test_model_comes_back_as_it_was_saved(self, path):
        found = load(path)
        assert found == model(
            {"casino": 127, "heat": -128, "ada": 1}, unit=0.123, comments=6765, source="tests"
        )
        assert found.steps == {number_of("casino"): 127, number_of("heat"): -128, number_of("ada"): 1}
        assert found.about == {"comments": 6765, "source": "tests"}
        assert (found.background.rarity("heat"), found.background.is_common("heat")) == (20.0, True)
        assert (found.background.rarity("ada"), found.background.is_common("ada")) == (30.0, False)

    def test_same_model_is_the_same_file(self, path, tmp_path):
        again = tmp_path / "again.model"
        save(load(path), again)
        assert again.read_bytes() == path.read_bytes()

    def test_empty_model_can_be_saved(self, tmp_path):
        save(model({}), tmp_path / "empty.model")
        assert load(tmp_path / "empty.model").opinion(writing("heat")) == Opinion(0.0, ())

    def test_model_of_another_order_is_the_same_file(self, path, tmp_path):
        again = tmp_path / "again.model"
        weights = {"ada": 1, "heat": -128, "casino": 127}
        save(model(weights, unit=0.123, comments=6765, source="tests"), again)
        assert again.read_bytes() == path.read_bytes()

    def test_model_without_a_table_of_words_can_be_saved(self, tmp_path):
        kept = WordModel(steps={7: 1}, unit=1.0, background=Background())
        save(kept, tmp_path / "bare.model")
        assert load(tmp_path / "bare.model") == kept

    def test_missing_file(self, tmp_path):
        with pytest.raises(ModelError, match=r"^The file none.model can't be read \(FileNotFoundError\)\.$"):
            load(tmp_path / "none.model")

    def test_folder(self, tmp_path):
        with pytest.raises(ModelError, match=r"can't be read \(IsADirectoryError\)"):
            load(tmp_path)

    @pytest.mark.parametrize(
        "content", [b"", b"PK\x03\x04", MAGIC[:-1], b"afterword words 2\n{}\n", b"\x00" * 999]
    )
    def test_file_that_is_not_ours(self, path, content):
        path.write_bytes(content)
        with pytest.raises(ModelError, match=r"^The file words.model is not a word model that this version"):
            load(path)

    @pytest.mark.parametrize(
        "line",
        [
            b"",
            b"\xff\xfe",
            b"{",
            b"[]",
            b"null",
            b"{}",
            b"[" * 100_000,
            b'{"tokens_version": ' + b"1" * 5000 + b"}",
        ],
    )
    def test_description_that_is_none(self, path, line):
        path.write_bytes(MAGIC + line + b"\n")
        with pytest.raises(ModelError, match=r"^The description at the top of words.model is damaged\.$"):
            load(path)

    @pytest.mark.parametrize(
        "changes",
        [
            {"unit": "much"},
            {"unit": None},
            {"unit": 10**400},
            {"tokens": "x"},
            {"tokens": math.inf},
            {"words": None},
            {"words": []},
            {"about": 7},
        ],
    )
    def test_description_with_a_field_of_another_kind(self, path, changes):
        rewritten(path, **changes)
        with pytest.raises(ModelError, match=r"^The description at the top of words.model is damaged\.$"):
            load(path)

    @pytest.mark.parametrize(
        "changes",
        [
            {"unit": math.nan},
            {"unit": math.inf},
            {"tokens": 4},
            {"tokens": -3},
            {"words": 0},
            {"words": 10**30},
            {"tokens": 5, "words": 0, "unit": 1},
            {"payload": b""},
            {"payload": b"no numbers"},
            {"payload": zlib.compress(b"")},
        ],
    )
    def test_description_that_does_not_fit_its_numbers(self, path, changes):
        rewritten(path, **changes)
        with pytest.raises(ModelError, match=r"^The description at the top of words.model does not fit"):
            load(path)

    @pytest.mark.parametrize("version", [TOKENS_VERSION - 1, TOKENS_VERSION + 1, "x", None])
    def test_other_version_of_the_tokens(self, path, version):
        rewritten(path, tokens_version=version)
        with pytest.raises(ModelError, match=rf"made for tokens {version}, not for {TOKENS_VERSION}\.$"):
            load(path)

    def test_file_cut_short_anywhere(self, path):
        content = path.read_bytes()
        for length in range(len(content)):
            path.write_bytes(content[:length])
            with pytest.raises(ModelError, match=r"not a word model|damaged|cut short"):
                load(path)

    def test_file_with_more_behind_it(self, path):
        path.write_bytes(path.read_bytes() + b"x")
        with pytest.raises(ModelError, match=r"^The file words.model is cut short or was changed\.$"):
            load(path)

    def test_one_changed_byte_of_the_numbers(self, path):
        content = path.read_bytes()
        first = content.index(b"\n", len(MAGIC)) + 1
        for at in range(first, len(content)):
            path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
            with pytest.raises(ModelError, match="cut short or was changed"):
                load(path)

    def test_huge_file_is_not_read_whole(self, path):
        with path.open("r+b") as file:
            file.truncate(10 * FILE_SIZE)
        tracemalloc.start()
        with pytest.raises(ModelError, match=r"^The file words.model is larger than \d+ bytes"):
            load(path)
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 3 * FILE_SIZE

    def test_small_file_does_not_unfold_to_a_huge_one(self, path):
        rewritten(path, payload=zlib.compress(b"\x00" * 200_000_000, 1))
        tracemalloc.start()
        with pytest.raises(ModelError, match="does not fit its numbers"):
            load(path)
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 20_000_000

    def test_promise_of_huge_numbers_is_not_believed(self, path):
        rewritten(path, payload=zlib.compress(b"\x00" * 50_000_000, 9), tokens=10_000_000, words=0)
        with pytest.raises(ModelError, match="does not fit its numbers"):
            load(path)

    def test_base_model_is_read_once(self, path, monkeypatch):
        monkeypatch.setattr(module, "MODEL_PATH", path)
        module.base_model.cache_clear()
        try:
            assert module.base_model() is module.base_model()
        finally:
            module.base_model.cache_clear()
