"""The judging of comments: plain Python over plain data, without Django, database, clock or network."""
