"""What a person can mend, said in one sentence.

The English sentence, with its slots open, is also the key under which the app finds a translation.
"""


class Problem(ValueError):
    """sentence: a str.format template, filled with the slots for str()."""

    def __init__(self, sentence: str, **slots: object) -> None:
        super().__init__(sentence.format(**slots))
        self.sentence = sentence
        self.slots = slots

    def about(self, **slots: object) -> "Problem":
        """The same sentence with other values in some slots."""
        return type(self)(self.sentence, **self.slots | slots)
