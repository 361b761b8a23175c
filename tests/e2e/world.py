"""What every end-to-end test needs: a Prosody, or an ejabberd, and a bot of its own in a folder of its own, on free ports of loopback."""
import asyncio
import base64
import logging
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
LIPPY = os.environ.get('LIPPY', os.path.join(TOP, 'build/dev/lippy'))
ARTEFACTS = os.environ.get('ARTEFACTS', os.path.join(TOP, 'tests/artefacts'))


def free_ports(count):
    sockets = [socket.create_server(('127.0.0.1', 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Prosody:
    name, path = 'prosody', 'xmpp-websocket'

    def __init__(self, folder, domain='localhost', hash='SHA-1'):
        self.folder, self.domain, self.hash = os.path.join(folder, self.name), domain, hash
        self.c2s, self.ws, self.wss = free_ports(3)
        self.passwords = {name: '%s-Geheim-%s' % (name, os.urandom(4).hex()) for name in ('lippy', 'alice', 'bob')}
        self.ca = os.path.join(self.folder, 'ca.crt')
        self.room = 'clinic@rooms.' + domain
        self.start(' '.join('%s:%s' % user for user in self.passwords.items()))

    def _run(self, *words, **more):
        done = subprocess.run([os.path.join(HERE, self.name + '.sh'), *map(str, words)], env={**os.environ, **more},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        if done.returncode:
            raise AssertionError(done.stdout.decode(errors='replace'))

    def start(self, users=''):
        self._run('start', self.folder, self.domain, self.c2s, self.ws, self.wss, XMPP_USERS=users, XMPP_HASH=self.hash)

    def stop(self):
        self._run('stop', self.folder)

    def signal(self, number):
        with open(os.path.join(self.folder, self.name + '.pid'), encoding='utf-8') as f:
            os.kill(int(f.read()), number)


class Ejabberd(Prosody):
    """Without TLS."""
    name, path = 'ejabberd', 'ws'


class Bot:
    """A running `lippy run`. Its log is kept, and must never show the password."""

    def __init__(self, folder, settings, password, name, environment, section='xmpp', others={}, secret='password', state_dir=None,
                 country=None):
        """settings: of the platform under test; others: sections beside it, by name. None leaves a key out. secret: the key that the
        password is given by."""
        base = os.path.join(tempfile.mkdtemp(prefix=name + '-', dir=folder), name)
        password_path, path, self.log_path = base + '.password', base + '.ini', base + '.log'
        self.password = password
        with open(os.open(password_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w') as f:
            f.write(password + '\n')
        sections = {section: {secret + '_file': password_path, **settings}}
        sections.update((other, {'password_file': password_path, **keys}) for other, keys in others.items())
        with open(path, 'w') as f:
            f.write('[bot]\ndialogs = %s\nlog = debug\n' % os.path.join(TOP, 'dialogs/lip-twitching'))
            if state_dir:
                f.write('state_dir = %s\n' % state_dir)
            if country:
                f.write('country = %s\n' % country)
            for heading, keys in sections.items():
                f.write('[%s]\n' % heading)
                f.writelines('%s = %s\n' % item for item in keys.items() if item[1] is not None)
        self.log_file = open(self.log_path, 'ab')
        self.process = subprocess.Popen([LIPPY, 'run', '-c', path], stdin=subprocess.DEVNULL,
                                        stdout=self.log_file, stderr=self.log_file,
                                        env={**os.environ, **environment})

    def log(self):
        with open(self.log_path, encoding='utf-8', errors='replace') as f:
            return f.read()

    def count(self, regex):
        return len(re.findall(regex, self.log()))

    async def logged(self, regex, times=1, seconds=20.0):
        end = time.monotonic() + seconds
        while self.count(regex) < times:
            if time.monotonic() > end or self.process.poll() is not None:
                raise AssertionError('%r is not %d times in the log:\n%s' % (regex, times, self.log()[-4000:]))
            await asyncio.sleep(0.03)

    async def ended(self, seconds=15.0):
        """The exit status."""
        end = time.monotonic() + seconds
        while self.process.poll() is None:
            if time.monotonic() > end:
                raise AssertionError('still running:\n' + self.log()[-4000:])
            await asyncio.sleep(0.03)
        return self.process.returncode

    async def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        return await self.ended()

    def discard(self):
        """After the test: no process stays, and the log is looked through. Gives what is wrong, or None."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.log_file.close()
        log = self.log()
        plain = [base64.b64encode(text.encode()).decode() for text in
                 ('\0lippy\0' + self.password, 'lippy\0lippy\0' + self.password)]
        if any(text in log for text in (self.password, *plain)):
            return 'the password is in the log'
        if re.search('ERROR: (Address|Leak)Sanitizer|runtime error:', log):
            return log[-8000:]
        return None


logging.getLogger('asyncio').setLevel(logging.ERROR)  # it remarks on every slow callback


class World(unittest.IsolatedAsyncioTestCase):
    """A test with a folder of its own. Set domain and hash in a subclass; server: Prosody, Ejabberd, or None for neither."""
    domain, hash, server = 'localhost', 'SHA-1', Prosody

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix='lippy-e2e-')
        cls.prosody = None
        if cls.server:
            try:
                cls.prosody = cls.server(cls.folder, cls.domain, cls.hash)
            except BaseException:
                shutil.rmtree(cls.folder, ignore_errors=True)
                raise

    @classmethod
    def tearDownClass(cls):
        if cls.prosody:
            cls.prosody.stop()
        shutil.rmtree(cls.folder, ignore_errors=True)

    def bot(self, name='lippy', password=None, environment={}, **settings):
        """settings: keys of [xmpp]; None leaves a key out."""
        standard = {'jid': 'lippy@' + self.domain, 'nick': 'lippy'}
        if self.prosody:
            standard['rooms'] = self.prosody.room
            standard['websocket'] = 'ws://127.0.0.1:%d/%s' % (self.prosody.ws, self.prosody.path)
            password = password or self.prosody.passwords['lippy']
        return self.keep(Bot(self.folder, {**standard, **settings}, password or 'none-at-all', name, environment))

    def keep(self, bot):
        """Until the end of the test."""
        def discard():
            wrong = bot.discard()
            if wrong:
                raise AssertionError(wrong)

        self.addCleanup(discard)
        return bot

    async def human(self, name='alice', **more):
        from human import Human
        human = Human(self.prosody, name, **{'room': self.prosody.room, **more})
        self.addAsyncCleanup(human.stop)
        return await human.start()


def main():
    unittest.main(verbosity=2)
