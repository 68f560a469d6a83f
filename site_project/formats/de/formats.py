"""How German times read here: without a leading nought, “20. März 2017 um 7:31 Uhr”."""

TIME_FORMAT = "G:i"
DATETIME_FORMAT = "j. F Y, G:i"
