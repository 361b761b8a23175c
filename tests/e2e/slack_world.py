"""A fake Slack, a bot on it, and a person played by Slack's own Web API client."""
import os
import tempfile

from node_peer import Fake, NodeHuman
from world import Bot, World

PEOPLE = ('alice', 'bob')
BOT = 'U0LIPPY'
MENTION = '<@%s>' % BOT


class Human(NodeHuman):
    SETTLE, QUIET = 0.5, 0.8

    def __init__(self, fake, name):
        super().__init__('slack_human.mjs', fake.api, fake.tokens[name], BOT)
        self.fake, self.name = fake, name
        self.threads, self.buttons = [], []

    def take(self, line):
        if 'heard' in line:
            self.inbox.put_nowait((line['heard']['place'], line['heard']['text']))
            self.threads.append(line['heard']['thread'])
            self.buttons = line['heard']['buttons']
        else:
            raise AssertionError(line)

    async def clicks(self, number, where='private'):
        """On the button of that number under the newest message with buttons."""
        await self.fake.tell('click', user=self.name, number=number, channel='general' if where == 'room' else '')


class SlackWorld(World):
    server = False

    async def asyncSetUp(self):
        tokens = {name: '%s-%s-%s' % ('xoxb' if name == 'lippy' else 'xoxp', name, os.urandom(9).hex()) for name in ('lippy', *PEOPLE)}
        self.app_token = 'xapp-1-' + os.urandom(9).hex()
        self.fake = Fake('slack_fake.mjs', self.app_token, *('%s:%s' % user for user in tokens.items()))
        self.fake.tokens = tokens
        await self.fake.start()
        self.fake.api = 'http://127.0.0.1:%d/api/' % self.fake.port
        self.addAsyncCleanup(self.fake.stop)
        self.state_dir = tempfile.mkdtemp(dir=self.folder)

    def bot(self, token=None, app_token=None, others={}, **settings):
        """settings: keys of [slack]; others: further sections. What is kept outlasts it."""
        app_token = app_token or self.app_token
        standard = {'api': self.fake.api.rstrip('/'), 'app_token_env': 'LIPPY_TEST_APP_TOKEN'}
        bot = self.keep(Bot(self.folder, {**standard, **settings}, token or self.fake.tokens['lippy'], 'lippy',
                            {'LIPPY_TEST_APP_TOKEN': app_token}, 'slack', others, secret='bot_token', state_dir=self.state_dir))
        self.addCleanup(lambda: self.assertNotIn(app_token, bot.log()))
        return bot

    async def human(self, name='alice'):
        human = await Human(self.fake, name).start()
        self.addAsyncCleanup(human.stop)
        return human

    async def said(self):
        """All that the bot has said, in order."""
        return [post for post in await self.fake.tell('posts') if post['name'] == 'lippy']
