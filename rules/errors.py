"""The errors of the rules: each says in one Chinese sentence where the fault is and what was expected."""

from __future__ import annotations


class RulesError(ValueError):
    """Any refusal of the rules to work with what they were given."""


class InputError(RulesError):
    """A fact, date or option that cannot be used.

    `path` names the field ("obligations[0].fulfilled_on"); `expected` says what belongs there.
    """

    def __init__(self, path: str, expected: str) -> None:
        self.path = path
        self.expected = expected
        super().__init__(f"{path or '输入'}：{expected}。")

    def under(self, prefix: str) -> InputError:
        """The same fault, seen from an enclosing list or object."""
        joint = "" if not self.path or self.path.startswith("[") else "."
        return type(self)(f"{prefix}{joint}{self.path}", self.expected)


class NoPolicyError(InputError):
    """A date on which no adopted policy (or not the policy asked for) is in force."""


class PolicyFileError(RulesError):
    """A policy or overlay file that breaks a rule. `where` is the file, `key` the key or line in it."""

    def __init__(self, where: str, key: str, broken_rule: str) -> None:
        self.where = where
        self.key = key
        self.broken_rule = broken_rule
        super().__init__(f"{where}：{key}：{broken_rule}。" if key else f"{where}：{broken_rule}。")


class OverlayRefused(RulesError):
    """Implementing rules that would loosen the policy. `clause` is the clause that they would loosen."""

    def __init__(self, clause: str, why: str) -> None:
        self.clause = clause
        super().__init__(f"实施细则不得放宽{clause}：{why}。")
