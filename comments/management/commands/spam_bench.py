import json
from collections import Counter
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from statistics import median

from django.core.management.base import BaseCommand, CommandError

from articles.text import clean_line
from comments.archive import BrokenRow, read_rows
from comments.metrics import (
    accuracy,
    auc,
    auc_interval,
    calibration,
    expected_calibration_error,
    percentile,
    recall_at,
    recall_at_interval,
)
from comments.moderation.pipeline import POLICIES
from comments.moderation.types import Outcome
from comments.rehearsal import in_time_order, play

FALSE_ALARMS = (0.005, 0.001)
# After so many decisions the next window of the curve begins.
MARKS = (10, 50, 200, 1_000)
# Sources and languages shown; --json has all of them.
LONGEST_TABLE = 30


class Command(BaseCommand):
    help = (
        "Measure the filter on labelled comments: one JSON object a line, as docs/moderation.md describes. "
        "Each file is played in time order on an empty site of its own, in memory; this site's database is "
        "neither read nor written."
    )

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", metavar="FILE", help="labelled comments, as JSON Lines")
        parser.add_argument(
            "--learn",
            action="store_true",
            help="play each file once more, with an editor who decides on each comment after it was judged",
        )
        parser.add_argument("--json", metavar="FILE", help="write all figures there too")

    def handle(self, *, files, learn, **options):
        for file in files:
            with self.open(file) as stream:
                if not stream.seekable():
                    raise CommandError(f"{file} is no ordinary file. It is read twice, so store it first.")
        self.read = Counter()
        cold, learned = {}, {}
        for file in files:
            with self.open(file) as stream:
                moments = self.moments_of(file, stream)
                cold[file] = play(stream, moments, learn=False)
                if learn:
                    learned[file] = play(stream, moments, learn=True)
            self.stdout.write(f"{file}: {len(moments):,} comments judged")
            self.stdout.flush()
        report = {"rows": self.read["rows"], "broken": self.read["broken"]}
        report |= measure(cold)
        if learn:
            report["learning"] = learning_curve(cold, learned)
        if options["json"]:
            self.write_json(options["json"], report)
        self.stdout.write("\n" + "\n".join(as_text(report)))

    def open(self, file):
        try:
            return Path(file).open("rb")
        except OSError as error:
            raise CommandError(f"{file} can't be read: {error.strerror}.") from error

    def moments_of(self, file, stream):
        """Read a file through once; count its rows, and name the broken ones."""

        def good_rows():
            for row in read_rows(stream, labelled=True):
                self.read["rows"] += 1
                if isinstance(row, BrokenRow):
                    self.read["broken"] += 1
                    self.stderr.write(f"{file}, {row}")
                else:
                    yield row

        return in_time_order(good_rows())

    def write_json(self, file, report):
        try:
            Path(file).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{file} can't be written: {error.strerror}.") from error


# The figures


def measure(judged_in):
    """Return all figures for the comments of all files, and for each source and language."""
    every = [each for judged in judged_in.values() for each in judged]
    sources = [name for file, judged in judged_in.items() for name in source_names(file, judged)]
    return summary(every) | {
        "by_source": by_group(every, sources),
        "by_language": by_group(every, [each.language for each in every]),
    }


def source_names(file, judged):
    """Name the source of each comment: the file, unless its rows name several."""
    names = {each.source for each in judged}
    stem = clean_line(Path(file).stem)
    return [each.source or stem if len(names) > 1 else stem for each in judged]


def by_group(judged, names):
    """Return a summary for each group, the largest first."""
    pairs = sorted(zip(names, judged, strict=True), key=lambda pair: pair[0])
    groups = {
        name: summary([each for _name, each in group]) for name, group in groupby(pairs, lambda pair: pair[0])
    }
    return dict(sorted(groups.items(), key=lambda item: -item[1]["comments"]))


def summary(judged):
    ham, spam = probabilities(judged)
    bins = calibration(ham, spam)
    times = [each.cpu_ms for each in judged]
    return {
        "comments": len(judged),
        "ham": len(ham),
        "spam": len(spam),
        "at_spam_threshold": asdict(agreement(judged, lambda each: Outcome.SPAM in each.outcomes)),
        "at_half": asdict(agreement(judged, lambda each: each.probability >= 0.5)),
        "auc": auc(ham, spam),
        "auc_interval": auc_interval(ham, spam),
        "recall_at": {str(share): recall_at(ham, spam, share) for share in FALSE_ALARMS},
        "recall_at_interval": {str(share): recall_at_interval(ham, spam, share) for share in FALSE_ALARMS},
        "calibration": [asdict(each) for each in bins],
        "expected_calibration_error": expected_calibration_error(bins),
        "outcomes": outcomes(judged),
        "cpu_ms": {"median": median(times), "p99": percentile(times, 0.99)} if times else None,
    }


def probabilities(judged):
    """Return what good comments and what spam were given."""
    return (
        [each.probability for each in judged if not each.is_spam],
        [each.probability for each in judged if each.is_spam],
    )


def agreement(judged, is_called_spam):
    counts = Counter((each.is_spam, is_called_spam(each)) for each in judged)
    return accuracy(hits=counts[True, True], false_alarms=counts[False, True], misses=counts[True, False])


def outcomes(judged):
    """Count for each policy what became of good comments and of spam."""
    counts = Counter(
        (policy, each.is_spam, outcome)
        for each in judged
        for policy, outcome in zip(POLICIES, each.outcomes, strict=True)
    )
    return {
        policy: {
            label: {outcome.value: counts[policy, is_spam, outcome] for outcome in Outcome}
            for label, is_spam in (("ham", False), ("spam", True))
        }
        for policy in POLICIES
    }


def learning_curve(cold_in, learned_in):
    """Set side by side what a judge said that learned from each decision, and one that learned nothing.

    By how many decisions had been taken in the same file before; of all files, and of each.
    """
    return {
        "windows": windows(cold_in, learned_in),
        "by_file": {file: windows({file: cold_in[file]}, {file: learned_in[file]}) for file in cold_in},
    }


def windows(cold_in, learned_in):
    found = []
    for first, end in [*zip((0, *MARKS), (*MARKS, None), strict=True), (0, None)]:
        cold = [each for judged in cold_in.values() for each in judged[first:end]]
        learned = [each for judged in learned_in.values() for each in judged[first:end]]
        ham, spam = probabilities(cold)
        if cold:
            found.append(
                {
                    "from": first,
                    "to": end,
                    "ham": len(ham),
                    "spam": len(spam),
                    "cold": point(cold),
                    "learned": point(learned),
                }
            )
    return found


def point(judged):
    """Return the figures of one point of the curve."""
    ham, spam = probabilities(judged)
    counts = outcomes(judged)["clean"]
    return {
        "auc": auc(ham, spam),
        "recall_at": {str(share): recall_at(ham, spam, share) for share in FALSE_ALARMS},
        "ham_to_spam": ratio(counts["ham"]["spam"], len(ham)),
        "spam_to_publish": ratio(counts["spam"]["publish"], len(spam)),
    }


def ratio(part, whole):
    return part / whole if whole else None


# The same in words, 100 columns wide


def as_text(report):
    yield f"{report['rows']:,} rows read, {report['broken']:,} of them broken."
    yield f"{report['comments']:,} comments judged: {report['ham']:,} good ones, {report['spam']:,} spam."
    if not report["comments"]:
        return
    yield from overall(report)
    yield from calibration_table(report)
    yield from outcome_table(report)
    yield from LEGEND.splitlines()
    yield from group_table("Source", report["by_source"])
    yield from group_table("Language", report["by_language"])
    if "learning" in report:
        yield from learning_table(report["learning"])


def overall(report):
    yield ""
    yield from table(
        ["Called spam", "precision", "recall", "F1"],
        [
            [title, *(percent(report[name][figure]) for figure in ("precision", "recall", "f1"))]
            for title, name in (
                ("from the spam threshold on", "at_spam_threshold"),
                ("from a probability of 0.5 on", "at_half"),
            )
        ],
    )
    yield ""
    yield from table(
        ["Ranking", "", "95 % interval"],
        [
            ["ROC AUC", decimal(report["auc"]), interval(report["auc_interval"], decimal)],
            *(
                [
                    f"recall at {share:.1%} false alarms",
                    percent(report["recall_at"][str(share)]),
                    interval(report["recall_at_interval"][str(share)], percent),
                ]
                for share in FALSE_ALARMS
            ),
        ],
    )
    yield ""
    times = report["cpu_ms"]
    yield (
        f"Processor time a comment, facts and judging: median {times['median']:.2f} ms, "
        f"99th percentile {times['p99']:.2f} ms."
    )


def calibration_table(report):
    yield ""
    yield from table(
        ["Said to be spam", "on average", "was spam", "comments"],
        [
            [
                f"{each['low']:.0%} to {each['high']:.0%}",
                percent(each["predicted"]),
                percent(each["observed"]),
                f"{each['count']:,}",
            ]
            for each in report["calibration"]
        ],
    )
    yield f"Expected calibration error: {decimal(report['expected_calibration_error'])}"


def outcome_table(report):
    rows = []
    for policy, labels in report["outcomes"].items():
        for label, counts in labels.items():
            cells = [f"{count:,} ({percent(ratio(count, report[label]))})" for count in counts.values()]
            rows.append([f"{policy}: {'good ones' if label == 'ham' else 'spam'}", *cells])
    yield ""
    yield from table(["Policy", "published", "held", "spam"], rows)


LEGEND = """
By source and by language, in %. rec.5, rec.1: recall at 0.5 % and at 0.1 % false alarms; F1: from a
probability of 0.5 on; ECE: expected calibration error; h>spam, h>publ, s>publ: good comments that
become spam, good comments and spam that are published, under “clean”; ms: processor time, median."""


def group_table(title, groups):
    heads = ["ham", "spam", "AUC", "rec.5", "rec.1", "F1", "ECE", "h>spam", "h>publ", "s>publ", "ms"]
    rows = []
    for name, each in list(groups.items())[:LONGEST_TABLE]:
        clean = each["outcomes"]["clean"]
        rows.append(
            [
                shortened(name),
                f"{each['ham']:,}",
                f"{each['spam']:,}",
                percent(each["auc"]),
                *(percent(each["recall_at"][str(share)]) for share in FALSE_ALARMS),
                percent(each["at_half"]["f1"]),
                percent(each["expected_calibration_error"]),
                percent(ratio(clean["ham"]["spam"], each["ham"])),
                percent(ratio(clean["ham"]["publish"], each["ham"])),
                percent(ratio(clean["spam"]["publish"], each["spam"])),
                f"{each['cpu_ms']['median']:.1f}",
            ]
        )
    yield ""
    yield from table([title, *heads], rows)
    if len(groups) > LONGEST_TABLE:
        yield f"and {len(groups) - LONGEST_TABLE:,} more"


LEARNING_LEGEND = """
With an editor who decides on each comment after it was judged. Decisions: how many had been taken
before. In each pair of columns the first is cold: the same comments, and no decision ever taken."""


def learning_table(learning):
    yield from LEARNING_LEGEND.splitlines()
    yield ""
    rows = []
    for window in learning["windows"]:
        cells = [window_name(window), f"{window['ham']:,}", f"{window['spam']:,}"]
        for figure in ("recall_at", "auc", "ham_to_spam", "spam_to_publish"):
            for side in ("cold", "learned"):
                value = window[side][figure]
                cells.append(percent(value[str(FALSE_ALARMS[0])] if figure == "recall_at" else value))
        rows.append(cells)
    heads = [column for name in ("rec.5", "AUC", "h>spam", "s>publ") for column in (name, "learned")]
    yield from table(["Decisions", "ham", "spam", *heads], rows)


def window_name(window):
    if window["to"]:
        return f"{window['from']:,} to {window['to'] - 1:,}"
    return f"from {window['from']:,}" if window["from"] else "all"


def table(heads, rows):
    """Yield the lines of a table; the first column stands left, the others right."""
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(len(heads))]
    for row in [heads, *rows]:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        yield "  ".join(cells).rstrip()


def shortened(name):
    """Keep the end of a long name, which tells it from its neighbours."""
    return name if len(name) <= 17 else f"…{name[-16:]}"


def percent(share):
    return "–" if share is None else f"{100 * share:.1f}"


def decimal(number):
    return "–" if number is None else f"{number:.4f}"


def interval(bounds, written):
    return "–" if bounds is None else f"{written(bounds[0])} to {written(bounds[1])}"
