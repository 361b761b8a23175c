#!/usr/bin/python3
"""How plain the bot's own words are: the Flesch-Kincaid grade of every message (Kincaid et al. 1975), the length of every sentence,
and one question a message.

    readability.py DIALOG_DIR ... [--verbose] [--max-median 6] [--max-any 8] [--max-words 20]

Terms that have to be said as they are (LEFT_OUT) count as words of two syllables. Fill-ins count as the word they usually become.
"""
import argparse, glob, os, re, statistics, sys

import yaml

# Names of things with no plainer word, which people know from the box, the news or the doctor; and names of services.
LEFT_OUT = set("""caffeine medicine medicines antidepressant antidepressants antipsychotic emergency magnesium potassium calcium hemifacial
botulinum multiple sclerosis parkinson parkinsons epilepsy samaritans vitamin diabetes insulin lithium digoxin dystonia paracetamol
ibuprofen amphetamine cocaine mdma thyroid parathyroid parathyroids electrolyte electrolytes seizure pregnant pregnancy bipolar
swallowing area energy usually hospital pharmacist ambulance alcohol decaf doctor doctors liquorice avocado avocados banana bananas
meditation yoga coffee stimulant surgery operation injection infection allergy allergic anaphylaxis serotonin syndrome neurologist
prescriber prescribed midwife reflux diuretic inhaler""".split())
FILL_INS = {"you": "you", "your": "your", "yours": "yours", "yourself": "yourself", "you_obj": "you", "You": "You", "Your": "Your"}

# Where wordings stand in the files: key -> what it is.
SPOKEN = {"ask", "again", "why", "say", "do", "about", "because"}


def syllables(word):
    word = re.sub(r"[^a-z]", "", word.lower())
    if not word:
        return 1
    if word in LEFT_OUT:
        return 2
    count = len(re.findall(r"[aeiouy]+", word))
    if word.endswith("e") and not word.endswith(("le", "ee", "ye")) and count > 1:
        count -= 1
    if word.endswith(("es", "ed")) and not word.endswith(("ted", "ded", "ses", "ces", "zes", "ges", "ches", "shes", "les", "ies", "ees")) and count > 1:
        count -= 1
    return max(count, 1)


def plain(text):
    text = re.sub(r"\{(\w+)\}", lambda m: FILL_INS.get(m.group(1), "it"), text)
    return re.sub(r"[*_]", "", text)


def sentences(text):
    """List items and lines count as sentences of their own; "e.g." does not end one."""
    out = []
    for line in plain(text).split("\n"):
        line = re.sub(r"^\s*-\s*", "", line)
        out += [s for s in re.split(r"(?<=[.!?:])\s+", line) if re.search(r"[A-Za-z]", s)]
    return out


def words(sentence):
    return re.findall(r"[A-Za-z][A-Za-z'’-]*|\d[\d.,]*", sentence)


def grade(text):
    parts = [words(s) for s in sentences(text)]
    parts = [p for p in parts if p]
    total = sum(map(len, parts))
    if total == 0:
        return 0.0
    return 0.39 * total / len(parts) + 11.8 * sum(syllables(w) for p in parts for w in p) / total - 15.59


def wordings(node, key, path):
    """Every text that is said, with its place in the file."""
    if isinstance(node, dict):
        for k, v in node.items():
            yield from wordings(v, k, f"{path}.{k}" if path else str(k))
    elif isinstance(node, list):
        for i, v in enumerate(node):
            yield from wordings(v, key, path)
    elif key in SPOKEN and isinstance(node, str):
        yield key, path, node


def read(folder):
    for file in sorted(glob.glob(os.path.join(folder, "*.yaml"))):
        base = os.path.basename(file)
        if base.startswith(("words", "sources", "places", "conditions")):
            continue
        # Every scalar is text, as in the loader.
        data = yaml.load(open(file, encoding="utf-8"), Loader=yaml.BaseLoader) or {}
        if base.startswith("says"):
            for name, text in data.items():
                for variant in text if isinstance(text, list) else [text]:
                    yield "say", f"{file}: {name}", variant
            continue
        for key, path, text in wordings(data, "", ""):
            if re.search(r"\.(say|ask)\.", path + ".") and not re.search(r"\b(say|ask)$", path):
                continue  # wordings of values, phrases of topics
            if base.startswith("topics") and key == "ask":
                continue  # the phrases that ask for it
            yield key, f"{file}: {path}", text


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("dialogs", nargs="+")
    p.add_argument("--verbose", action="store_true")
    p.add_argument("--max-median", type=float, default=6)
    p.add_argument("--max-any", type=float, default=8)
    p.add_argument("--max-words", type=int, default=20)
    a = p.parse_args()
    grades, bad = [], 0
    for folder in a.dialogs:
        for key, place, text in read(folder):
            total = sum(len(words(s)) for s in sentences(text))
            if total == 0:
                continue
            g = grade(text)
            long = [s for s in sentences(text) if len(words(s)) > a.max_words]
            questions = text.count("?")
            if total >= 8:
                grades.append(g)
            if total >= 8 and g > a.max_any:
                bad += 1
                print(f"{place}: grade {g:.1f}: {text}")
            for s in long:
                bad += 1
                print(f"{place}: a sentence of {len(words(s))} words: {s}")
            if key in ("ask", "again") and questions > 1:
                bad += 1
                print(f"{place}: {questions} questions: {text}")
    median = statistics.median(grades) if grades else 0
    print(f"{len(grades)} messages of 8 words or more: median grade {median:.1f}, highest {max(grades, default=0):.1f}; {bad} to mend")
    sys.exit(0 if bad == 0 and median <= a.max_median else 1)


if __name__ == "__main__":
    main()
