"""Each action of the procedure is carried by one module, which holds its form, service, letter and message."""

import ast
from functools import cache
from pathlib import Path

import pytest

from rules.procedure import TABLE

ROOT = Path(__file__).resolve().parents[2]
ACTIONS = sorted({step.action for step in TABLE})


@cache
def modules() -> list[Path]:
    return [
        path
        for app in ("repairs", "objections")
        for path in sorted((ROOT / "applications" / app).rglob("*.py"))
        if "migrations" not in path.parts
    ]


@cache
def actions_taken(path: Path) -> set[str]:
    """The actions that a module opens the frame for."""
    return {
        keyword.value.value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("take", "take_together", "Handling")
        for keyword in node.keywords
        if keyword.arg == "action" and isinstance(keyword.value, ast.Constant)
    }


def constants(path: Path) -> set[str]:
    """The names that a module gives a non-empty text, marked for translation."""
    return {
        target.id
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and "gettext_lazy" in path.read_text()
        and any(isinstance(text, ast.Constant) and text.value for text in node.value.args)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


@pytest.mark.parametrize("action", ACTIONS)
def test_one_module_bears_the_action_s_name_and_takes_it(action):
    (path,) = [path for path in modules() if action in actions_taken(path)]
    assert path.parent.name == "steps" and path.stem.rstrip("_") == action
    assert actions_taken(path) == {action}


@pytest.mark.parametrize("action", ACTIONS)
def test_a_step_that_tells_the_applicant_has_its_message(action):
    (path,) = [path for path in modules() if action in actions_taken(path)]
    tells = any(step.tells for step in TABLE if step.action == action)
    assert ("MESSAGE" in constants(path)) is tells
