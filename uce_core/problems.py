"""What a person can fix, said in one sentence.

Each problem has an id, under which the app finds its sentence in other languages.
"""


class Problem(ValueError):
    """id: says in short what is wrong. sentence: a str.format template, filled with the slots for str()."""

    def __init__(self, id: str, sentence: str, /, **slots: object) -> None:
        super().__init__(sentence.format(**slots))
        self.id = id
        self.sentence = sentence
        self.slots = slots

    def about(self, **slots: object) -> "Problem":
        """The same sentence with other values in some slots."""
        return type(self)(self.id, self.sentence, **self.slots | slots)
