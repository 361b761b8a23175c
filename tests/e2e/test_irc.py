"""Whole talks on IRC over websockets: a real InspIRCd, a person on plain TCP."""
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
        bob.forget()
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


if __name__ == '__main__':
    main()
