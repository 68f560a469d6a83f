"""How well the judge knows spam on its first day, on comments from sources it was not fitted on.

    .venv/bin/pip install -r requirements-bench.txt
    .venv/bin/python benchmarks/cold_start.py ../shared/corpus/spam/*.jsonl

Each source is left out whole, in turn: the table of common words, the words and the weights of the rules are
fitted anew on the others, and judge the one left out. A source with much of the spam is divided by campaign
(comments that lead to the same sites, or share eight words in a row), never by row. Beside it, on the same
division, stand what a library makes of words and letters, with the extra files and without them, and the
number of links.

The fit is that of `fit_rules`, but the minimum is found by scikit-learn: it is the same one, since there is
only one, and it is found in seconds.
"""

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_project.settings")
os.environ.setdefault("SECRET_KEY", "for a benchmark only, with nothing to keep secret")

import django

django.setup()

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB

from comments import fitting, metrics, training
from comments.moderation import words as word_module
from comments.moderation.pipeline import HOLD_AT, SPAM_AT
from comments.moderation.rules import RULES
from comments.moderation.weights import DEFAULT
from comments.rehearsal import in_time_order, witness


def solver(examples, *, penalties):
    """Find the minimum that ``moderation.logistic.fit`` finds."""
    lengths = [len(example.features) for example in examples]
    columns = np.fromiter(
        (column for example in examples for column, _value in example.features), dtype=np.int64
    )
    values = np.fromiter((value for example in examples for _column, value in example.features), dtype=float)
    scale = 1 / np.sqrt(np.asarray(penalties))
    matrix = csr_matrix(
        (values * scale[columns], columns, np.concatenate([[0], np.cumsum(lengths)])),
        shape=(len(examples), len(penalties)),
    )
    targets = np.array([example.is_spam for example in examples])
    counts = np.array([example.weight for example in examples])
    offsets = np.array([example.offset for example in examples])
    if offsets.any():
        return _newton(matrix, targets, counts, offsets, scale)
    model = LogisticRegression(C=1, solver="liblinear", intercept_scaling=30).fit(
        matrix, targets, sample_weight=counts
    )
    return float(model.intercept_[0]), list(model.coef_[0] * scale)


def _newton(matrix, targets, counts, offsets, scale):
    """Newton's method, for few columns; scikit-learn knows no offsets."""
    full = hstack([csr_matrix(np.ones((matrix.shape[0], 1))), matrix]).tocsr()
    penalty = np.diag([1e-9] + [1.0] * matrix.shape[1])
    found = np.zeros(full.shape[1])
    for _round in range(50):
        likely = 1 / (1 + np.exp(-np.clip(full @ found + offsets, -35, 35)))
        slope = full.T @ (counts * (likely - targets)) + penalty @ found
        bend = (full.T.multiply(counts * likely * (1 - likely)) @ full).toarray() + penalty
        step = np.linalg.solve(bend, slope)
        found -= step
        if np.abs(step).max() < 1e-6:
            break
    return float(found[0]), list(found[1:] * scale)


def read(files):
    """Return every row with the facts on it, each file played as a site of its own."""
    found = []
    for file in files:
        rows = list(training.rows_of(file, print))
        with file.open("rb") as stream:
            found += [(file.stem, row, facts) for row, facts in witness(stream, in_time_order(rows))]
    return found


def divide(read_rows, count, extra, *, whole):
    """Number the part each row is left out with: whole sources, put together to parts of like size."""
    marks = [(stem, row.label == "spam", training.campaign_marks(facts)) for stem, row, facts in read_rows]
    groups = [stem for stem, _is_spam, _found in marks] if whole else training.divide(marks)
    part = training.spread(Counter(group for group in groups if group not in extra), count)
    return groups, [part.get(group, -1) for group in groups]


def ours(read_rows, groups, parts, part):
    """Return the log odds in decibans of every row of a part, by a judge fitted on all other parts."""
    train = [number for number, name in enumerate(parts) if name != part]
    test = [number for number, name in enumerate(parts) if name == part]
    background = fitting.count_words(training.texts_of([read_rows[number][1] for number in train]))
    prepared = [
        fitting.prepare(
            read_rows[n][2], is_spam=read_rows[n][1].label == "spam", group=groups[n], background=background
        )
        for n in train
    ]
    model, weights = fitting.fit_all(prepared, background, DEFAULT, solver=solver)
    return test, [log_odds(read_rows[number][2], model, weights) for number in test]


def log_odds(facts, model, weights):
    background = replace(
        model.background, site_counts=facts.background.site_counts, site_texts=facts.background.site_texts
    )
    writing = word_module.Writing(facts.author_name, facts.author_url, facts.text, facts.links)
    facts = replace(facts, background=background, words=model.opinion(writing))
    weights = weights.within(facts)
    return weights.prior + sum(rule(facts, weights).points for rule in RULES)


def libraries(read_rows, parts, part):
    """Return what each baseline says of a part, fitted on all others: with the extra files, and without."""
    test = [number for number, name in enumerate(parts) if name == part]
    asked = [_said(read_rows[number][1]) for number in test]
    found = {"number of links": np.array([float(len(read_rows[n][2].links)) for n in test])}
    for extra, note in ((-1, ""), (part, ", with the extra files")):
        train = [number for number, name in enumerate(parts) if name not in (part, extra)]
        said = [_said(read_rows[number][1]) for number in train]
        spam = np.array([read_rows[number][1].label == "spam" for number in train])
        by_words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
        by_letters = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(3, 5), min_df=3, sublinear_tf=True, max_features=200_000
        )
        words, letters = by_words.fit_transform(said), by_letters.fit_transform(said)
        both = LogisticRegression(C=10, solver="liblinear").fit(hstack([words, letters]).tocsr(), spam)
        bayes = MultinomialNB(alpha=0.1).fit(words, spam)
        asked_words = by_words.transform(asked)
        asked_both = hstack([asked_words, by_letters.transform(asked)]).tocsr()
        found[f"logistic regression{note}"] = both.decision_function(asked_both)
        found[f"naive Bayes{note}"] = np.diff(bayes.predict_log_proba(asked_words), axis=1)[:, 0]
    return found


def _said(row):
    return " ".join((row.author, row.author_url, row.body))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument(
        "--not-blogs", default="tgspam,youtube-eminem,youtube-katyperry,youtube-lmfao,youtube-psy"
    )
    parser.add_argument(
        "--extra", type=Path, nargs="*", default=[], help="files that are fitted on and never judged"
    )
    parser.add_argument("--whole", action="store_true", help="leave out large sources whole, too")
    parser.add_argument("--parts", type=int, default=8, help="into which the sources are put")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    started = time.perf_counter()
    rows = read([*options.files, *options.extra])
    extra = {file.stem for file in options.extra}
    groups, parts = divide(rows, options.parts, extra, whole=options.whole)
    print(f"{len(rows):,} comments read in {time.perf_counter() - started:.0f} s", flush=True)
    scores = defaultdict(lambda: np.full(len(rows), np.nan))

    # Forked, so that all comments are there already; the library's own threads are off.
    with multiprocessing.get_context("fork").Pool(
        os.cpu_count(), initializer=_share, initargs=(rows, groups, parts)
    ) as pool:
        for test, found in pool.imap_unordered(_judge_part, range(options.parts)):
            for name, said in found.items():
                scores[name][test] = said
            print(f"{len(test)} comments judged after {time.perf_counter() - started:.0f} s", flush=True)
    report(rows, scores, set(options.not_blogs.split(",")), extra, options.json)


_shared = ()


def _share(*everything):
    global _shared
    _shared = everything


def _judge_part(part):
    rows, groups, parts = _shared
    test, found = ours(rows, groups, parts, part)
    return test, {"ours": found} | libraries(rows, parts, part)


def report(rows, scores, not_blogs, extra, path):
    spam = np.array([row.label == "spam" for _stem, row, _facts in rows])
    stems = np.array([stem for stem, _row, _facts in rows])
    judged = ~np.isin(stems, list(extra))
    blogs = judged & ~np.isin(stems, list(not_blogs))
    found = {}
    for label, mask in (
        ("all", judged),
        ("blogs", blogs),
        *((stem, stems == stem) for stem in sorted(set(stems) - extra)),
    ):
        if spam[mask].all() or not spam[mask].any():
            continue
        print(f"\n{label}: {(~spam & mask).sum()} good, {(spam & mask).sum()} spam")
        for name, said in scores.items():
            good, bad = said[mask & ~spam].tolist(), said[mask & spam].tolist()
            found.setdefault(label, {})[name] = figures = measure(good, bad)
            if name == "ours":
                figures |= decided(good, bad)
            print(f"  {name:40}", "  ".join(f"{key} {value:.3f}" for key, value in figures.items()))
        if label in ("all", "blogs"):
            reliability(scores["ours"][mask & ~spam], scores["ours"][mask & spam])
    if path:
        path.write_text(json.dumps(found, indent=1))


def measure(good, bad):
    return {
        "AUC": metrics.auc(good, bad),
        "recall@0.5%": metrics.recall_at(good, bad, 0.005),
        "recall@0.1%": metrics.recall_at(good, bad, 0.001),
    }


def decided(good, bad):
    """Return what a threshold makes of log odds in decibans, and how far the probabilities are right."""
    bins = metrics.calibration(likely(good), likely(bad))
    return {
        "ECE": metrics.expected_calibration_error(bins),
        "good in spam": sum(value >= SPAM_AT for value in good) / len(good),
        "good published": sum(value < HOLD_AT for value in good) / len(good),
        "spam published": sum(value < HOLD_AT for value in bad) / len(bad),
        "spam in spam": sum(value >= SPAM_AT for value in bad) / len(bad),
    }


def reliability(good, bad):
    print("  said to be spam, and were: ", end="")
    for each in metrics.calibration(likely(good), likely(bad)):
        if each.count:
            print(f"{each.predicted:.0%} {each.observed:.0%} ({each.count:,}); ", end="")
    print()


def likely(odds):
    return [1 / (1 + 10 ** (-value / 10)) for value in odds]


if __name__ == "__main__":
    main()
