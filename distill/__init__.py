"""The recipe of the pocket pair: how `bert-pocket` and `distilbert-pocket` were made."""
