#!/usr/bin/env python3
"""What the sentences of likes.yaml are worth: signs that no phrase heard, and questions about signs that nobody has.

    score_likes.py --bot "build/release/lippy explain --json --now ..." --likes dialogs/lip-twitching/likes.yaml
                   --utterances FILE [FILE ...] [--half even|odd] [--verbose] [--max-raised SHARE] [--max-wrong N]

Of the messages in which a sign is said but not heard: how many would be asked about it, and how many about another one. Without likes.yaml that
is none of them. Of the messages that tell of no sign: how many would be asked about one. Files are as score_utterances.py reads them.
"""
import argparse
import json
import re
import shlex
import subprocess
import sys

PRESENT = ("yes", "thoughts", "plan")


def signs_in(path):
    with open(path, encoding="utf-8") as file:
        return {m[1] for m in re.finditer(r"^([a-z_]+):", file.read(), re.M)} - {"nothing"}


def hear(command, rows):
    lines = [json.dumps({"text": row["text"], "asked": row.get("asked", [])}) for row in rows]
    run = subprocess.run(shlex.split(command), input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=300)
    replies = [json.loads(line) for line in run.stdout.splitlines()]
    if len(replies) != len(rows):
        sys.exit(f"{len(rows)} messages gave {len(replies)} answers\n{run.stderr}")
    return replies


def named(findings, signs, values):
    return {name for name, value in findings.items() if name in signs and value in values}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bot", required=True)
    parser.add_argument("--likes", required=True)
    parser.add_argument("--utterances", required=True, nargs="+")
    parser.add_argument("--half", choices=["even", "odd"], help="only every second line of each file, the first being odd")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--max-raised", type=float, default=1)
    parser.add_argument("--max-wrong", type=int, default=1 << 30)
    options = parser.parse_args()
    signs, rows = signs_in(options.likes), []
    for path in options.utterances:
        with open(path, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file if line.strip()]
        rows += lines if not options.half else lines[options.half == "even"::2]
    unheard = found = wrong = none = raised = 0
    for row, reply in zip(rows, hear(options.bot, rows)):
        missed = named(row["findings"], signs, PRESENT) - named(reply["findings"], signs, PRESENT + ("unsure",))
        asked_about = reply.get("sounds_like")
        if missed:
            unheard += 1
            found += asked_about in missed
            wrong += asked_about is not None and asked_about not in missed
        elif not named(row["findings"], signs, PRESENT + ("unsure",)):
            none += 1
            raised += asked_about is not None
        else:
            continue
        if options.verbose and (missed or asked_about):
            print(f"{row['id']} \"{row['text']}\": {', '.join(sorted(missed)) or 'no sign'}; asked about {asked_about or 'nothing'}")
    print(f"{len(rows)} messages. A sign said and not heard: {unheard}, asked about {found} of them, about another sign in {wrong}. "
          f"No sign said: {none}, asked about one in {raised} ({raised / max(1, none):.3f})")
    sys.exit(raised > options.max_raised * none or wrong > options.max_wrong)


if __name__ == "__main__":
    main()
