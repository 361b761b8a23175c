#!/usr/bin/env python3
"""Finds the real words that a dialog would take for slips of its own words, for `harmless` in its words*.yaml.

    harmless.py --lippy build/release/lippy --dialog dialogs/lip-twitching WORDLIST ... > dialogs/lip-twitching/words-harmless.yaml

A word list has one word a line; Debian's package `scowl` has good ones (/usr/share/dict/scowl/english-words.35, american-words.35,
british-words.35 and their shorter kin). To be run again when a dialog has got many new words: the words of an old list that it still needs are
found again only if that list is out of the way, so the output file is left out of account by running on a copy of the dialog without it.
Of words that share a beginning of five letters and the same mending only the shortest is kept, since endings do not matter.
"""
import argparse, os, re, shutil, subprocess, sys, tempfile

HEAD = """# Real English words that are one or two keys away from a word of this dialog, and are never taken for a slip of it.
# Made by tests/tools/harmless.py from the word lists of the Debian package scowl, sizes 10 to 35.

harmless:
"""


def words_of(paths):
    seen = {}
    for path in paths:
        with open(path, encoding="latin-1") as f:
            for line in f:
                word = line.strip()
                if re.fullmatch("[a-z]{4,24}", word):
                    seen[word] = True
    return list(seen)


def mended(lippy, dialog, words, batch=150):
    """Each word that is mended, with what it is taken for."""
    found = {}
    for i in range(0, len(words), batch):
        text = ". ".join(words[i:i + batch])
        out = subprocess.run([lippy, "explain", "--dialog", dialog, text], capture_output=True, text=True, check=True).stdout
        line = next((l for l in out.splitlines() if l.startswith("words ")), "")
        for written, meant in re.findall(r"([a-z]+) ~> ([a-z]+)", line):
            found[written] = meant
    return found


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--lippy", default="build/release/lippy")
    p.add_argument("--dialog", default="dialogs/lip-twitching")
    p.add_argument("wordlists", nargs="+")
    args = p.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        own = os.path.normpath(args.dialog)
        shutil.copytree(os.path.dirname(own) or ".", os.path.join(folder, "all"),  # it may build on its neighbours
                        ignore=lambda at, names: ["words-harmless.yaml"] if os.path.normpath(at) == own else [])
        copy = os.path.join(folder, "all", os.path.basename(own))
        found = mended(args.lippy, copy, words_of(args.wordlists))
    kept = {}
    for word in sorted(found, key=lambda w: (len(w), w)):
        kept.setdefault((word[:5], found[word]), word)
    sys.stdout.write(HEAD)
    line = "  ["
    for i, word in enumerate(sorted(kept.values())):
        item = word + (", " if i + 1 < len(kept) else "]")
        if len(line) + len(item) > 140:
            sys.stdout.write(line.rstrip() + "\n")
            line = "   "
        line += item
    sys.stdout.write(line + "\n")


main()
