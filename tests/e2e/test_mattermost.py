"""Whole talks on Mattermost: a fake server, a person who is its official client."""
import re
import time

from mattermost_world import MattermostWorld
from talk import ADVICE, OPENING, answer_to, check, whole_talk
from world import main


class Talk(MattermostWorld):
    async def test_in_private(self):
        bot = self.bot()
        alice = await self.human()
        await bot.logged('ready as @lippy')
        check(self, await whole_talk(alice.ask, OPENING, 'private'))
        self.assertTrue(alice.typing)
        self.assertEqual(set(alice.roots), {''})
        self.assertEqual(await bot.stop(), 0)

    async def test_in_a_thread(self):
        bot = self.bot()
        alice, bob = await self.human('alice'), await self.human('bob')
        await bot.logged('ready as @lippy')
        alice.say('good morning, everybody')
        alice.say('@channel who wants a coffee?')
        await alice.hears_nothing()
        alice.leave_thread()
        heard = await whole_talk(alice.ask, '@lippy ' + OPENING)
        self.assertTrue(all(text.startswith('alice: ') for text in heard), heard)
        check(self, heard)
        self.assertEqual(len(set(alice.roots)), 1)
        self.assertTrue(alice.roots[0])
        # what bob says is for the room, until he speaks to the bot: then he begins at the beginning, in a thread of his own
        bob.forget()
        bob.say('my lip twitches, too')
        await bob.hears_nothing()
        bob.leave_thread()
        self.assertRegex(await bob.ask('@Lippy: hello'), '(?i)bob: .*not a doctor')
        self.assertNotEqual(bob.roots[-1], alice.roots[0])
        self.assertEqual(await bot.stop(), 0)

    async def test_from_the_channel_into_private(self):
        bot = self.bot(private_only='yes')
        alice, bob = await self.human('alice'), await self.human('bob')
        await bot.logged('ready as @lippy')
        self.assertRegex(await alice.ask('lippy: ' + OPENING), '(?i)private')
        alice.say('private')
        places = dict(await alice.hear())
        self.assertEqual(set(places), {'room', 'private'})
        await whole_talk(alice.ask, 'it is about me, I am 35', 'private')
        # bob has seen the offer, and nothing of the talk
        self.assertTrue(all(place == 'room' for place, _ in await bob.hear()))
        for text in [post['message'] for post in await self.said() if not post['direct']]:
            self.assertNotRegex(text, r'(?i)none of these|coffee|sleep')
        self.assertEqual(await bot.stop(), 0)

    async def test_emergency_comes_first(self):
        bot = self.bot(private_only='yes')
        alice = await self.human()
        await bot.logged('ready as @lippy')
        for where, name in (('room', 'lippy: '), ('private', '')):
            begun = time.monotonic()
            alice.say(name + 'my lip twitches, one side of my face droops and my arm is weak', where)
            place, text = (await alice.hear())[0]
            self.assertEqual(place, where)
            self.assertRegex(text, r'112[\s\S]*999[\s\S]*911')
            self.assertLess(time.monotonic() - begun, 5)
        self.assertEqual(await bot.stop(), 0)

    async def test_reactions_are_answers(self):
        bot = self.bot()
        alice, bob = await self.human('alice'), await self.human('bob')
        await bot.logged('ready as @lippy')
        heard = await alice.ask('@lippy ' + OPENING)
        self.assertRegex(heard, r'(?i)2\. here')
        await bob.hear()
        await bob.picks(2)  # not his talk
        await alice.hears_nothing()
        self.assertEqual(alice.reactions, ['one', 'two'])
        await alice.picks(2)
        heard = '\n'.join(text for _, text in await alice.hear())
        self.assertRegex(heard, '(?i)question')
        # and through a whole talk in private, wherever there is a number for what alice has to say
        heard, most = await alice.ask(OPENING, 'private'), 40
        while not re.search(ADVICE, heard) and most:
            none = re.findall(r'(?m)^(\d+)\. (?:none of these|no)$', heard)
            if none:
                await alice.picks(int(none[-1]))
                heard = '\n\n'.join(text for _, text in await alice.hear())
            else:
                heard = await alice.ask(answer_to(heard), 'private')
            most -= 1
        self.assertTrue(most, heard)
        self.assertEqual(await bot.stop(), 0)

    async def test_what_is_not_for_it(self):
        bot = self.bot()
        alice = await self.human()
        await bot.logged('ready as @lippy')
        for more in ({'props': {'from_bot': 'true'}}, {'props': {'from_webhook': 'true'}}, {'props': {'from_bot': True}},
                     {'type': 'system_add_to_channel'}, {'type': 'system_header_change'}):
            await self.fake.tell('post', user='bob', message='lippy: my lip twitches', **more)
            await self.fake.tell('post', user='bob', message='my lip twitches', where='private', **more)
        await alice.hears_nothing()
        self.assertEqual(await self.said(), [])
        self.assertEqual(await bot.stop(), 0)

    async def test_an_edit_is_a_correction(self):
        bot = self.bot()
        alice = await self.human()
        await bot.logged('ready as @lippy')
        await alice.ask('my lip twitches', 'private')
        alice.write({'edit': 'my lip twitches and one side of my face droops'})
        self.assertRegex('\n'.join(text for _, text in await alice.hear()), r'112[\s\S]*999[\s\S]*911')
        self.assertEqual(await bot.stop(), 0)

    async def test_any_text(self):
        bot = self.bot()
        alice = await self.human()
        await bot.logged('ready as @lippy')
        for text in ('**my** _lip_ ~~twitches~~ `x` [a](http://x) @all #tag', 'x' * 16383, '\U0001f636' * 9000, 'my lip ' * 2000):
            await alice.ask(text, 'private')
        for post in await self.said():
            self.assertNotRegex(post['message'], r'@(all|channel|here)\b')
            self.assertLessEqual(len(post['message']), 16383)
        self.assertEqual(await bot.stop(), 0)


if __name__ == '__main__':
    main()
