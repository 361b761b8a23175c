"""Whole talks of a person with the bot on a real server: in the room, in private, in the clear and encrypted."""
import asyncio
import re

from talk import OPENING, check, whole_talk
from world import Ejabberd, World, main


class Plain(World):
    """ws and SCRAM-SHA-1."""

    async def test_in_the_room(self):
        bot = self.bot()
        alice, bob = await self.human('alice'), await self.human('bob')
        await alice.wait_here()
        alice.say('good morning, everybody')
        await alice.hears_nothing()
        heard = await whole_talk(alice.ask, 'Lippy, ' + OPENING)
        check(self, heard)
        self.assertTrue(all(text.startswith('alice: ') for text in heard), heard)
        # before the first question the room is told that there is a private way
        self.assertRegex(heard[0], '(?i)private')
        # the talk is alice's: what bob says is for the room
        bob.forget()
        bob.say('my lip twitches, too')
        await bob.hears_nothing()
        # and when bob speaks to the bot he begins at the beginning
        self.assertRegex(await bob.ask('@lippy hello'), '(?i)bob: .*not a doctor')
        self.assertEqual(await bot.stop(), 0)
        alice.forget()
        # after a restart the room's history is no reason to speak
        bot = self.bot()
        await bot.logged('in clinic@')
        await alice.hears_nothing(1.5)
        self.assertEqual(await bot.stop(), 0)

    async def test_directly(self):
        bot = self.bot(rooms=None)
        await bot.logged('ready as')
        alice = await self.human(room=None)
        heard = await whole_talk(alice.ask, OPENING, 'direct')
        check(self, heard)
        self.assertEqual(await bot.stop(), 0)

    async def test_numbers_pick(self):
        bot = self.bot(rooms=None)
        await bot.logged('ready as')
        alice = await self.human(room=None)
        by_number = [(r'(?im)^\d+\. none of these', None)]

        async def ask(text, where):
            heard = await alice.ask(text, where)
            number = re.search(r'(?im)^(\d+)\. none of these', heard)
            by_number[0] = (by_number[0][0], number and number[1])
            return heard

        check(self, await whole_talk(ask, OPENING, 'direct', by_number))
        self.assertEqual(await bot.stop(), 0)

    async def test_emergency_comes_first(self):
        bot = self.bot()
        alice = await self.human()
        await alice.wait_here()
        heard = await alice.ask('lippy: my lip twitches, one side of my face droops and my arm is weak')
        self.assertRegex(heard, r'(?i)112.*999.*911')
        self.assertEqual(await bot.stop(), 0)

    async def test_odd_messages(self):
        bot = self.bot(rooms=None)
        await bot.logged('ready as')
        alice = await self.human(room=None)
        await alice.ask(OPENING, 'direct')
        for odd in ('\U0001f636' * 200, '\u202e\u202dtwitch\u2066', '?', 'a' * 50000, 'word ' * 10000, '<b>&amp;</b> " \'',
                    'e\u0301' * 3000, '\u00a0'):
            with self.subTest(odd[:10]):
                await alice.ask(odd, 'direct')
        await whole_talk(alice.ask, 'it is about me, I am 35', 'direct')
        self.assertEqual(await bot.stop(), 0)


class Secure(World):
    """wss with an authority of our own, SCRAM-SHA-256, and a name that only the certificate knows."""
    domain, hash = 'chat.test', 'SHA-256'

    def secure(self, **more):
        p = self.prosody
        return self.bot(websocket='wss://chat.test:%d/xmpp-websocket' % p.wss, ca_file=p.ca,
                        connect_address='127.0.0.1:%d' % p.wss, **more)

    async def test_from_the_room_into_private(self):
        bot = self.secure()
        alice = await self.human()
        await alice.wait_here()
        await alice.ask('lippy: ' + OPENING)
        alice.say('in private')
        places = dict(await alice.hear())
        self.assertEqual(set(places), {'room', 'private'})
        self.assertNotRegex(places['room'], '(?i)old|about you')
        heard = await whole_talk(alice.ask, 'it is about me, I am 35', 'private')
        self.assertRegex(heard[-1], '(?i)coffee|caffeine')
        # the room is free of it, and the bot silent there
        alice.say('no')
        await alice.hears_nothing()
        self.assertEqual(await bot.stop(), 0)

    async def test_in_the_room(self):
        bot = self.secure(country=None)
        alice = await self.human()
        await alice.wait_here()
        check(self, await whole_talk(alice.ask, 'lippy: ' + OPENING))
        self.assertEqual(await bot.stop(), 0)


class OnEjabberd(World):
    server = Ejabberd

    async def test_in_the_room_and_directly(self):
        bot = self.bot()
        alice, bob = await self.human('alice'), await self.human('bob', room=None)
        await alice.wait_here()
        for heard in await asyncio.gather(whole_talk(alice.ask, 'lippy: ' + OPENING), whole_talk(bob.ask, OPENING, 'direct')):
            check(self, heard)
        self.assertEqual(await bot.stop(), 0)


if __name__ == '__main__':
    main()
