"""What JSON columns hold comes back as it was, whichever module wrote it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.db import documents

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
    max_leaves=10,
)


@given(values)
def test_a_document_comes_back_as_it_was(document):
    assert documents.read(documents.write(document)) == document


@given(values)
def test_a_document_that_pythons_own_module_wrote_is_read(document):
    assert documents.read(json.dumps(document)) == document
    assert json.loads(documents.write(document)) == document


@pytest.mark.parametrize("document", ["\ud800", {"a": "x\udfff"}, {"\ud83d": 1}])
def test_what_only_pythons_own_module_knows_is_kept_too(document):
    assert documents.read(documents.write(document)) == document


def test_numbers_as_keys_become_text_as_ever():
    assert documents.read(documents.write({1: 2})) == {"1": 2}


def test_what_is_no_json_is_refused():
    with pytest.raises(ValueError, match="Expecting"):
        documents.read("{'a': 1}")
