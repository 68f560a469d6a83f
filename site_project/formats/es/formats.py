"""How Spanish times read here: without a leading nought, “20 de marzo de 2017 a las 7:31”."""

TIME_FORMAT = "G:i"
DATETIME_FORMAT = r"j \d\e F \d\e Y \a \l\a\s G:i"
