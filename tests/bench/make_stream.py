#!/usr/bin/env python3
"""Makes tests/bench/stream.tsv: what people say to Lippy, as `user<TAB>message` lines for the benchmark.

    tests/bench/make_stream.py [--bot build/release/lippy] > tests/bench/stream.tsv

Whole talks: the personas of tests/data answer what the bot asks (tests/tools/play_personas.py). Beside them people who only write:
sentences of the utterance files of tests/data, a few each. Every talk begins with `restart`, so that the stream can be played again
and again and is a real talk each time. The talks run side by side, as they do in a room. The seed is fixed: the same data give the same stream.
"""
import argparse, json, os, random, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "..", "data")
SEED, SIDE_BY_SIDE, SENTENCES_A_WRITER = 1, 20, 6


def play(bot):
    """The talks of the personas: user -> messages."""
    with tempfile.NamedTemporaryFile("r", suffix=".tsv", encoding="utf-8") as out:
        subprocess.run([sys.executable, os.path.join(HERE, "..", "tools", "play_personas.py"), "--bot",
                        f"{bot} console --json --now 2026-01-31T12:00:00Z", "--personas",
                        os.path.join(DATA, "personas-dev.jsonl"), "--stream", out.name], check=True, stdout=sys.stderr)
        talks = {}
        for line in out:
            user, message = line.rstrip("\n").split("\t", 1)
            talks.setdefault(user, []).append(message)
        return talks


def sentences(chance):
    """People who answer nothing and tell much: the sentences of the utterance files, mixed."""
    texts = []
    for name in sorted(os.listdir(DATA)):
        if name.startswith("utterances") and name.endswith(".jsonl"):
            with open(os.path.join(DATA, name), encoding="utf-8") as f:
                texts += [json.loads(line)["text"] for line in f if line.strip()]
    texts = [" ".join(t.split()) for t in texts]
    chance.shuffle(texts)
    cut = range(0, len(texts), SENTENCES_A_WRITER)
    return {f"W{n + 1:03}": texts[at:at + SENTENCES_A_WRITER] for n, at in enumerate(cut)}


def interleave(talks, chance):
    """Always some talks under way at once; whoever is done makes room for the next."""
    waiting = list(talks.items())
    chance.shuffle(waiting)
    open_talks = []
    while waiting or open_talks:
        while waiting and len(open_talks) < SIDE_BY_SIDE:
            user, messages = waiting.pop()
            open_talks.append((user, ["restart"] + messages))
        user, messages = chance.choice(open_talks)
        yield user, messages.pop(0)
        open_talks = [talk for talk in open_talks if talk[1]]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bot", default="build/release/lippy")
    chance = random.Random(SEED)
    talks = play(p.parse_args().bot)
    talks.update(sentences(chance))
    for user, message in interleave(talks, chance):
        print(user, message, sep="\t")


if __name__ == "__main__":
    main()
