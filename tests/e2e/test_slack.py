"""Whole talks on Slack: a fake of it, and a person who is its official client."""
import asyncio
import re
import time

from slack_world import MENTION, SlackWorld
from talk import ADVICE, OPENING, answer_to, check, whole_talk
from world import main


class Talk(SlackWorld):
    async def begin(self, **settings):
        bot, alice, bob = self.bot(**settings), await self.human('alice'), await self.human('bob')
        await bot.logged('ready as @lippy')
        return bot, alice, bob

    async def test_in_private(self):
        bot, alice, _ = await self.begin()
        check(self, await whole_talk(alice.ask, OPENING, 'private'))
        self.assertEqual(set(alice.threads), {''})
        self.assertEqual(await bot.stop(), 0)

    async def test_in_a_thread(self):
        bot, alice, bob = await self.begin()
        alice.say('good morning, everybody')
        alice.leave_thread()
        alice.say('<!channel> lippy, who wants a coffee?')
        await alice.hears_nothing()
        alice.leave_thread()
        heard = await whole_talk(alice.ask, MENTION + ' ' + OPENING)
        self.assertTrue(all(text.startswith('<@U0ALICE>: ') for text in heard), heard)
        check(self, heard)
        self.assertEqual(len(set(alice.threads)), 1)
        self.assertTrue(alice.threads[0])
        # what bob says is for the room, until he speaks to the bot: then he begins at the beginning, in a thread of his own
        await bob.hear()
        bob.say('my lip twitches, too')
        await bob.hears_nothing()
        bob.leave_thread()
        self.assertRegex(await bob.ask(MENTION + ': hello'), '(?i)not a doctor')
        self.assertNotEqual(bob.threads[-1], alice.threads[0])
        self.assertEqual(await bot.stop(), 0)

    async def test_from_the_channel_into_private(self):
        bot, alice, bob = await self.begin(private_only='yes')
        self.assertRegex(await alice.ask(MENTION + ' ' + OPENING), '(?i)private')
        await alice.clicks(1, 'room')
        self.assertEqual(set(place for place, _ in await alice.hear(settle=1.5)), {'room', 'private'})
        await asyncio.gather(whole_talk(alice.ask, 'it is about me, I am 35', 'private'),
                             whole_talk(bob.ask, OPENING, 'private'))
        for post in await self.said():
            if not post['direct']:
                self.assertNotRegex(post['text'], r'(?i)none of these|coffee|sleep')
        for name, other in (('ALICE', 'BOB'), ('BOB', 'ALICE')):
            mine = [post for post in await self.said() if post['channel'] == 'D0%sLIPPY' % name]
            self.assertTrue(mine)
            self.assertFalse([post for post in mine if other in post['text']])
        self.assertEqual(await bot.stop(), 0)

    async def test_emergency_comes_first(self):
        bot, alice, _ = await self.begin(private_only='yes')
        for where, name in (('room', MENTION + ' '), ('private', '')):
            begun = time.monotonic()
            alice.say(name + 'my lip twitches, one side of my face droops and my arm is weak', where)
            place, text = (await alice.hear())[0]
            self.assertEqual(place, where)
            self.assertRegex(text, r'112[\s\S]*999[\s\S]*911')
            self.assertLess(time.monotonic() - begun, 5)
        self.assertEqual(await bot.stop(), 0)

    async def test_buttons_are_answers(self):
        bot, alice, bob = await self.begin()
        self.assertRegex(await alice.ask(MENTION + ' ' + OPENING), r'(?i)2\. here')
        self.assertEqual(alice.buttons, ['in private', 'here'])
        await bob.clicks(2, 'room')  # not his talk
        await alice.hears_nothing()
        await alice.clicks(2, 'room')
        self.assertRegex('\n'.join(text for _, text in await alice.hear()), '(?i)question|these')
        await asyncio.sleep(0.5)
        answered = next(post for post in await self.said() if not post['direct'])
        self.assertEqual([block['type'] for block in answered['blocks']], ['section', 'context'])
        # and in private, wherever there is a button for what alice has to say
        heard, clicked = await alice.ask(OPENING, 'private'), 0
        while clicked < 4 and not re.search(ADVICE, heard):
            none = re.findall(r'(?im)^(\d+)\. (?:none of these|no)$', heard)
            if none:
                self.assertIn(alice.buttons[int(none[-1]) - 1].lower(), (none[-1], 'no', 'none of these'))
                await alice.clicks(int(none[-1]))
                clicked += 1
                heard = '\n\n'.join(text for _, text in await alice.hear())
            else:
                heard = await alice.ask(answer_to(heard), 'private')
        self.assertGreaterEqual(clicked, 3)
        self.assertEqual((await self.fake.tell('state'))['unacked'], 0)
        self.assertEqual(await bot.stop(), 0)

    async def test_slash_command(self):
        bot, alice, _ = await self.begin()
        await self.fake.tell('command', user='alice', text='my lip twitches', channel='general')
        place, text = (await alice.hear())[0]
        self.assertEqual(place, 'private')
        self.assertRegex(text, '(?i)not a doctor')
        self.assertEqual(await bot.stop(), 0)

    async def test_what_is_not_for_it(self):
        bot, alice, _ = await self.begin()
        for where in ('room', 'private'):
            for more in ({'subtype': 'bot_message', 'bot_id': 'B0OTHER'}, {'bot_id': 'B0OTHER'}, {'subtype': 'channel_join'}):
                await self.fake.tell('post', user='bob', where=where, text=MENTION + ' my lip twitches', **more)
        for more in ({'user': 'U0LIPPY'}, {'user': 'USLACKBOT'}, {'user': 'U0BOB', 'subtype': 'message_deleted'}, {'user': None}):
            await self.fake.tell('event', event={'type': 'message', 'channel': 'D0BOBLIPPY', 'channel_type': 'im', 'text': 'hello',
                                                 'ts': '%d.000100' % time.time(), **more})
        for event in ({'type': 'reaction_added', 'user': 'U0BOB'}, {'type': 'message', 'channel': None}, None,
                      {'type': 'message', 'user': 'U0BOB', 'channel': 'D0BOBLIPPY', 'ts': 12.5, 'text': 'hello'}):
            await self.fake.tell('event', event=event)
        await self.fake.tell('envelope', type='something_new', payload={})
        await alice.hears_nothing()
        self.assertEqual(await self.said(), [])
        self.assertEqual((await self.fake.tell('state'))['unacked'], 0)
        self.assertEqual(await bot.stop(), 0)

    async def test_any_text(self):
        bot, alice, _ = await self.begin()
        for text in ('*my* _lip_ ~twitches~ `x` &lt;!channel&gt; &amp;amp; <http://x|y> <#C0GENERAL|general>', 'x' * 12000,
                     '\U0001f636' * 2000, 'my lip ' * 1700):
            await alice.ask(text, 'private')
        self.assertFalse([call for call in await self.fake.tell('calls') if call['by'] == 'lippy' and call.get('error')])
        self.assertEqual(await bot.stop(), 0)


if __name__ == '__main__':
    main()
