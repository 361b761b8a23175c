"""Peers that break the rules, names that lead nowhere, certificates that are not right: the bot says so and tries again."""
import asyncio
import base64
import hashlib
import re
import ssl
import struct

from world import World, free_ports, main

GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'


def frame(payload, opcode=1):
    if len(payload) < 126:
        return struct.pack('!BB', 0x80 | opcode, len(payload)) + payload
    if len(payload) < 65536:
        return struct.pack('!BBH', 0x80 | opcode, 126, len(payload)) + payload
    return struct.pack('!BBQ', 0x80 | opcode, 127, len(payload)) + payload


async def upgrade(reader, writer):
    request = (await reader.readuntil(b'\r\n\r\n')).decode()
    key = re.search(r'(?i)sec-websocket-key: *(\S+)', request)[1]
    accept = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()
    writer.write(('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                  'Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n' % accept).encode())


OPEN = b"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='localhost' id='x' version='1.0'/>"


async def silent(reader, writer):
    await reader.read(-1)


async def silent_after_upgrade(reader, writer):
    await upgrade(reader, writer)
    await asyncio.sleep(60)


def sends(*frames):
    async def play(reader, writer):
        await upgrade(reader, writer)
        for each in frames:
            writer.write(each)
        await reader.read(-1)
    return play


async def sends_64_mb(reader, writer):
    await upgrade(reader, writer)
    writer.write(struct.pack('!BBQ', 0x81, 127, 64 << 20))
    for _ in range(64):
        writer.write(b'x' * (1 << 20))
        await writer.drain()


async def speaks_http(reader, writer):
    await reader.readuntil(b'\r\n\r\n')
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi')


async def speaks_nothing_known(reader, writer):
    writer.write(bytes(range(256)) * 20)
    await writer.drain()


NESTED = b"<message xmlns='jabber:client'>" + b'<a>' * 100000

PEERS = {
    'accepts and is silent': silent,
    'upgrades and is silent': silent_after_upgrade,
    'hangs up at once': sends(),
    'broken XML': sends(frame(OPEN), frame(b'<message')),
    'not XML': sends(frame(b'hello?')),
    'nested XML': sends(frame(OPEN), frame(NESTED)),
    'entities': sends(frame(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')),
    'binary frame': sends(frame(OPEN), frame(b'\0\1\2', opcode=2)),
    'invalid UTF-8': sends(frame(OPEN), frame(b'<a>\xff</a>')),
    'reserved opcode': sends(frame(b'x', opcode=5)),
    'a masked server frame': sends(b'\x81\x81\1\2\3\4x'),
    'a frame of 64 MB': sends_64_mb,
    'HTTP, no upgrade': speaks_http,
    'noise': speaks_nothing_known,
    'an empty frame': sends(frame(OPEN), frame(b'')),
}


class Faults(World):
    server = None

    async def serve(self, play):
        async def each(reader, writer):
            try:
                await play(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()
        server = await asyncio.start_server(each, '127.0.0.1', 0)
        self.addCleanup(server.close)
        return server.sockets[0].getsockname()[1]

    async def test_broken_peers(self):
        """All at once, a bot for each: it tries, tells why not, tries again, and still ends in order."""
        bots = {}
        for what, play in PEERS.items():
            port = await self.serve(play)
            bots[what] = self.bot(websocket='ws://127.0.0.1:%d/ws' % port, connect_seconds=2, ping_seconds=2)
        for what, bot in bots.items():
            with self.subTest(what):
                await bot.logged('again in', seconds=40)
                await bot.logged('connecting to', times=2)
        for what, bot in bots.items():
            with self.subTest(what):
                self.assertEqual(await bot.stop(), 0)

    async def test_name_that_does_not_resolve(self):
        bot = self.bot(websocket='wss://nowhere.invalid/ws', connect_seconds=3)
        await bot.logged('(does not resolve|name server does not answer).*again in')
        self.assertEqual(await bot.stop(), 0)

    async def test_nobody_listens(self):
        bot = self.bot(websocket='ws://127.0.0.1:%d/ws' % free_ports(1)[0])
        await bot.logged('again in', times=2)
        self.assertEqual(await bot.stop(), 0)


class Cuts(World):
    """A connection that ends after so many bytes from a real server."""

    async def cut(self, after):
        """Forwards to the server; the first connection only so many bytes back."""
        first = [True]

        async def pump(reader, writer, budget):
            try:
                while budget > 0:
                    piece = await reader.read(min(4096, budget))
                    if not piece:
                        break
                    budget -= len(piece)
                    writer.write(piece)
                    await writer.drain()
            except ConnectionError:
                pass
            finally:
                writer.close()

        async def each(reader, writer):
            budget = after if first[0] else 1 << 40
            first[0] = False
            back_reader, back_writer = await asyncio.open_connection('127.0.0.1', self.prosody.ws)
            await asyncio.gather(pump(reader, back_writer, 1 << 40), pump(back_reader, writer, budget))
            back_writer.close()

        server = await asyncio.start_server(each, '127.0.0.1', 0)
        self.addCleanup(server.close)
        return server.sockets[0].getsockname()[1]

    async def test_cut_anywhere(self):
        bots = []
        for after in (0, 1, 100, 129, 200, 300, 400, 600, 800, 1000, 1300, 1600, 2000, 2400):
            port = await self.cut(after)
            bots.append(self.bot('cut%d' % after, jid='lippy@localhost/cut%d' % after, rooms=None,
                                 websocket='ws://127.0.0.1:%d/xmpp-websocket' % port))
        for bot in bots:
            await bot.logged('ready as')
        self.assertTrue(all(bot.count('again in') for bot in bots[:10]))
        for bot in bots:
            self.assertEqual(await bot.stop(), 0)


class Certificates(World):
    domain = 'chat.test'

    def secure(self, **more):
        p = self.prosody
        return {'websocket': 'wss://chat.test:%d/xmpp-websocket' % p.wss, 'connect_address': '127.0.0.1:%d' % p.wss,
                'ca_file': p.ca, **more}

    async def test_host_meta(self):
        bot = self.bot(**self.secure(websocket=None))
        await bot.logged('ready as lippy@chat.test')
        self.assertRegex(bot.log(), 'connected to chat.test:')
        self.assertEqual(await bot.stop(), 0)

    async def test_host_meta_that_is_of_no_use(self):
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self.prosody.folder + '/server.crt', self.prosody.folder + '/server.key')
        answers = {
            'status 404': b'HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}',
            'status 302': b'HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n',
            'is not JSON': b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n<XRD/',
            'no wss address': b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}',
            'longer than': b'HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n' + b' ' * 9000000,
            'timed out': b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{',
        }
        for why, answer in answers.items():
            async def each(reader, writer, answer=answer):
                await reader.readuntil(b'\r\n\r\n')
                writer.write(answer)
                await reader.read(-1)
                writer.close()
            server = await asyncio.start_server(each, '127.0.0.1', 0, ssl=tls)
            port = server.sockets[0].getsockname()[1]
            bot = self.bot(**self.secure(websocket=None, connect_address='127.0.0.1:%d' % port, connect_seconds=2))
            with self.subTest(why):
                await bot.logged('(?i)host-meta.json of chat.test: .*%s.*again in' % why)
                self.assertEqual(bot.count('connecting to'), 0)
                self.assertEqual(await bot.stop(), 0)
            server.close()

    async def test_authority_of_the_system(self):
        bot = self.bot(**self.secure(ca_file=None), environment={'SSL_CERT_FILE': self.prosody.ca})
        await bot.logged('ready as')
        self.assertEqual(await bot.stop(), 0)

    async def test_host_meta_of_a_stranger(self):
        bot = self.bot(**self.secure(websocket=None, ca_file=None))
        await bot.logged('host-meta.json of chat.test: .*again in')
        self.assertEqual(bot.count('connecting to'), 0)
        self.assertEqual(await bot.stop(), 0)

    async def test_unknown_authority(self):
        bot = self.bot(**self.secure(ca_file=None))
        await bot.logged('certificate is not accepted.*again in')
        self.assertEqual(bot.count('connected to'), 0)
        self.assertEqual(await bot.stop(), 0)

    async def test_wrong_name(self):
        bot = self.bot(**self.secure(websocket='wss://other.test:%d/xmpp-websocket' % self.prosody.wss))
        await bot.logged('again in')
        self.assertEqual(bot.count('connected to'), 0)
        self.assertEqual(await bot.stop(), 0)


if __name__ == '__main__':
    main()
