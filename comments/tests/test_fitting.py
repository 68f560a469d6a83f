"""The fit itself, on comments made of cases and tokens; no database, no files of real comments."""

import math

import pytest

from comments import fitting
from comments.fitting import (
    NOT_FITTED,
    OCCURRENCES,
    PIECE_OCCURRENCES,
    Prepared,
    TooFew,
    count_words,
    fit_all,
    fit_rules,
)
from comments.moderation import words
from comments.moderation.background import UNKNOWN, Background, number_of
from comments.moderation.pipeline import judge
from comments.moderation.rules import RULES
from comments.moderation.rules.learned import USUAL_SHARE
from comments.moderation.weights import SETTINGS, Weight, Weights, dump, load

from .moderation.facts import submission

NONE, MANY = "link_count.none", "link_count.many"
NO_GUESSES = Weights(table={})
NO_TABLE = Background()


def comment(is_spam, *, source="one", case=NONE, said=()):
    """A comment of one case and these tokens, each of value 1."""
    return Prepared(
        is_spam=is_spam, group=source, variants=(((case,), tuple((token, 1.0) for token in said)),)
    )


def weight_in(model, token):
    """The decibans of one token."""
    return model.steps.get(number_of(token), 0) * model.unit


def silent():
    """A base model that knows no word."""
    return fitting.as_model([], NO_TABLE, {})


def fit_words(prepared, background=NO_TABLE, **options):
    model, _weights = fit_all(prepared, background, NO_GUESSES, **options)
    return model


def linked(spam=(20, 5), good=(2, 38), source="one"):
    """Spam and good comments, many of them with and without many links."""
    return [
        comment(is_spam, source=source, case=case)
        for is_spam, counts in ((True, spam), (False, good))
        for case, count in zip((MANY, NONE), counts, strict=True)
        for _number in range(count)
    ]


# Words


def test_words_weigh_by_what_they_were_seen_on():
    prepared = [comment(True, said=["casino", "and"])] * 10 + [comment(False, said=["orchid", "and"])] * 10
    model = fit_words(prepared, NO_TABLE)
    assert weight_in(model, "casino") > 3
    assert weight_in(model, "orchid") < -3
    assert abs(weight_in(model, "and")) < 1
    assert weight_in(model, "never seen") == 0


def test_no_word_is_blamed_for_a_link():
    """What always comes with links gets its weight shared with them."""
    alone = [comment(True, said=["casino"])] * 10 + [comment(False)] * 10
    linked = [comment(True, case=MANY, said=["casino"])] * 10 + [comment(False)] * 10
    assert (
        0
        < weight_in(fit_words(linked, NO_TABLE), "casino")
        < weight_in(fit_words(alone, NO_TABLE), "casino") - 1
    )


@pytest.mark.parametrize(
    ("token", "enough"),
    [("casino", OCCURRENCES), ("~cas", PIECE_OCCURRENCES), ("@casi", PIECE_OCCURRENCES)],
)
def test_token_must_occur_often_enough(token, enough):
    def weight(count):
        rest = [comment(True, said=["x"])] * 5 + [comment(False)] * 10
        return weight_in(fit_words([comment(True, said=[token])] * count + rest, NO_TABLE), token)

    assert weight(enough - 1) == 0
    assert weight(enough) > 0


def test_comment_that_is_seen_twice_counts_once():
    once, other = comment(True, said=["casino"]), comment(False)
    twice = Prepared(True, "one", once.variants * 2)
    assert weight_in(fit_words([twice] * 5 + [other] * 5, NO_TABLE), "casino") == pytest.approx(
        weight_in(fit_words([once] * 5 + [other] * 5, NO_TABLE), "casino"), abs=0.1
    )


def test_model_is_the_same_after_it_was_written_and_read(tmp_path):
    prepared = [comment(True, said=["casino"])] * 10 + [comment(False, said=["orchid"])] * 10
    model = fit_words(prepared, count_words(["the heat", "the pad"]), about={"comments": 20})
    words.save(model, tmp_path / "own.model")
    again = words.load(tmp_path / "own.model")
    for token in ("casino", "orchid", "none"):
        assert weight_in(again, token) == weight_in(model, token)
    assert again.background.rarity("the") == model.background.rarity("the")
    assert again.about == {"comments": 20}


# Common words


def test_rarity_is_the_share_of_texts_with_a_word():
    table = count_words(["heat heat heat", "heat and rest", *["rest"] * 8])
    assert table.rarity("heat") == round(-10 * math.log10(2 / 10))
    assert table.rarity("rest") == round(-10 * math.log10(9 / 10))
    # Seen once is as good as not seen.
    assert table.rarity("and") == table.rarity("unheard") == UNKNOWN


def test_common_words_are_told_from_names_by_how_they_are_written():
    texts = ["Miriam likes insurance"] * 4 + ["Insurance, says Miriam"] + ["Rose grows a rose"] * 3
    table = count_words(texts)
    assert table.is_common("insurance")
    assert not table.is_common("miriam")
    assert not table.is_common("rose")
    # Three times at least, or it is chance.
    assert not count_words(["insurance"] * 2).is_common("insurance")


# Rules


def test_case_seen_on_spam_weighs_against_and_its_hit_rates_stand_beside():
    weights = fit_rules(linked(), NO_GUESSES, words=silent())
    many, none = weights.table["link_count"]["many"], weights.table["link_count"]["none"]
    assert many.points > 3 > 0 > none.points
    assert (many.spam, many.good) == (20 / 25, 2 / 40)
    assert (none.spam, none.good) == (5 / 25, 38 / 40)
    assert many.source == none.source == "fitted"


def test_mean_points_of_a_rule_over_the_comments_are_0():
    """So a rule that has to be silent says nothing by it."""
    prepared = [
        Prepared(one.is_spam, one.group, (((*one.variants[0][0], other), ()),))
        for number, one in enumerate(linked())
        for other in ["length.short" if number % 3 else "length.long"]
    ]
    weights = fit_rules(prepared, NO_GUESSES, words=silent())
    for rule in ("link_count", "length"):
        cases = [case for one in prepared for case in one.variants[0][0] if case.startswith(rule)]
        assert sum(weights.points(*case.split(".")) for case in cases) == pytest.approx(0, abs=1e-6)
        assert any(weights.points(*case.split(".")) for case in cases)


def test_prior_makes_the_probabilities_right_for_the_usual_share_of_spam():
    prepared = linked()
    weights = fit_rules(prepared, NO_GUESSES, words=silent())
    # From what is usual to the share among these comments, 25 of 65.
    here = 10 * math.log10(25 / 40 * (1 - USUAL_SHARE) / USUAL_SHARE)

    def probability(one):
        points = weights.prior + here + sum(weights.points(*case.split(".")) for case in one.variants[0][0])
        return 1 / (1 + 10 ** (-points / 10))

    assert sum(map(probability, prepared)) == pytest.approx(25, abs=0.1)
    assert weights.about["prior"] == round(weights.prior, 2)


def test_what_no_archive_can_tell_keeps_its_guess():
    guesses = Weights(
        table={
            "honeypot": {"filled": Weight(30.0)},
            "link_count": {"several": Weight(4.0), "many": Weight(-1.0), "two": Weight(9.0, source="fitted")},
            "akismet": {"spam": Weight(15.0)},
            "rule_of_long_ago": {"met": Weight(5.0)},
        }
    )
    weights = fit_rules(linked(), guesses, words=silent())
    assert weights.table["honeypot"] == guesses.table["honeypot"]
    assert weights.table["akismet"] == guesses.table["akismet"]
    assert "rule_of_long_ago" not in weights.table
    # Of a fitted rule: what was not seen keeps a guess, and nothing that was fitted on other comments.
    assert weights.table["link_count"]["several"] == Weight(4.0)
    assert weights.table["link_count"]["many"].source == "fitted"
    assert "two" not in weights.table["link_count"]


def test_rules_that_are_not_fitted_are_there():
    names = {rule.__name__ for rule in RULES} | {"akismet"}
    assert names >= NOT_FITTED


def test_weights_stand_in_the_order_of_the_rules_and_are_the_same_after_they_were_read(tmp_path):
    guesses = Weights(table={"honeypot": {"filled": Weight(30.0)}, "blocklist": {"hold": Weight(5.0)}})
    weights = fit_rules(linked(), guesses, words=silent(), about={"comments": 65})
    order = [rule.__name__ for rule in RULES if rule.__name__ in weights.table]
    assert list(weights.table) == order
    path = tmp_path / "own.toml"
    path.write_text(dump(weights), encoding="utf-8")
    again = load(path)
    assert list(again.table) == order
    for rule, cases in weights.table.items():
        for case, weight in cases.items():
            assert again.points(rule, case) == pytest.approx(weight.points, abs=0.006)
            assert again.table[rule][case].source == weight.source
    assert again.prior == pytest.approx(weights.prior, abs=0.006)
    assert again.about["comments"] == 65


# Words beside rules


def test_rules_are_fitted_beside_the_words_that_stand():
    """What the words tell already is not told again by a rule."""
    model = fitting.as_model([("casino", 3.0), ("orchid", -3.0)], NO_TABLE, {})

    def many(said):
        prepared = [
            comment(is_spam, case=MANY if is_spam else NONE, said=[said[is_spam]])
            for is_spam in (True, False)
            for _number in range(20)
        ]
        return fit_rules(prepared, NO_GUESSES, words=model).points("link_count", "many")

    assert 0 < many({True: "casino", False: "orchid"}) < many({True: "and", False: "and"}) - 1


def test_words_and_rules_of_one_fit_add_up():
    """The judge adds both, so together they must say no more than what was seen."""
    prepared = [comment(True, case=MANY, said=["casino"])] * 20 + [comment(False, said=["orchid"])] * 20
    model, weights = fit_all(prepared, NO_TABLE, NO_GUESSES)
    alone = fit_rules(prepared, NO_GUESSES, words=silent())
    assert 0 < weights.points("link_count", "many") < alone.points("link_count", "many")
    assert weight_in(model, "casino") > 0


@pytest.mark.parametrize("setting", list(SETTINGS))
def test_case_weighs_otherwise_in_a_setting(setting):
    """Many links say much on the whole, and nothing in this setting."""
    outside = linked(spam=(20, 5), good=(5, 20))
    inside = [
        Prepared(one.is_spam, one.group, (((case, f"{case}@{setting}"), ()),))
        for one in linked(spam=(13, 12), good=(12, 13))
        for case in one.variants[0][0]
    ]
    weights = fit_rules(outside + inside, NO_GUESSES, words=silent())
    many = weights.table["link_count"]["many"]
    assert many.points > 1
    assert abs(many.points + getattr(many, setting)) < many.points / 2
    assert weights.points_of(f"link_count.many@{setting}") == getattr(many, setting)
    # Hit rates count every comment once.
    assert many.spam == 33 / 50


@pytest.mark.parametrize("is_spam", [True, False])
def test_without_both_kinds_there_is_nothing_to_fit(is_spam):
    with pytest.raises(TooFew, match="both"):
        fit_rules([comment(is_spam)] * 9, NO_GUESSES, words=silent())


def test_without_any_comment_there_is_nothing_to_fit():
    with pytest.raises(TooFew):
        fit_rules([], NO_GUESSES, words=silent())


def test_judge_works_with_what_was_fitted():
    """The file of weights needs no more than the fit writes into it."""
    weights = fit_rules(linked(), NO_GUESSES, words=silent())
    rule = next(rule for rule in RULES if rule.__name__ == "link_count")
    found = {
        count: judge(
            submission(links=("https://a.example/",) * count),
            rules=[rule],
            weights=weights,
        ).points
        for count in (0, 12)
    }
    assert found[0] == weights.points("link_count", "none") < 0
    assert found[12] == weights.points("link_count", "many") > 0
