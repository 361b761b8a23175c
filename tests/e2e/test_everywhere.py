"""All six platforms in one process: six whole talks at the same time, and what befalls one of them is nothing to the others."""
import asyncio
import json
import os
import tempfile

import discord_world
import irc_world
import mattermost_world
import slack_world
from node_peer import Fake
from talk import ADVICE, OPENING, check, whole_talk
from web_world import Tab, WebBot
from world import World, main

READY = ('xmpp: ready as', 'irc: ready as', 'mattermost: ready as', 'discord: ready as', 'slack: ready as', 'the page is at')


class Everywhere(World):
    async def asyncSetUp(self):
        self.irc = irc_world.InspIRCd(os.path.join(tempfile.mkdtemp(dir=self.folder), 'irc'))
        self.addCleanup(self.irc.stop)
        await self.irc.start()
        self.secrets = {name: name.lower() + os.urandom(12).hex() for name in ('MATTERMOST', 'DISCORD', 'SLACK', 'SLACK_APP')}
        self.secrets['XMPP'] = self.prosody.passwords['lippy']
        self.mattermost = await self.start_fake('mattermost_fake.mjs', 'lippy:' + self.secrets['MATTERMOST'], 'alice:alice-there')
        self.fake = await self.start_fake('discord_fake.mjs', 'lippy:' + self.secrets['DISCORD'])
        self.slack = await self.start_fake('slack_fake.mjs', self.secrets['SLACK_APP'], 'lippy:' + self.secrets['SLACK'], 'alice:alice-there')
        self.mattermost.tokens = self.slack.tokens = {'alice': 'alice-there'}
        self.slack.api = 'http://127.0.0.1:%d/api/' % self.slack.port

    async def start_fake(self, script, *users):
        fake = await Fake(script, *users).start()
        self.addAsyncCleanup(fake.stop)
        return fake

    async def started(self):
        others = {
            'xmpp': {'jid': 'lippy@' + self.domain, 'nick': 'lippy', 'rooms': self.prosody.room, 'password_env': 'XMPP',
                     'websocket': 'ws://127.0.0.1:%d/%s' % (self.prosody.ws, self.prosody.path)},
            'irc': {'websocket': 'ws://127.0.0.1:%d/' % self.irc.ws, 'rooms': '#clinic', 'lines_per_minute': 1200},
            'mattermost': {'url': 'http://127.0.0.1:%d' % self.mattermost.port, 'token_env': 'MATTERMOST'},
            'discord': {'api': 'http://127.0.0.1:%d/api/v10' % self.fake.port, 'token_env': 'DISCORD', 'command': 'lip'},
            'slack': {'api': self.slack.api.rstrip('/'), 'bot_token_env': 'SLACK', 'app_token_env': 'SLACK_APP'},
        }
        bot = self.keep(WebBot(self.folder, 'lippy', environment=self.secrets, messages_per_minute=6000, messages_per_minute_per_address=6000,
                               others={name: {'password_file': None, **keys} for name, keys in others.items()}))
        self.addCleanup(lambda: [self.assertNotIn(secret, bot.log()) for secret in self.secrets.values()])
        for line in READY:
            await bot.logged(line)
        return bot

    async def people(self, bot):
        """Somebody on each platform, to talk with the bot in private."""
        people = {'xmpp': await self.human(), 'irc': irc_world.Human(self.irc), 'mattermost': mattermost_world.Human(self.mattermost, 'alice'),
                  'slack': slack_world.Human(self.slack, 'alice'), 'discord': discord_world.Human(self, 'alice'), 'web': Tab(bot)}
        for name in ('irc', 'mattermost', 'slack'):
            await people[name].start()
            self.addAsyncCleanup(people[name].stop)
        reading = asyncio.ensure_future(self.read_discord(people['discord']))
        self.addCleanup(reading.cancel)
        await people['web'].open()
        self.addAsyncCleanup(people['web'].close)
        return people

    async def read_discord(self, alice):
        while raw := await self.fake.process.stdout.readline():
            seen = json.loads(raw)['seen']
            if seen['user'] == alice.name:
                alice.take(seen)

    async def test_six_talks_at_once(self):
        bot = await self.started()
        people = await self.people(bot)
        talks = await asyncio.gather(*(whole_talk(person.ask, OPENING, 'private') for person in people.values()))
        for name, heard in zip(people, talks):
            with self.subTest(name):
                check(self, heard)
        self.assertEqual(await bot.stop(), 0)

    async def test_the_others_go_on(self):
        """Slack's token is revoked, Mattermost and the IRC server are gone, Prosody restarts: Discord and the page talk on, and XMPP is back."""
        bot = await self.started()
        people = await self.people(bot)
        await self.slack.tell('revoke', user='lippy')
        people['slack'].say(OPENING, 'private')
        await self.mattermost.tell('stop')
        self.irc.stop()
        self.prosody.stop()
        talks = await asyncio.gather(*(whole_talk(people[name].ask, OPENING, 'private') for name in ('discord', 'web')))
        self.prosody.start()
        for heard in talks:
            check(self, heard)
        await bot.logged('xmpp: ready as', times=2, seconds=40)
        self.assertEqual(bot.count('slack: .*(?:token_revoked|invalid_auth)'), 1)
        self.assertLess(bot.count('again in'), 40)
        self.assertIsNone(bot.process.poll())
        self.assertRegex('\n'.join(await whole_talk((await self.human('bob')).ask, OPENING, 'private')), ADVICE)
        await bot.stop()


if __name__ == '__main__':
    main()
