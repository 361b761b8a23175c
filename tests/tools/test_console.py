#!/usr/bin/env python3
"""The program at its edges: any bytes on standard input, the terminal, two runs alike, and folders that are no dialog.

    test_console.py PATH/lippy DIALOG_DIR
"""
import json, os, pty, select, subprocess, sys, tempfile, time, unittest

LIPPY, DIALOG = sys.argv[1], os.path.abspath(sys.argv[2])
CLOCK = ["--now", "2026-01-31T12:00:00Z"]
HOSTILE = [b"", b" ", b"\t", b"x" * (1 << 20), b"no " * 300000, b"\xff\xfe\x80 lip \xc3", b"\x01\x02\x1b[31m\x7f", "\u202e\u200f\u2066lip".encode(),
           "\U0001f600".encode() * 200, b"a\0b\0", b"lip twitches\r", b"%s%n%p", b"{}[]\"\\", "\u2019\u2018\u201c".encode() * 50, b"1" * 400,
           b"999999999999999999999 cups", b"-5 days", b"0/0", b"10" + b"0" * 300 + b" years"]


def run(*args, stdin=b"", env=None):
    return subprocess.run([LIPPY, *args], input=stdin, capture_output=True, timeout=120, env={**os.environ, **(env or {})})


class AnyBytes(unittest.TestCase):
    def test_console_json_answers_every_line_with_one_object(self):
        lines = [b"my lip twitches"] + HOSTILE + [b"my arm is numb since an hour"]
        done = run("console", "--json", *CLOCK, stdin=b"\n".join(lines) + b"\n")
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        records = [json.loads(line) for line in done.stdout.decode("utf-8").split("\n") if line]
        self.assertEqual(len(records), len(lines) + 1)
        for number, record in enumerate(records):
            self.assertEqual(record["turn"], number)
            self.assertGreater(len(record["replies"]), 0, lines[number - 1][:60])
        self.assertEqual(len(records[5]["text"]), 1 << 20)
        self.assertEqual(records[11]["text"], "a\0b\0")
        self.assertEqual(records[-1]["triage"]["level"], "emergency", "the talk lives on, and an emergency is heard")

    def test_console_for_people_lives_on(self):
        done = run("console", *CLOCK, stdin=b"\n".join(HOSTILE) + b"\nmy face droops since one hour\n")
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"Call ", done.stdout)

    def test_explain_json_survives_lines_that_are_no_json(self):
        lines = [b"", b"{", b"[]", b"null", b'{"text":5}', b'{"text":"my lip twitches","asked":["nothing"]}', b"\xff\xfe", b'{"text":"a","asked":"b"}',
                 b"[" * 100000, b'{"text":"my face is drooping"}']
        done = run("explain", "--json", *CLOCK, stdin=b"\n".join(lines) + b"\n")
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(len(answers), len(lines))
        self.assertTrue(all(isinstance(a["findings"], dict) for a in answers))
        self.assertEqual(answers[-1]["findings"].get("face_droop"), "yes")

    def test_what_json_writes_longest_comes_back_whole(self):
        done = run("console", "--json", *CLOCK, stdin=b"\0" * (3 << 20) + b"\nmy lip twitches\n")
        records = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([len(r["text"] or "") for r in records], [0, 2 << 20, 15])
        self.assertTrue(all(r["replies"] for r in records))

    def test_five_thousand_lines(self):
        done = run("console", "--json", *CLOCK, stdin=b"none\n" * 5000)
        self.assertEqual(done.stdout.count(b"\n"), 5001)


class TwoRunsAlike(unittest.TestCase):
    TALK = b"my lip twitches since monday\nme, 41\nno\nnone\nnone\nnone\nnone\nnone\nfirst time, one spot, a flutter, comes and goes\nno\n" \
           b"6 hours, stress 5, 3 coffees, 2 units, varied\nhow long will it last?\nsummary\n"

    def test_same_seed_same_bytes(self):
        first, second = (run("console", "--json", "--seed", "7", *CLOCK, stdin=self.TALK).stdout for _ in range(2))
        self.assertEqual(first, second)

    def test_another_seed_changes_wording_only(self):
        def facts(seed):
            out = run("console", "--json", "--seed", seed, *CLOCK, stdin=self.TALK).stdout
            return [{k: r[k] for k in ("state", "asks", "findings", "triage", "remedies", "end")} for r in map(json.loads, out.splitlines())]
        self.assertEqual(facts("1"), facts("2"))


class Images(unittest.TestCase):
    """A compiled dialog says byte for byte what its files say."""

    def start(self, env):
        """A talk under way: its process, and whether an image is mapped in it."""
        p = subprocess.Popen([LIPPY, "console", "--json", *CLOCK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, **env})
        p.stdout.readline()
        with open(f"/proc/{p.pid}/maps") as maps:
            mapped = ".image" in maps.read()
        p.communicate()
        return mapped

    def test_the_program_starts_from_the_image_that_its_build_made(self):
        self.assertTrue(self.start({}))
        self.assertFalse(self.start({"LIPPY_IMAGES": "/nonexistent"}))

    def test_same_bytes_with_and_without(self):
        with open(os.path.join(os.path.dirname(__file__), "..", "data", "utterances-dev.jsonl"), encoding="utf-8") as f:
            lines = [json.loads(line)["text"].replace("\n", " ").encode() for line in f][::5]
        talk = b"\n".join(lines + HOSTILE + [b"restart"] + lines[::-1]) + b"\n" + TwoRunsAlike.TALK
        for dialog in (DIALOG, os.path.join(os.path.dirname(DIALOG), "hiccups")):
            with_it, without = (run("console", "--json", "--seed", "7", "--dialog", dialog, *CLOCK, stdin=talk, env=env)
                                for env in ({}, {"LIPPY_IMAGES": "/nonexistent"}))
            self.assertEqual(with_it.returncode, 0, with_it.stderr[-2000:])
            self.assertGreater(len(with_it.stdout), 50000)
            self.assertEqual(with_it.stdout, without.stdout)

    def test_compile(self):
        with tempfile.TemporaryDirectory() as top:
            folder = os.path.join(top, "images")
            done = run("compile", "--output", folder, DIALOG)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stdout.decode(), r"lip-twitching\.image: \d+ bytes\n")
            self.assertEqual(os.listdir(folder), ["lip-twitching.image"])
            self.assertTrue(self.start({"LIPPY_IMAGES": folder}))
            os.chmod(folder, 0o777)
            self.assertFalse(self.start({"LIPPY_IMAGES": folder}))
            self.assertEqual(run("compile", "--output", folder, DIALOG).returncode, 4)
            self.assertEqual(run("compile", "--output", folder, top).returncode, 1)
            self.assertEqual(run("compile").returncode, 2)


class Terminal(unittest.TestCase):
    def talk(self, keys, env=None):
        """Runs Lippy on a terminal, sends keys when it has fallen silent, and gives what it showed and its status."""
        pid, fd = pty.fork()
        if pid == 0:
            os.environ.update(env or {"TERM": "xterm"})
            if env is None:
                os.environ.pop("NO_COLOR", None)
            os.execv(LIPPY, [LIPPY, "console", *CLOCK])
        shown, end = b"", time.monotonic() + 20
        for key in [*keys, None]:
            quiet = time.monotonic() + 5
            while time.monotonic() < min(quiet, end):
                if not select.select([fd], [], [], 0.4)[0]:
                    break
                try:
                    chunk = os.read(fd, 65536)
                except OSError:
                    chunk = b""
                if not chunk:
                    break
                shown += chunk
            if key is not None:
                os.write(fd, key)
        os.close(fd)
        return shown.decode("utf-8", "replace"), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def test_prompt_bold_and_ctrl_d(self):
        shown, status = self.talk([b"my face is drooping since an hour\r", b"\x04"])
        self.assertRegex(shown, r"\x1b\[36m>\x1b\[0m ")
        self.assertIn("\x1b[1m", shown)
        self.assertEqual(status, 0)

    def test_ctrl_c_ends_kindly(self):
        shown, status = self.talk([b"hello\r", b"\x03"])
        self.assertEqual(status, 0)
        self.assertRegex(shown, r"(?i)take care|bye")

    def test_no_color_and_dumb_terminals_get_plain_text(self):
        for env in ({"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "dumb"}):
            shown, status = self.talk([b"my face is drooping since an hour\r", b"\x04"], env)
            self.assertNotIn("\x1b[", shown)
            self.assertEqual(status, 0)

    def test_a_pipe_gets_plain_text(self):
        done = run("console", *CLOCK, stdin=b"my face is drooping since an hour\n", env={"TERM": "xterm"})
        self.assertNotIn(b"\x1b", done.stdout)


class Streams(unittest.TestCase):
    """Standard streams that fail: a message and status 4, never a hang or a death by signal."""
    COMMANDS = [["--help"], ["--version"], ["check", DIALOG], ["explain", "hi"], ["explain", "--json"], ["console"], ["console", "--json"],
                ["talks", os.path.join(DIALOG, "talks", sorted(os.listdir(os.path.join(DIALOG, "talks")))[0])]]

    def shell(self, script, *args):
        return subprocess.run(["sh", "-c", script, "sh", LIPPY, *args], input=b"hello\n" * 500, capture_output=True, timeout=60)

    def test_output_that_takes_nothing(self):
        for command in self.COMMANDS:
            for script, reason in (('exec "$@" > /dev/full', b"No space left"), ('exec "$@" >&-', b"Bad file descriptor")):
                done = self.shell(script, *command)
                self.assertEqual(done.returncode, 4, (command, script, done.stderr[-500:]))
                self.assertIn(b"lippy: cannot write the output: " + reason, done.stderr, command)

    def test_a_reader_that_has_gone(self):
        for command in self.COMMANDS:
            reader, writer = os.pipe()
            os.close(reader)
            endless = subprocess.Popen(["yes"], stdout=subprocess.PIPE)
            done = subprocess.run([LIPPY, *command], stdin=endless.stdout, stdout=writer, stderr=subprocess.PIPE, timeout=60)
            os.close(writer)
            endless.stdout.close()
            endless.wait(timeout=60)
            self.assertEqual(done.returncode, 4, (command, done.stderr[-500:]))
            self.assertIn(b"Broken pipe", done.stderr, command)

    def test_input_that_cannot_be_read(self):
        for command in (["console"], ["console", "--json"], ["explain", "--json"]):
            for script, reason in (('exec "$@" < /', b"Is a directory"), ('exec "$@" <&-', b"Bad file descriptor")):
                done = self.shell(script, *command)
                self.assertEqual(done.returncode, 4, (command, script))
                self.assertIn(b"lippy: cannot read the input: " + reason, done.stderr)

    def test_no_stderr(self):
        self.assertEqual(self.shell('exec "$@" 2>&-', "check", "/nonexistent").returncode, 1)
        self.assertEqual(self.shell('exec "$@" 2> /dev/full', "nonsense").returncode, 2)


class NoDialog(unittest.TestCase):
    def check(self, files, expect):
        with tempfile.TemporaryDirectory() as folder:
            for name, content in files.items():
                with open(os.path.join(folder, name), "wb") as f:
                    f.write(content)
            started = time.monotonic()
            done = run("check", folder)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr.decode("utf-8", "replace"), expect)
            self.assertLess(time.monotonic() - started, 20)

    def test_missing_folder(self):
        done = run("check", "/nonexistent/folder")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"/nonexistent/folder", done.stderr)

    def test_broken_folders(self):
        self.check({}, r"no \.yaml file here")
        self.check({"dialog.yaml": b"x" * (2 << 20)}, r"dialog\.yaml")
        self.check({"dialog.yaml": b"a: " + b"[" * 1000000}, r"dialog\.yaml:1:\d+")
        self.check({"dialog.yaml": b"a: &x [1]\nb: *x\n"}, r"dialog\.yaml:1:\d+")
        self.check({"dialog.yaml": b"a: &x [*x]\n"}, r"dialog\.yaml:1:\d+")
        self.check({"dialog.yaml": bytes(range(256)) * 20}, r"dialog\.yaml")
        self.check({"dialog.yaml": b"states: {hello: {sya: [x]}}\n"}, r'dialog\.yaml:1:\d+: .*did you mean "say"')

    def test_files_that_are_no_files(self):
        def become(path, what):
            os.remove(path)
            if what == "folder":
                os.mkdir(path)
            elif what == "pipe":
                os.mkfifo(path)
            elif what == "loop":
                os.symlink(path, path)
            else:
                os.symlink(what, path)

        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "words.yaml")
            for what, reason in (("folder", "not a regular file"), ("pipe", "not a regular file"), ("/dev/zero", "not a regular file"),
                                 ("loop", "Too many levels"), ("/nonexistent", "No such file")):
                with open(path, "w"):
                    become(path, what)
                for command in (["check", folder], ["console", "--dialog", folder], ["talks", path], ["run", "-c", path]):
                    done = run(*command)
                    self.assertEqual(done.returncode, 1, (what, command))
                    reasons = reason if command[0] != "run" else "Is a directory|Broken pipe|File too large|Too many levels|No such file"
                    self.assertRegex(done.stderr.decode(), reasons, (what, command))
                os.rmdir(path) if what == "folder" else os.remove(path)

    def test_files_that_a_configuration_names(self):
        with tempfile.TemporaryDirectory() as folder:
            ini, pipe = os.path.join(folder, "config.ini"), os.path.join(folder, "pipe")
            os.mkfifo(pipe)
            for key, other in (("password_file", ""), ("ca_file", "password_env = PW\n")):
                for path in (pipe, "/dev/zero", folder, "/nonexistent"):
                    with open(ini, "w") as f:
                        f.write(f"[bot]\ndialogs = {DIALOG}\n[xmpp]\njid = lippy@localhost\n{other}{key} = {path}\n")
                    done = run("run", "-c", ini)
                    self.assertEqual(done.returncode, 1, (key, path))
                    self.assertRegex(done.stderr.decode(), rf"{key}: cannot read {path}: ", (key, path))

    def test_wrong_use_and_wrong_configuration(self):
        self.assertEqual(run("nonsense").returncode, 2)
        self.assertEqual(run("--seed", "x").returncode, 2)
        self.assertEqual(run("run", "word").returncode, 2)
        self.assertEqual(run("run", "-c", "x.ini", "--country", "gb").returncode, 2)
        self.assertEqual(run("run", "-c", "/nonexistent.ini").returncode, 1)
        with tempfile.NamedTemporaryFile(suffix=".ini") as f:
            f.write(b"[bot]\nmax_sessions = many\ncolour = red\n[xmpp]\nnick =\n")
            f.flush()
            done = run("run", "-c", f.name)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr.decode(), r":2: .*max_sessions")
            self.assertRegex(done.stderr.decode(), r":3: .*colour")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
