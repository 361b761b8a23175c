#!/usr/bin/env python3
"""Plays simulated patients against the bot's machine-readable console and scores the triage.

    play_personas.py --bot "build/release/lippy console --json" --personas FILE.jsonl [--findings tests/data/findings.tsv]
                     [--verbose] [--min-exact 0.9] [--max-missed 0] [--max-under 0] [--max-over 0.1] [--max-questions 14]

A persona is one JSON object per line:
    {"id": "D001", "level": "urgent", "rules": ["U01"], "opening": "free text", "answers": {"finding id": "free text"}, "source": "..."}
The player sends the opening, then answers whatever the bot asks: the persona's own words for the findings it has, the default
answer of findings.tsv for the rest. It stops at `end`, at an emergency, or after 40 turns. Exit status 0 where every bound given holds.
"""
import argparse, collections, csv, json, os, shlex, subprocess, sys, threading

RANK = {None: -1, "self_care": 0, "routine": 1, "urgent": 2, "emergency": 3}


def defaults(path):
    """Finding id -> (kind, the answer of someone who has nothing special to say)."""
    with open(path, encoding="utf-8", newline="") as f:
        return {row["id"]: (row["kind"], row["default answer"] or "not sure") for row in csv.DictReader(f, delimiter="\t")}


class Bot:
    def __init__(self, command, timeout):
        self.process = subprocess.Popen(shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True, encoding="utf-8")
        self.watchdog = threading.Timer(timeout, self.process.kill)
        self.watchdog.start()

    def read(self):
        line = self.process.stdout.readline()
        return json.loads(line) if line else None

    def send(self, text):
        self.process.stdin.write(text.replace("\n", " ") + "\n")
        self.process.stdin.flush()
        return self.read()

    def close(self):
        self.watchdog.cancel()
        try:
            self.process.stdin.close()
        except OSError:
            pass
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def answer(asks, persona, default):
    """The persona's own words for the findings it has; of the rest, the default where a plain no would be no answer."""
    own = [persona["answers"][a] for a in asks if a in persona["answers"]]
    rest = [default.get(a, ("yesno", "no")) for a in asks if a not in persona["answers"]]
    said = own + [text for kind, text in rest if kind != "yesno"]
    if not said:
        return "no" if len(asks) == 1 else "no, none of those"
    return " and ".join(dict.fromkeys(said))


def play(command, persona, default, timeout=20):
    bot = Bot(command, timeout)
    log, questions, level, rules = [], 0, None, []
    try:
        turn = bot.read()
        log.append(("bot", turn))
        text = persona["opening"]
        for _ in range(40):
            log.append(("user", text))
            turn = bot.send(text)
            log.append(("bot", turn))
            if turn is None:
                return dict(level="crash", rules=[], questions=questions, log=log)
            if turn.get("triage"):
                level, rules = turn["triage"]["level"], turn["triage"].get("rules", [])
            if turn.get("end") or level == "emergency":
                break
            asks = turn.get("asks") or []
            questions += 1
            text = answer(asks, persona, default) if asks else "ok"
        return dict(level=level, rules=rules, questions=questions, log=log)
    except (BrokenPipeError, json.JSONDecodeError) as error:
        return dict(level=f"error {type(error).__name__}", rules=[], questions=questions, log=log)
    finally:
        bot.close()


def show(log):
    for who, what in log:
        if who == "user":
            print(f"    > {what}")
        elif what:
            said = " | ".join(r["text"].replace("\n", " ")[:160] for r in what.get("replies", []))
            print(f"    < {said}  [asks {','.join(what.get('asks') or [])}; {what.get('triage')}]")


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bot", required=True)
    p.add_argument("--personas", required=True)
    p.add_argument("--findings", default=os.path.join(here, "..", "data", "findings.tsv"))
    p.add_argument("--verbose", action="store_true", help="print the talk of every persona that went wrong")
    p.add_argument("--stream", help="write what the personas said to this file, as user<TAB>message lines for the benchmark")
    p.add_argument("--min-exact", type=float)
    p.add_argument("--max-missed", type=int, help="bound on emergencies that were not told as such")
    p.add_argument("--max-under", type=int)
    p.add_argument("--max-over", type=float)
    p.add_argument("--max-questions", type=float, help="bound on the median number of questions of non-emergency talks")
    a = p.parse_args()
    default = defaults(a.findings)
    personas = [json.loads(line) for line in open(a.personas, encoding="utf-8") if line.strip()]
    if not personas:
        sys.exit("no personas")
    table, wrong, asked, hits, with_rules = collections.Counter(), [], [], 0, 0
    stream = open(a.stream, "w", encoding="utf-8") if a.stream else None
    for persona in personas:
        result = play(a.bot, persona, default)
        if stream:
            for who, what in result["log"]:
                if who == "user":
                    print(persona["id"], what, sep="\t", file=stream)
        table[persona["level"], result["level"]] += 1
        if persona["level"] != "emergency":
            asked.append(result["questions"])
        if persona.get("rules"):
            with_rules += 1
            hits += bool(set(persona["rules"]) & set(result["rules"]))
        if result["level"] != persona["level"]:
            wrong.append((persona, result))
    rank = lambda level: RANK.get(level, -1)
    calm = sum(n for (want, _), n in table.items() if want != "emergency")
    under = sum(n for (want, got), n in table.items() if rank(got) < rank(want))
    over = sum(n for (want, got), n in table.items() if rank(got) > rank(want))
    exact = sum(n for (want, got), n in table.items() if want == got)
    missed = sum(n for (want, got), n in table.items() if want == "emergency" != got)
    total = len(personas)
    if a.verbose:
        for persona, result in wrong:
            print(f"{persona['id']}: wanted {persona['level']} {persona.get('rules')}, got {result['level']} {result['rules']}")
            show(result["log"])
    for level in ("emergency", "urgent", "routine", "self_care"):
        n = sum(c for (want, _), c in table.items() if want == level)
        got = {str(g): c for (want, g), c in sorted(table.items(), key=str) if want == level}
        print(f"{level:10} {n:4}  {got}")
    questions = sorted(asked)[len(asked) // 2] if asked else 0
    print(f"personas {total}, exact {exact} ({exact / total:.3f}), emergencies missed {missed}, under-triaged {under}, "
          f"over-triaged {over} ({over / max(1, calm):.3f} of non-emergencies), median questions {questions}, "
          f"intended rule among those fired {hits}/{with_rules}")
    ok = True
    ok &= a.min_exact is None or exact / total >= a.min_exact
    ok &= a.max_missed is None or missed <= a.max_missed
    ok &= a.max_under is None or under <= a.max_under
    ok &= a.max_over is None or over / max(1, calm) <= a.max_over
    ok &= a.max_questions is None or questions <= a.max_questions
    sys.exit(0 if ok else 1)


if __name__ == "__main__":
    main()
