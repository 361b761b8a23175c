"""IRC over websockets: a real InspIRCd, a person on plain TCP; Anope for accounts."""
import asyncio
import os
import re
import time

from irc_world import IrcWorld
from talk import OPENING, check, whole_talk
from world import main


class Talk(IrcWorld):
    async def test_in_the_channel_and_in_private(self):
        bot = self.bot()
        alice, bob = await self.human('alice'), await self.human('bob')
        await alice.wait_here()
        alice.say('good morning, everybody')
        await alice.hears_nothing()
        heard = await whole_talk(alice.ask, 'lippy: ' + OPENING)
        self.assertTrue(all(text.startswith('alice: ') for text in heard), heard)
        check(self, [text.replace('  1. ', '\n1. ') for text in heard])
        # what bob says is for the room, until he speaks to the bot: then he begins at the beginning
        while not bob.inbox.empty():
            bob.inbox.get_nowait()
        bob.say('my lip twitches, too')
        await bob.hears_nothing()
        self.assertRegex(await bob.ask('@lippy hello'), '(?i)bob: .*not a doctor')
        heard = await whole_talk(bob.ask, OPENING, 'private')
        self.assertRegex(heard[-1], '(?i)coffee|caffeine')
        self.assertEqual(await bot.stop(), 0)
        await bob.sees('QUIT')

    async def test_from_the_channel_into_private(self):
        bot = self.bot()
        alice = await self.human()
        await alice.wait_here()
        await alice.ask('lippy: ' + OPENING)
        alice.say('in private')
        places = dict(await alice.hear())
        self.assertEqual(set(places), {'room', 'private'})
        await alice.ask('it is about me, I am 35', 'private')
        alice.say('no')
        await alice.hears_nothing()
        self.assertEqual(await bot.stop(), 0)

    async def test_emergency_comes_first(self):
        bot = self.bot()
        alice = await self.human()
        await alice.wait_here()
        for where, name in (('room', 'lippy: '), ('private', '')):
            begun = time.monotonic()
            alice.say(name + 'my lip twitches, one side of my face droops and my arm is weak', where)
            place, text = (await alice.hear(settle=1.0))[0]
            self.assertEqual(place, where)
            self.assertRegex(text, r'112.*999.*911')
            self.assertLess(time.monotonic() - begun, 5)
        self.assertEqual(await bot.stop(), 0)

    async def test_what_is_not_for_it(self):
        bot = self.bot()
        alice = await self.human()
        await alice.wait_here()
        alice.send('NOTICE lippy :my lip twitches')
        alice.send('NOTICE #clinic :lippy: my lip twitches')
        alice.send('PRIVMSG lippy :\x01PING 1\x01')
        alice.send('MODE alice +B')  # a bot like us
        alice.say('lippy: my lip twitches')
        await alice.hears_nothing()
        alice.send('MODE alice -B')
        alice.send('PRIVMSG lippy :\x01VERSION\x01')
        await alice.sees('\x01VERSION Lippy ')
        self.assertRegex(await alice.ask('lippy: \x02my\x02 \x0304lip\x03 twitches \xe9 \U0001f636'), 'alice: ')
        self.assertEqual(await bot.stop(), 0)


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
        heard = await alice.hear(settle=3)
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
