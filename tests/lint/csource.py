# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the lints know of C: comments and strings, where a line is, which function it is in."""
import glob
import os
import re

_TOKEN = re.compile(
    r"//[^\n]*|/\*.*?\*/|(?P<text>\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')", re.S
)
# A definition as .clang-format lays it out: everything from the start of a line to its brace on one of its own.
_FUNCTION = re.compile(r"^[A-Za-z_][^;{}]*^\{", re.M)
_ATTRIBUTE = re.compile(r"__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)")


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


def without_comments(text):
    return _TOKEN.sub(lambda m: m.group() if m.group("text") else _blank(m.group()), text)


def only_code(text):
    """Comments are blank, and so is what stands between quotes; every line keeps its number."""

    def replace(m):
        found = m.group("text")
        return found[0] + _blank(found[1:-1]) + found[0] if found else _blank(m.group())

    return _TOKEN.sub(replace, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def function_at(text, offset):
    """The function that @offset lies in, or "" above the first."""
    name = ""
    for found in _FUNCTION.finditer(text):
        if found.start() > offset:
            break
        name = re.search(r"(\w+)\s*\(|$", _ATTRIBUTE.sub("", found.group())).group(1) or ""
    return name


def sources(root):
    """The project's own C files: the name below @root, and the text."""
    for path in sorted(glob.glob(os.path.join(glob.escape(root), "src", "**", "*.[ch]"), recursive=True)):
        with open(path, encoding="utf8") as file:
            yield os.path.relpath(path, root), file.read()
