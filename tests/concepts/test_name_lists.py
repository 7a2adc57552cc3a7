"""Names in files, as people have them."""

from pathlib import Path

import pytest

from uce_core.concepts.name_lists import names_in


@pytest.mark.parametrize(
    ("text", "names", "said"),
    [
        ("Claude Monet\nEdvard Munch\n", ("Claude Monet", "Edvard Munch"), "Read 2 names from {file}."),
        (
            "A.J.Casson \nAaron Douglas,actor \n\n# later\nAbbott Fuller Graves,realism,painter \n",
            ("A.J.Casson", "Aaron Douglas", "Abbott Fuller Graves"),
            "Read 3 names from {file} (2 empty or comment lines skipped, what follows a comma left out on 2 lines).",
        ),
        (
            "Kelly McKernan, Thomas Kinkade, Kilian Eng",
            ("Kelly McKernan", "Thomas Kinkade", "Kilian Eng"),
            "Read 3 names",
        ),
        ('"a cat, asleep"\n"a dog, awake", loud\n', ("a cat, asleep", "a dog, awake"), "Read 2 names"),
        ("\ufeffÉdouard Manet\r\nCamille Corot,,\r\n", ("Édouard Manet", "Camille Corot"), "Read 2 names from {file}."),
    ],
)
def test_lists_are_read_as_they_are_written(text: str, names: tuple[str, ...], said: str, tmp_path: Path) -> None:
    file = tmp_path / "names.txt"
    file.write_bytes(text.encode())
    found = names_in(file)
    assert found.names == names
    assert str(found).startswith(said.format(file=file))


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"\n# none\n", "no names in it"), (b"\xff\xfe\x00", "UTF-8"), (None, "There is no file")]
)
def test_files_without_names_are_refused(content: bytes | None, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "names.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ValueError, match=sentence):
        names_in(file)
