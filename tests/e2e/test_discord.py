"""Whole talks on Discord: a fake server, which discord.js is content with (test_discord_client.py)."""
import re
import time

from discord_world import DiscordWorld
from talk import ADVICE, OPENING, answer_to, check, whole_talk
from world import main


class Talk(DiscordWorld):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.lippy = await self.started()

    async def end(self):
        self.assertEqual(await self.lippy.stop(), 0)
        refused = [r for r in await self.requests() if r['status'] >= 400]
        self.assertEqual(refused, [])

    async def test_in_direct_messages(self):
        heard = await whole_talk(self.alice.ask, OPENING, 'private')
        # what is on buttons is not in the text
        labels = '\n'.join('- %s' % b['label'] for seen in self.alice.seen for b in seen['buttons'])
        heard[-2] += '\n' + labels
        check(self, heard)
        self.assertTrue(self.typing)
        self.assertEqual([seen for seen in self.bob.seen if seen['place'] != 'room'], [])
        await self.end()

    async def test_a_mention_and_then_for_one_person_only(self):
        self.alice.say('good morning, @everyone')
        self.alice.say('who is @bob?')
        await self.alice.hears_nothing()
        self.assertRegex(await self.alice.ask('@lippy ' + OPENING), '(?i)not a doctor[\\s\\S]*private')
        self.assertTrue(await self.bob.ask('good evening, @lippy', 'room'))
        self.bob.forget()
        self.alice.forget()
        self.bob.click('in private')  # on his own
        self.assertEqual([place for place, _ in await self.bob.hear()], ['ephemeral'] * 2)
        await self.alice.hears_nothing()
        offer = next(seen for seen in self.alice.seen if seen['place'] == 'room' and seen['buttons'])
        self.bob.do('click', message=offer['id'], button=offer['buttons'][0]['id'])  # on hers
        await self.bob.hears_nothing()
        self.alice.do('click', message=offer['id'], button=offer['buttons'][0]['id'])
        self.assertRegex((await self.alice.hear())[-1][1], '(?i)how old')
        # on with the command, and with the form
        self.alice.click('Write an answer')
        await self.alice.sees('form')
        self.alice.do('submit', text='it is about me, I am 35')
        heard = [text for _, text in await self.alice.hear()]
        await whole_talk(self.alice.ask, answer_to(heard[-1]), 'command')
        # the room has seen greetings and offers, and nothing of the talk
        for seen in self.bob.seen:
            if seen['place'] == 'room':
                self.assertNotRegex(seen['text'], r'(?i)none of these|coffee|sleep|how old')
        self.assertTrue(all(seen['place'] != 'ephemeral' or not re.search(ADVICE, seen['text']) for seen in self.bob.seen))
        await self.end()

    async def test_buttons_in_direct_messages(self):
        heard = await self.alice.ask(OPENING, 'private')
        for _ in range(30):
            labels = {} if not self.alice.seen[-1]['buttons'] else self.alice.buttons()[0]
            if re.search(ADVICE, heard):
                break
            self.assertNotIn('Write an answer', labels)
            none = [label for label in labels if re.match('(?i)no$|none of these', label)]
            numbers = [label for label in labels if label.isdigit()]
            if none:
                self.alice.click(none[0])
            elif numbers and re.search(r'(?im)^%s\. none of these' % numbers[-1], heard):
                self.alice.click(numbers[-1])
            elif labels and not numbers:
                self.alice.click(list(labels)[-1])
            else:
                self.alice.say(answer_to(heard), 'private')
            heard = '\n\n'.join(text for _, text in await self.alice.hear())
        self.assertRegex(heard, ADVICE)
        self.assertGreater(len(await self.requests('POST', '/callback')), 1)
        # a button of a question long gone says nothing any more, and goes away
        old = next(seen for seen in self.alice.seen if seen['buttons'])
        self.alice.do('click', message=old['id'], button=old['buttons'][0]['id'])
        await self.alice.hears_nothing()
        self.assertEqual(self.alice.seen[-1]['place'], 'update')
        await self.end()

    async def test_the_command(self):
        commands = await self.fake.tell('commands', bot='lippy')
        self.assertEqual([c['name'] for c in commands], ['lip'])
        self.alice.say('', 'command')
        self.assertEqual([place for place, _ in await self.alice.hear()], ['ephemeral'])
        self.alice.do('command', where='private', text='it is about me, I am 35')
        (place, text), = await self.alice.hear()
        self.assertEqual(place, 'private')  # the same talk goes on
        self.assertNotRegex(text, '(?i)how old|not a doctor')
        self.assertEqual(self.bob.seen, [])
        await self.end()

    async def test_emergency_comes_first(self):
        for where, name in (('room', '@lippy '), ('private', ''), ('command', '')):
            begun = time.monotonic()
            self.alice.say(name + 'my lip twitches, one side of my face droops and my arm is weak', where)
            place, text = (await self.alice.hear())[0]
            self.assertEqual(place, 'ephemeral' if where == 'command' else where)
            self.assertRegex(text, r'112[\s\S]*999[\s\S]*911')
            self.assertLess(time.monotonic() - begun, 5)
        await self.end()

    async def test_what_is_not_for_it(self):
        self.alice.say('lippy, my lip twitches')
        await self.fake.tell('webhook', text='@lippy my lip twitches')
        await self.alice.hears_nothing()
        await self.alice.ask('@lippy hello')
        await self.fake.tell('edit', user='alice', text='<@1> my lip twitches')
        await self.alice.hears_nothing()
        self.alice.say('hello \U0001f636 ' + '<:x:12>' * 3 + '\u202e', 'private')
        self.assertRegex((await self.alice.hear())[0][1], '(?i)not a doctor')
        await self.end()

    async def test_both_at_once(self):
        """Two people in the same second, each with answers of their own."""
        for human in (self.alice, self.bob):
            human.say(OPENING, 'private')
        for human in (self.alice, self.bob):
            self.assertRegex((await human.hear())[0][1], '(?i)not a doctor')
        self.alice.say('it is about me, I am 35', 'private')
        self.bob.say('my mother, 80', 'private')
        self.assertEqual({len(await human.hear()) for human in (self.alice, self.bob)}, {1})
        await self.end()


if __name__ == '__main__':
    main()
