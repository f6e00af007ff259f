import ast
from pathlib import Path

from lxml import etree

from odoo.tests import TransactionCase, tagged

CONDITIONS = ("invisible", "readonly", "required", "column_invisible")
FOLDERS = ("views", "wizards")


@tagged("post_install", "-at_install")
class TestExpressions(TransactionCase):
    """The web client evaluates the conditions of views: it knows the operators of
    Python, of its methods only `context.get` (as Odoo's own views have it), and a form
    whose condition calls another does not open."""

    def test_conditions_call_no_methods(self):
        root = Path(__file__).resolve().parents[1]
        files = [path for folder in FOLDERS for path in (root / folder).glob("*.xml")]
        conditions = [
            (path.name, node.get(name))
            for path in files
            for node in etree.parse(str(path)).iter(etree.Element)
            for name in CONDITIONS
            if node.get(name)
        ]
        self.assertGreater(len(conditions), 100)
        for name, condition in conditions:
            with self.subTest(file=name, condition=condition):
                tree = ast.parse(condition.strip(), mode="eval")
                calls = [one for one in ast.walk(tree) if isinstance(one, ast.Call)]
                called = {ast.unparse(one.func) for one in calls}
                self.assertLessEqual(called, {"context.get"})
