#!/usr/bin/env python3
"""Nothing that a dialog is about stands in C: no word of a complaint, and no name that a dialog gave.

    no_subject.py BOT DIALOGS

Comments may give examples; bot/main.c names the folder of the dialog that is loaded by default.
"""
import glob, os, re, sys

import yaml

SUBJECTS = re.compile(r"(?<![a-z])(lips?|twitch\w*|droop\w*|hiccup\w*|flutter\w*|eyelids?|smiles?|stroke|caffeine|coffee|tea|alcohol|botox|magnesium|"
                      r"potassium|lithium|palsy|pregnan\w*|medicines?|diaphragm|heartburn)(?![a-z])", re.I)
FREE = {"main.c"}
NAMED = ("findings", "conditions", "triage", "causes", "remedies", "topics")


def without_comments(code):
    """Comments become spaces, so that lines keep their numbers; a // or /* inside a string is none."""
    token = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|//[^\n]*|/\*.*?\*/', re.S)
    blank = lambda m: re.sub(r"[^\n]", " ", m[0]) if m[0].startswith(("//", "/*")) else m[0]
    return token.sub(blank, code)


def names_of(dialogs):
    names = set()
    for path in glob.glob(os.path.join(dialogs, "*", "*.yaml")):
        with open(path, encoding="utf-8") as f:
            data = yaml.load(f, Loader=yaml.BaseLoader) or {}
        if os.path.basename(path).startswith(NAMED):
            names.update(data)
        if os.path.basename(path).startswith("dialog"):
            names.update(data.get("states", {}))
            names.update(data.get("screens", {}))
    return {name for name in names if re.search("[_0-9-]", name)}  # "hours" is a word of everybody's


def main():
    bot, dialogs = sys.argv[1:3]
    names = names_of(dialogs)
    files = [f for f in glob.glob(os.path.join(bot, "**", "*.[ch]"), recursive=True) if os.path.basename(f) not in FREE]
    assert len(files) > 50 and len(names) > 100, (len(files), len(names))
    bad = 0
    for path in sorted(files):
        with open(path, encoding="utf-8") as f:
            lines = without_comments(f.read()).split("\n")
        for number, line in enumerate(lines, 1):
            found = [m[0] for m in SUBJECTS.finditer(line)] + [s for s in re.findall(r'"([\w-]+)"', line) if s in names]
            for word in found:
                print(f"{path}:{number}: \"{word}\" belongs into a dialog's files: {line.strip()}")
                bad += 1
    print(f"{len(files)} files, {len(names)} names of dialogs, {bad} found")
    sys.exit(bad > 0)


main()
