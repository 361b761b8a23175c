"""Logging in to an InspIRCd (with Anope for accounts), staying, coming back, leaving."""
import asyncio
import os
import re
import time

from irc_world import IrcWorld
from world import main


class Connection(IrcWorld):
    async def test_server_restarts_and_the_talk_goes_on(self):
        bot = self.bot()
        alice = await self.human()
        await alice.wait_here()
        await alice.ask('lippy: my upper lip twitches')
        self.irc.stop()
        await bot.logged('irc: .*again in')
        await self.irc.start()
        await bot.logged('irc: ready as', times=2)
        alice = await self.human()
        await alice.wait_here()
        await alice.ask('no')  # the talk is still open: no name is needed
        self.assertEqual(await bot.stop(), 0)

    async def test_nick_in_use_is_had_back(self):
        bob = await self.human('lippy', peer='lippy_')
        bot = self.bot(long_pause_seconds=1)
        await bot.logged('ready as lippy_')
        await bob.wait_here()
        await bob.ask('lippy_: hello')
        alice = await self.human()
        await bob.stop()
        await alice.wait_here()
        await alice.ask('lippy: hello')
        self.assertEqual(await bot.stop(), 0)

    async def test_kick_and_ban(self):
        alice = await self.human()
        bot = self.bot(long_pause_seconds=1)
        await alice.wait_here()
        alice.send('KICK #clinic lippy :go')
        await bot.logged('kicked out of #clinic')
        await alice.wait_here()
        await alice.ask('lippy: hello')
        alice.send('MODE #clinic +b lippy!*@*')
        alice.send('KICK #clinic lippy :go')
        await bot.logged(r'cannot join #clinic \(474\)', times=2)
        alice.send('MODE #clinic -b lippy!*@*')
        await alice.wait_here()
        self.assertEqual(await bot.stop(), 0)

    async def test_over_tls(self):
        bot = self.bot(websocket='wss://localhost:%d/' % self.irc.wss, ca_file=self.irc.ca,
                       connect_address='127.0.0.1:%d' % self.irc.wss)
        alice = await self.human()
        await alice.wait_here()
        await alice.ask('lippy: hello')
        self.assertEqual(await bot.stop(), 0)

    async def test_beside_a_platform_whose_server_is_down(self):
        bot = self.bot(others={'xmpp': {'jid': 'lippy@localhost', 'websocket': 'ws://127.0.0.1:1/'}})
        alice = await self.human()
        await alice.wait_here()
        begun, used = time.monotonic(), self.processor_seconds(bot)
        await alice.ask('lippy: my lip twitches')
        await bot.logged('xmpp: .*again in', times=2)
        await alice.ask('no')
        await alice.hears_nothing(2)
        self.assertLess(bot.count('xmpp: connecting to'), 8)
        self.assertEqual(bot.count('irc: connecting to'), 1)
        self.assertLess(self.processor_seconds(bot) - used, 0.5 * (time.monotonic() - begun))
        self.assertEqual(await bot.stop(), 0)

    @staticmethod
    def processor_seconds(bot):
        with open('/proc/%d/stat' % bot.process.pid, encoding='utf-8') as f:
            words = f.read().rpartition(')')[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf('SC_CLK_TCK')


class Strict(IrcWorld):
    """A server that throws out whoever sends more than ten lines and one a second, and looks at the origin."""
    options = {'limits': (10, 1000), 'origin': 'https://chat.test'}

    async def test_is_not_thrown_out(self):
        bot = self.bot(lines_per_minute=None, origin='https://chat.test')
        alice, bob = await self.human('alice', channel=None), await self.human('bob', channel=None)
        await bot.logged('in #clinic')
        for _ in range(3):
            for human in (alice, bob):
                human.say('my upper lip twitches', 'private')
                await asyncio.sleep(0.2)
        heard = await alice.hear(settle=5)
        self.assertGreater(len(heard), 5)
        self.assertEqual(bot.count('connecting to'), 1)
        self.assertEqual(await bot.stop(), 0)

    async def test_wrong_origin(self):
        bot = self.bot(origin='https://elsewhere.test')
        await bot.logged('does it allow the origin https://elsewhere.test')
        self.assertEqual(await bot.stop(), 0)


class Account(IrcWorld):
    """SASL PLAIN, which a server offers while its services are there."""
    options = {'services': True}

    async def test_login(self):
        lippy = await self.human('lippy', channel=None)
        lippy.send('PRIVMSG NickServ :REGISTER Geheim-77 lippy@irc.test')
        await lippy.sees('registered')
        await lippy.stop()
        alice = await self.human()
        bot = self.bot(password='Geheim-77')
        await alice.wait_here()
        alice.send('WHOIS lippy')
        await alice.sees(' 330 ')
        self.assertRegex(await alice.ask('lippy: hello'), 'alice: ')
        self.assertEqual(await bot.stop(), 0)
        bot = self.bot(password='wrong-Geheim')
        self.assertEqual(await bot.ended(), 3)
        self.assertEqual(bot.count('connecting to'), 1)
        self.assertTrue(re.search('error run: irc: the server refuses us', bot.log()), bot.log())


if __name__ == '__main__':
    main()
