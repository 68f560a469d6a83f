"""How likely spam is, in words: what a card says of a comment, and by what the queue is filtered."""

from dataclasses import dataclass
from math import nextafter

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

# A quarter itself is not in doubt any more, three quarters neither.
QUARTER = nextafter(0.25, 1)
# More than any probability.
CERTAIN = 2.0


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Probabilities that are called alike: from ``least`` on, and less than ``below``."""

    label: str
    least: float
    below: float

    def condition(self):
        return Q(spam_probability__gte=self.least, spam_probability__lt=self.below)

    def doubt(self):
        """Return how far such a probability is from one half, at the least and at the most."""
        ends = sorted(abs(end - 0.5) for end in (self.least, self.below))
        return (0.0 if self.least < 0.5 < self.below else ends[0]), ends[1]


LIKELIHOODS = {
    "spam": Likelihood(_("almost certainly spam"), 0.99, CERTAIN),
    "probable": Likelihood(_("probably spam"), 0.75, 0.99),
    "either": Likelihood(_("could be either"), QUARTER, 0.75),
    "fine": Likelihood(_("probably fine"), 0.0, QUARTER),
}


def likelihood(probability):
    """Say in words how likely spam is. ``probability``: from 0 to 1."""
    return str(next(each.label for each in LIKELIHOODS.values() if probability >= each.least))
