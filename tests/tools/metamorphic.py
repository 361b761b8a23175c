#!/usr/bin/env python3
"""Says the same thing in another dress and checks that the same is understood.

    metamorphic.py --bot "build/release/lippy explain --json" --utterances FILE.jsonl [--personas FILE.jsonl] [--min KIND=SHARE ...]

Each utterance and each persona's opening is changed in one way at a time: upper case, no punctuation, a filler word, one typo, curly quotes,
chatter before and after. The findings must be those of the unchanged message. Prints the share per kind; exit status 0 where every bound holds.
The changes are drawn with a fixed seed: two runs are the same.
"""
import argparse, json, random, re, shlex, subprocess, sys

# Words whose change changes the meaning, or that a list of answers is told apart by.
KEEP = set("""no not none never without nothing nobody neither nor isnt dont cant wont doesnt didnt yes yeah maybe only just except both all
""".split())


def upper(text, rng):
    return text.upper()


def no_punctuation(text, rng):
    """Full stops and commas go; what stands inside numbers and words stays."""
    return re.sub(r"(?<![0-9])[.,;:!](?=\s|$)|[?!]+$", "", text)


def filler(text, rng):
    words = text.split()
    return " ".join(words[:1] + ["um"] + words[1:]) if len(words) > 2 else None


def typo(text, rng):
    """Two neighbouring letters of a long word change places, or one is doubled or lost; never the first."""
    words = text.split()
    long = [i for i, w in enumerate(words) if w.isascii() and w.isalpha() and len(w) >= 7 and w.lower() not in KEEP and not w.isupper()]
    if not long:
        return None
    i = rng.choice(long)
    w, at = words[i], rng.randrange(2, len(words[i]) - 1)
    change = rng.randrange(3)
    words[i] = w[:at] + w[at + 1] + w[at] + w[at + 2:] if change == 0 else w[:at] + w[at] + w[at:] if change == 1 else w[:at] + w[at + 1:]
    return " ".join(words) if words[i] != w else None


def curly(text, rng):
    return text.replace("'", "\u2019") if "'" in text else None


def chatter_before(text, rng):
    return rng.choice(["ok so, ", "Hi there. ", "well, ", "thanks for asking. "]) + text


def chatter_after(text, rng):
    return text.rstrip() + rng.choice([". thanks a lot", " lol", ". sorry for the long message", " :)"])


KINDS = [upper, no_punctuation, filler, typo, curly, chatter_before, chatter_after]


def ask(command, rows):
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    run = subprocess.run(shlex.split(command), input=lines, capture_output=True, text=True, timeout=300)
    answers = [json.loads(line).get("findings", {}) for line in run.stdout.splitlines() if line.strip()]
    if len(answers) != len(rows):
        sys.exit(f"{len(rows)} messages sent, {len(answers)} answers read, exit status {run.returncode}")
    return answers


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bot", required=True)
    p.add_argument("--utterances", required=True)
    p.add_argument("--personas")
    p.add_argument("--verbose", action="store_true")
    p.add_argument("--min", action="append", default=[], metavar="KIND=SHARE", help="the least share of a kind; 'all' for each of them")
    a = p.parse_args()
    rows = [json.loads(line) for line in open(a.utterances, encoding="utf-8") if line.strip()]
    rows = [{"text": r["text"], "asked": r.get("asked", [])} for r in rows]
    if a.personas:
        rows += [{"text": json.loads(line)["opening"], "asked": []} for line in open(a.personas, encoding="utf-8") if line.strip()]
    plain = ask(a.bot, rows)
    shares = {}
    for kind in KINDS:
        rng = random.Random(1)
        changed = [(row, want, kind(row["text"], rng)) for row, want in zip(rows, plain)]
        changed = [(row, want, text) for row, want, text in changed if text and text != row["text"]]
        got = ask(a.bot, [{"text": text, "asked": row["asked"]} for row, _, text in changed])
        same = 0
        for (row, want, text), have in zip(changed, got):
            same += want == have
            if a.verbose and want != have:
                print(f"{kind.__name__}: {text!r} asked {row['asked']}: {have} where {row['text']!r} gives {want}")
        shares[kind.__name__] = same / max(1, len(changed))
        print(f"{kind.__name__:15} {same:4}/{len(changed):4}  {shares[kind.__name__]:.3f}")
    bounds = dict(b.split("=") for b in a.min)
    bad = [k for k, share in shares.items() if share < float(bounds.get(k, bounds.get("all", 0)))]
    sys.exit(f"below its bound: {', '.join(bad)}" if bad else 0)


if __name__ == "__main__":
    main()
