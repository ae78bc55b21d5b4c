"""No answer, however large or dense, takes more than 64 MiB; measured in a fresh process.

`python -m tests.bench.memory` measures more of them.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.bench.memory import CASES, measured

MOST = 64
"""MiB by which a process may grow at its peak, over what it held before."""


def test_no_answer_takes_much_memory() -> None:
    cases = [case for case in CASES if case.quick]
    with ThreadPoolExecutor(2) as pool:
        figures = list(pool.map(measured, cases))
    grown = {case.name: figure for case, figure in zip(cases, figures, strict=True) if figure.grown > MOST}
    assert not grown
    assert any(figure.grown > 16 for figure in figures)  # so that something is measured at all
