"""The protocol is pure: no Odoo, no clock, no sleep, no files, no log.

Time, waiting and stored things come from the caller, so every case can be played.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [path for path in sorted(ROOT.rglob("*.py")) if "tests" not in path.parts]

FOREIGN = {"odoo", "logging", "time", "pathlib", "os", "subprocess", "tempfile", "ksef"}
CLOCK = {"now", "utcnow", "today", "sleep", "localtime"}


def imported(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
class TestPurity:
    def test_imports(self, path):
        assert not imported(ast.parse(path.read_text())) & FOREIGN

    def test_no_clock_no_files_no_print(self, path):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Attribute):
                read = node.func.attr in CLOCK and "datetime" in ast.unparse(node.func)
                assert not read, f"line {node.lineno} reads the clock"
            elif isinstance(node.func, ast.Name):
                assert node.func.id not in {"open", "print"}, f"line {node.lineno}"

    def test_functions_are_short_and_annotated(self, path):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                where = f"{path.name}: {node.name}"
                assert node.returns or node.name == "__init__", where
                given = [*node.args.args, *node.args.kwonlyargs]
                named = [each for each in given if each.arg not in ("self", "cls")]
                assert all(each.annotation for each in named), where


def test_the_client_carries_bytes_and_knows_no_fa3():
    for path in SOURCES:
        if "fa3" not in path.parts:
            assert "fa3" not in path.read_text().replace("Fa3Error", ""), path
