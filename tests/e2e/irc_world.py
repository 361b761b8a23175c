"""An InspIRCd of its own, a bot on it, and a person on plain TCP."""
import asyncio
import os
import socket
import subprocess
import time

from ear import Ear
from world import Bot, World, free_ports

SERVER = '''<config format="xml">
<path configdir="{dir}" datadir="{dir}/data" logdir="{dir}" runtimedir="{dir}/data">
<pid file="{dir}/inspircd.pid">
<server name="irc.test" description="test" id="1TS" network="Test">
<admin name="test" nick="test" email="test@irc.test">
<module name="sha1"><module name="websocket"><websocket defaultmode="text"><wsorigin allow="{origin}">
<module name="ssl_gnutls">
<sslprofile name="tls" provider="gnutls" certfile="{dir}/server.crt" keyfile="{dir}/server.key" cafile="" requestclientcert="no">
<bind address="127.0.0.1" port="{tcp}" type="clients">
<bind address="127.0.0.1" port="{ws}" type="clients" hook="websocket">
<bind address="127.0.0.1" port="{wss}" type="clients" sslprofile="tls" hook="websocket">
<connect name="all" allow="*" timeout="10" pingfreq="120s" hardsendq="1M" softsendq="10240" recvq="10K" threshold="{threshold}"
 commandrate="{rate}" fakelag="no" localmax="100" globalmax="100" resolvehostnames="no" useident="no" limit="1000">
<module name="cap"><module name="ircv3"><module name="ircv3_batch"><module name="ircv3_ctctags"><module name="ircv3_echomessage">
<module name="ircv3_msgid"><module name="ircv3_servertime"><module name="botmode">
<module name="chanhistory"><chanhistory maxlines="50" prefixmsg="yes" bots="yes">
{more}
<dns server="127.0.0.1" timeout="1">
<options defaultmodes="not" casemapping="ascii">
<performance netbuffersize="10240" somaxconn="128">
<limits maxnick="30" maxchan="60" maxident="10" maxline="512">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="ircd.log">
'''

SERVICES_LINK = '''<module name="spanningtree"><module name="hidechans"><module name="chghost">
<bind address="127.0.0.1" port="{link}" type="servers">
<link name="services.test" ipaddr="127.0.0.1" port="{link}" allowmask="127.0.0.0/8" sendpass="linkpass" recvpass="linkpass">
<uline server="services.test" silent="yes">
<module name="sasl"><sasl target="services.test" requiressl="no"><module name="services_account">
'''

SERVICES = '''uplink {{ host = "127.0.0.1"; ipv6 = no; ssl = no; port = {link}; password = "linkpass" }}
serverinfo {{ name = "services.test"; description = "services"; pid = "{dir}/services.pid"; motd = "/dev/null" }}
module {{ name = "inspircd3" }}
networkinfo {{ networkname = "Test"; nicklen = 30; userlen = 10; hostlen = 64; chanlen = 60; modelistsize = 100 }}
options {{ casemap = "ascii"; seed = 12345; readtimeout = 5s; warningtimeout = 4h; timeoutcheck = 3s; retrywait = 1s; }}
log {{ target = "services.log"; logage = 1; commands = "*"; servers = "*"; other = "*"; }}
module {{ name = "db_flatfile"; database = "anope.db"; keepbackups = 1; fork = no }}
module {{ name = "enc_sha256" }}
service {{ nick = "NickServ"; user = "services"; host = "services.test"; gecos = "Nick Service" }}
module {{ name = "nickserv"; client = "NickServ"; defaults = "ns_secure"; regdelay = 0s; expire = 90d; }}
command {{ service = "NickServ"; name = "REGISTER"; command = "nickserv/register" }}
module {{ name = "ns_register"; registration = "none" }}
module {{ name = "m_sasl" }}
'''


async def until(holds, what, seconds=20.0):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise AssertionError('not in time: ' + what)
        await asyncio.sleep(0.03)


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(('127.0.0.1', port)) == 0


class InspIRCd:
    """limits: (threshold, rate) of its flood protection, which throws out at once; services: with an Anope."""

    def __init__(self, folder, limits=(100, 20000), origin='*', services=False):
        self.dir = folder
        os.makedirs(os.path.join(self.dir, 'data'))
        self.tcp, self.ws, self.wss, self.link = free_ports(4)
        self.ca = os.path.join(self.dir, 'server.crt')
        self.services = services
        self.processes = []
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
                        '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout',
                        os.path.join(self.dir, 'server.key'), '-out', self.ca], check=True, stderr=subprocess.DEVNULL)
        more = SERVICES_LINK.format(link=self.link) if services else ''
        self._write('inspircd.conf', SERVER.format(dir=self.dir, tcp=self.tcp, ws=self.ws, wss=self.wss, origin=origin,
                                                   threshold=limits[0], rate=limits[1], more=more))
        self._write('services.conf', SERVICES.format(dir=self.dir, link=self.link))

    def _write(self, name, text):
        with open(os.path.join(self.dir, name), 'w', encoding='utf-8') as f:
            f.write(text)

    def _run(self, *words):
        with open(os.path.join(self.dir, words[0] + '.out'), 'ab') as out:
            self.processes.append(subprocess.Popen(words, cwd=self.dir, stdin=subprocess.DEVNULL, stdout=out, stderr=out))

    def output(self):
        texts = []
        for name in os.listdir(self.dir):
            if name.endswith(('.out', '.log')):
                with open(os.path.join(self.dir, name), encoding='utf-8', errors='replace') as f:
                    texts.append(f.read())
        return '\n'.join(texts)

    async def start(self):
        root = ['--runasroot'] if os.geteuid() == 0 else []
        self._run('inspircd', *root, '--config', os.path.join(self.dir, 'inspircd.conf'), '--nofork')
        try:
            await until(lambda: listens(self.ws), 'InspIRCd')
            if self.services:
                self._run('anope', '--confdir=' + self.dir, '--config=services.conf', '--dbdir=' + self.dir + '/data',
                          '--logdir=' + self.dir, '--modulesdir=/usr/lib/anope', '--nofork')
                await until(lambda: 'is done syncing' in self.output(), 'Anope')
        except AssertionError as error:
            raise AssertionError('%s\n%s' % (error, self.output()[-4000:])) from None

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()


class Human(Ear):
    """Speaks the few words of IRC that a person's program needs."""
    SETTLE, QUIET, BETWEEN = 0.3, 0.7, '\n\n'

    def __init__(self, server, nick='alice', channel='#clinic', peer='lippy'):
        self.server, self.nick, self.channel, self.peer = server, nick, channel, peer
        self.inbox = asyncio.Queue()
        self.lines = []  # all that came

    async def start(self):
        self.reader, self.writer = await asyncio.open_connection('127.0.0.1', self.server.tcp)
        self.reading = asyncio.ensure_future(self._read())
        self.send('NICK ' + self.nick)
        self.send('USER %s 0 * :%s' % (self.nick, self.nick))
        await self.sees(' 376 | 422 ')
        if self.channel:
            self.send('JOIN ' + self.channel)
            await self.sees(' 366 ')
        return self

    async def stop(self):
        if not self.reading.done():
            self.send('QUIT :done')
            await asyncio.wait({self.reading}, timeout=2)
            self.reading.cancel()
        self.writer.close()

    def send(self, line):
        self.writer.write(line.encode() + b'\r\n')

    async def _read(self):
        while raw := await self.reader.readline():
            line = raw.decode('utf-8', 'replace').rstrip('\r\n')
            self.lines.append(line)
            words = line.split(' ', 3)
            if words[0] == 'PING':
                self.send('PONG ' + words[1])
            elif len(words) > 3 and words[1] == 'PRIVMSG' and words[0].split('!')[0][1:] == self.peer:
                self.inbox.put_nowait(('room' if words[2] == self.channel else 'private', words[3][1:]))

    async def sees(self, fragments, seconds=15.0, keep=False):
        """Waits for a line with one of the texts (a | parts two of them), behind the line waited for before."""
        wanted = fragments.split('|')

        def found():
            for i, line in enumerate(self.lines):
                if any(text in line + ' ' for text in wanted):
                    del self.lines[:i if keep else i + 1]
                    return True
            return False
        await until(found, '%s; seen: %s' % (wanted, self.lines[-5:]), seconds)

    async def wait_here(self):
        """The bot is in the channel."""
        end = time.monotonic() + 15
        while time.monotonic() < end:
            self.send('NAMES ' + self.channel)
            await self.sees(' 353 ', keep=True)
            names = next(line for line in self.lines if ' 353 ' in line)
            await self.sees(' 366 ')
            if self.peer in names.split(':')[-1].replace('@', '').split():
                return
            await asyncio.sleep(0.1)
        raise AssertionError('%s is not in %s' % (self.peer, self.channel))

    def say(self, text, where='room'):
        self.send('PRIVMSG %s :%s' % (self.channel if where == 'room' else self.peer, text))


class IrcWorld(World):
    """A test with an InspIRCd. options: of InspIRCd()."""
    server, options = None, {}

    async def asyncSetUp(self):
        self.irc = InspIRCd(os.path.join(self.folder, self.id().rsplit('.', 1)[-1]), **self.options)
        self.addCleanup(self.irc.stop)
        await self.irc.start()

    def bot(self, password=None, others={}, **settings):
        """settings: keys of [irc]; others: further sections."""
        standard = {'websocket': 'ws://127.0.0.1:%d/' % self.irc.ws, 'rooms': '#clinic', 'lines_per_minute': 1200}
        if not password:
            standard['password_file'] = None
        return self.keep(Bot(self.folder, {**standard, **settings}, password or 'none-at-all', 'lippy', {}, 'irc', others))

    async def human(self, nick='alice', **more):
        human = Human(self.irc, nick, **more)
        self.addAsyncCleanup(human.stop)
        return await human.start()
