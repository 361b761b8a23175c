"""A fake Mattermost, a bot on it, and a person played by Mattermost's own client library."""
import asyncio
import os
import tempfile
import time

from node_peer import Fake, NodeHuman
from world import Bot, World

PEOPLE = ('alice', 'bob')
NUMBERS = 'one two three four five six seven eight nine keycap_ten'.split()


class Human(NodeHuman):
    SETTLE, QUIET = 0.4, 0.8

    def __init__(self, fake, name):
        super().__init__('mattermost_human.mjs', 'http://127.0.0.1:%d' % fake.port, fake.tokens[name], 'lippy')
        self.roots, self.reactions, self.typing = [], [], 0

    def take(self, line):
        if 'heard' in line:
            self.inbox.put_nowait((line['heard']['place'], line['heard']['text']))
            self.reactions = []
            self.roots.append(line['heard']['root'])
        elif 'reaction' in line:
            self.reactions.append(line['reaction'])
        elif 'typing' in line:
            self.typing += 1
        else:
            raise AssertionError(line)

    async def picks(self, number, seconds=10.0):
        """Clicks on a number under what was heard last, when it is there."""
        end = time.monotonic() + seconds
        while NUMBERS[number - 1] not in self.reactions:
            if time.monotonic() > end:
                raise AssertionError('reactions: %s' % self.reactions)
            await asyncio.sleep(0.03)
        self.write({'react': NUMBERS[number - 1]})


class MattermostWorld(World):
    server = False

    async def asyncSetUp(self):
        tokens = {name: (name + os.urandom(13).hex())[:26] for name in ('lippy', *PEOPLE)}
        self.fake = Fake('mattermost_fake.mjs', *('%s:%s' % user for user in tokens.items()))
        self.fake.tokens = tokens
        await self.fake.start()
        self.addAsyncCleanup(self.fake.stop)
        self.state_dir = tempfile.mkdtemp(dir=self.folder)

    def bot(self, token=None, others={}, **settings):
        """settings: keys of [mattermost]; others: further sections. What is kept outlasts it."""
        standard = {'url': 'http://127.0.0.1:%d' % self.fake.port}
        return self.keep(Bot(self.folder, {**standard, **settings}, token or self.fake.tokens['lippy'], 'lippy', {}, 'mattermost', others,
                             secret='token', state_dir=self.state_dir))

    async def human(self, name='alice'):
        human = await Human(self.fake, name).start()
        self.addAsyncCleanup(human.stop)
        return human

    async def said(self):
        """All that the bot has said, in order."""
        return [post for post in await self.fake.tell('posts') if post['user'] == 'lippy']
