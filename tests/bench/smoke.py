#!/usr/bin/env python3
"""Runs the benchmark for a moment and looks at what it prints: every figure is there and positive. How fast it is, no test says.

    smoke.py build/release/lippy-bench
"""
import json, os, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
DIALOG = os.path.join(HERE, "..", "..", "dialogs", "lip-twitching")
FIGURES = {
    "turns": ["turns_per_s", "p50_us", "p99_us", "floor_per_s", "ratio", "bytes_per_session", "rss_mb", "first_reply_ms"],
    "ws": ["msgs_per_s", "echo_per_s", "ratio"],
}
QUICK = {"turns": ["--seconds", "0.2", "--sessions", "200"], "ws": ["--seconds", "0.2", "--connections", "10"]}


def main():
    for what, figures in FIGURES.items():
        command = [sys.argv[1], what, "--dialog", DIALOG, "--stream", os.path.join(HERE, "stream.tsv")] + QUICK[what]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=120)
        print(done.stdout, end="")
        printed = json.loads(done.stdout)
        wrong = [f for f in figures if not isinstance(printed.get(f), (int, float)) or printed[f] <= 0]
        if done.returncode != 0 or wrong:
            sys.exit(f"{what}: exit status {done.returncode}, missing or not positive: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
