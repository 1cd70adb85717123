"""Texts in cells that leave: never a formula, and back again as they were."""

from hypothesis import given
from hypothesis import strategies as st

from cases.escapes import harmless, one_line, restored
from cases.tables.cells import clean

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="⏎")) | st.text(
    "'=+-@＝＋－＠ \u3000\nあ", max_size=8
)


@given(TEXTS)
def test_no_text_that_leaves_begins_like_a_formula(text):
    assert not harmless(one_line(text)).lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert "\n" not in one_line(text)


@given(TEXTS)
def test_a_text_comes_back_as_it_was_even_when_a_reader_trims_it(text):
    assert restored(harmless(one_line(text))) == text
    assert clean(restored(clean(harmless(one_line(text))))) == clean(text)
