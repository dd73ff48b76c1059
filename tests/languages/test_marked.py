"""What people see is marked for translation: in templates, in the page's scripts, in Python."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.languages.po_files import ROOT
from tests.languages.spoken import LETTERS, Spoken

# --- Templates -----------------------------------------------------------------------------

MARKED = re.compile(r"{%\s*blocktranslate\b.*?{%\s*endblocktranslate\s*%}", re.DOTALL)
# A class of the body is no word of the page.
CLASSES = re.compile(r"{%\s*block (\w*class|coltype)\s*%}.*?{%\s*endblock.*?%}", re.DOTALL)
QUIET = re.compile(r"{#.*?#}|{%\s*comment.*?endcomment\s*%}|{%.*?%}|{{.*?}}", re.DOTALL)


@pytest.mark.parametrize(
    "path",
    [path for path in sorted((ROOT / "templates").rglob("*")) if path.is_file()],
    ids=lambda path: str(path.relative_to(ROOT / "templates")),
)
def test_a_template_says_nothing_unmarked(path: Path) -> None:
    html = path.read_text(encoding="utf-8")
    for silent in (MARKED, CLASSES, QUIET):
        html = silent.sub("", html)
    # The address in a letter: request.scheme and request.get_host went with the braces.
    assert [words for words in Spoken(html).words if words != "://"] == []


# --- The page's scripts -----------------------------------------------------------------------

COMMENT = re.compile(r"/\*.*?\*/|^\s*//.*?$|\s//\s.*?$", re.DOTALL | re.MULTILINE)
LITERAL = r'("(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`)'
TRANSLATED = re.compile(rf"\bn?gettext\(\s*{LITERAL}(?:,\s*{LITERAL})?", re.DOTALL)
FOR_DEVELOPERS = re.compile(rf"(?:new \w*Error|console\.\w+)\(\s*{LITERAL}")
SPOKEN_IN_SCRIPT = re.compile(
    rf"(?:textContent|title|placeholder|alt|ariaLabel|\"aria-label\")\s*[=:,]\s*{LITERAL}"
)
INSERTED = re.compile(r"\$\{[^}]*\}")


def _literals(script: str) -> tuple[list[str], list[str]]:
    """Return what is spoken for certain, and all else that reads like a sentence."""
    rest = FOR_DEVELOPERS.sub("", TRANSLATED.sub("", COMMENT.sub("", script)))
    spoken = SPOKEN_IN_SCRIPT.findall(rest)
    sentences = [
        text for text in re.findall(LITERAL, rest) if re.match(r".[A-Z][a-z]+ \w+.*[a-z.…?]", text)
    ]
    return spoken, sentences


@pytest.mark.parametrize(
    "path",
    sorted((ROOT / "chat/static/chat/js").rglob("*.js")),
    ids=lambda path: path.name,
)
def test_a_script_says_nothing_unmarked(path: Path) -> None:
    spoken, sentences = _literals(path.read_text(encoding="utf-8"))
    assert [text for text in spoken if LETTERS.search(INSERTED.sub("", text))] == []
    assert sentences == []


def test_the_finder_of_unmarked_words_finds_them() -> None:
    template = '<p title="A title">{{ x }} Words <kbd>Ctrl K</kbd>{% translate "Fine" %}</p>'
    assert Spoken(QUIET.sub("", template)).words == ["A title", "Words"]
    script = 'el.title = "A title"; make("p", {}, "Some words here"); gettext("It is fine");'
    assert _literals(script) == (['"A title"'], ['"Some words here"'])


# --- Python ----------------------------------------------------------------------------------

GETTEXT = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
SENTENCE = re.compile(r"[A-Z][a-z’']*( [\w’',;:“”%()-]+)+[.?!…]?")
# These speak to whoever runs or studies the site, and to nobody else.
BACKSTAGE = {"management", "migrations", "seeding", "wire_docs", "verifying.py", "metrics.py"}
# Said in a log or to a developer.
OTHER_EARS = {
    *("RuntimeError", "TypeError", "ValueError", "ImproperlyConfigured", "AssertionError"),
    "UnguardedWriteError",
}


class Unmarked(ast.NodeVisitor):
    """Collects sentences that are neither marked, nor docstrings, nor meant for developers."""

    def __init__(self, source: str) -> None:
        self.found: list[str] = []
        self.visit(ast.parse(source))

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        owner = getattr(getattr(node.func, "value", None), "id", "")
        if name not in GETTEXT | OTHER_EARS and owner != "logger":
            self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and SENTENCE.fullmatch(node.value):
            self.found.append(node.value)


def _speaking_modules() -> list[Path]:
    modules = sorted((ROOT / "chat").rglob("*.py"))
    return [path for path in modules if not BACKSTAGE & set(path.parts)]


@pytest.mark.parametrize("path", _speaking_modules(), ids=lambda path: path.name)
def test_a_module_says_nothing_unmarked(path: Path) -> None:
    assert Unmarked(path.read_text(encoding="utf-8")).found == []


def test_the_finder_of_unmarked_sentences_finds_them() -> None:
    source = 'def f():\n    """A docstring here."""\n    return _("It is marked."), "It is not."'
    assert Unmarked(source).found == ["It is not."]
