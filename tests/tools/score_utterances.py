#!/usr/bin/env python3
"""How well single messages are understood.

    score_utterances.py --bot "build/release/lippy explain --json --now ..." --utterances FILE [FILE ...]
                        [--set tune|aside] [--verbose] [--min-f1 F] [--max-alarms N]

A line of a file is {"id", "asked": [finding, ...], "text", "findings": {finding: value}}, and may have a "set": those set "aside" are messages that
nobody looked at while working on the words. The bot reads {"text", "asked"} lines and writes {"findings"} lines.

Numbers may be off by a tenth; the members of a set count singly. What was heard beyond the expected counts against the bot, unless it is a
mere no. A false alarm is a warning sign heard as present where the message does not say so; none may ever be.
"""
import argparse
import json
import shlex
import subprocess
import sys

WARNING_SIGNS = {
    "face_droop", "limb_weakness", "speech_trouble", "vision_change", "confusion", "severe_headache", "breathing_trouble", "swallowing_trouble",
    "swelling", "hives", "seizure", "spreading_jerks", "chest_pain", "overdose", "self_harm", "locked_jaw", "stiff_neck",
}
PRESENT = ("yes", "thoughts", "plan")
MERE_NO = ("no", "none", 0)


def flat(findings):
    """{(finding, member): value}: a set becomes one pair for each member."""
    pairs = {}
    for finding, value in findings.items():
        if isinstance(value, list):
            for member in value:
                pairs[finding, member] = "yes"
        else:
            pairs[finding, ""] = value
    return pairs


def agrees(expected, heard):
    if isinstance(expected, str):
        return expected == heard
    if isinstance(heard, str) or heard is None:
        return False
    return abs(expected - heard) <= max(abs(expected), 1) / 10


def ask_bot(command, rows):
    lines = [json.dumps({"text": row["text"], "asked": row.get("asked", [])}) for row in rows]
    run = subprocess.run(shlex.split(command), input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=300)
    replies = [json.loads(line)["findings"] for line in run.stdout.splitlines()]
    if len(replies) != len(rows):
        sys.exit(f"{len(rows)} messages gave {len(replies)} answers\n{run.stderr}")
    return replies


class Score:
    def __init__(self):
        self.right = self.missed = self.wrong = self.whole = self.alarms = 0

    def add(self, row, reply):
        expected, heard = flat(row["findings"]), flat(reply)
        missed = {k: v for k, v in expected.items() if not agrees(v, heard.get(k))}
        wrong = {k: v for k, v in heard.items() if k not in expected and v not in MERE_NO}
        alarms = [k for k, v in heard.items() if k[0] in WARNING_SIGNS and v in PRESENT and expected.get(k, "no") in MERE_NO]
        self.right += len(expected) - len(missed)
        self.missed += len(missed)
        self.wrong += len(wrong)
        self.whole += not missed and not wrong
        self.alarms += len(alarms)
        return missed, wrong, alarms

    def f1(self):
        return 2 * self.right / max(1, 2 * self.right + self.missed + self.wrong)


def show(pairs):
    return ", ".join(f"{finding}{' ' + member if member else ''}={value}" for (finding, member), value in pairs.items()) or "-"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bot", required=True)
    parser.add_argument("--utterances", required=True, nargs="+")
    parser.add_argument("--set", choices=["tune", "aside"])
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--min-f1", type=float, default=0)
    parser.add_argument("--max-alarms", type=int, default=1 << 30)
    options = parser.parse_args()
    rows = []
    for path in options.utterances:
        with open(path, encoding="utf-8") as file:
            rows += [json.loads(line) for line in file if line.strip()]
    if options.set:
        rows = [row for row in rows if row.get("set", "tune") == options.set]
    score = Score()
    for row, reply in zip(rows, ask_bot(options.bot, rows)):
        missed, wrong, alarms = score.add(row, reply)
        if options.verbose and (missed or wrong):
            print(f"{'FALSE ALARM ' if alarms else ''}{row['id']} \"{row['text']}\" asked {' '.join(row.get('asked', [])) or '-'}: missed {show(missed)}; wrongly heard {show(wrong)}")
    print(f"{len(rows)} messages, {score.whole} wholly right, F1 {score.f1():.3f} ({score.right} right, {score.missed} missed, "
          f"{score.wrong} wrongly heard), {score.alarms} false alarms")
    sys.exit(score.f1() < options.min_f1 or score.alarms > options.max_alarms)


if __name__ == "__main__":
    main()
