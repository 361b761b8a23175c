"""Logging in, staying, coming back, leaving."""
import asyncio
import signal

from world import World, main


class Connection(World):
    async def test_wrong_password_is_final(self):
        bot = self.bot(password='wrong-Geheim-1')
        self.assertEqual(await bot.ended(), 3)
        self.assertEqual(bot.count('connecting to'), 1)
        self.assertRegex(bot.log(), 'error run: xmpp: the server refuses us')

    async def test_unknown_host_is_final(self):
        bot = self.bot(jid='lippy@elsewhere.test')
        self.assertEqual(await bot.ended(), 3)
        self.assertEqual(bot.count('connecting to'), 1)

    async def test_stop_says_goodbye(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            bot = self.bot()
            human = await self.human()
            await human.wait_here()
            self.assertEqual(await bot.stop(number), 0)
            await human.wait_gone(5)
            await human.stop()

    async def test_stop_while_nobody_listens(self):
        bot = self.bot(websocket='ws://127.0.0.1:1/')
        await bot.logged('again in')
        self.assertEqual(await bot.stop(), 0)

    async def test_server_restarts_and_the_talk_goes_on(self):
        bot = self.bot()
        human = await self.human()
        await human.wait_here()
        await human.ask('lippy: my upper lip twitches')
        await human.stop()
        self.prosody.stop()
        await bot.logged('again in')
        self.prosody.start()
        await bot.logged('ready as', times=2)
        human = await self.human()
        await human.wait_here()
        # the talk is still open: no name is needed
        await human.ask('no')
        self.assertEqual(await bot.stop(), 0)

    async def test_server_stands_still(self):
        bot = self.bot(ping_seconds=1, connect_seconds=2)
        await bot.logged('in clinic@')
        self.prosody.signal(signal.SIGSTOP)
        try:
            await bot.logged('again in', times=2)
        finally:
            self.prosody.signal(signal.SIGCONT)
        await bot.logged('ready as', times=2)
        human = await self.human()
        await human.wait_here()
        await human.ask('lippy: hello')
        self.assertEqual(await bot.stop(), 0)

    async def test_comes_back_after_a_kick(self):
        bot = self.bot(long_pause_seconds=1)
        human = await self.human()
        await human.wait_here()
        await human.plugin['xep_0045'].set_role(human.room, 'lippy', 'none')
        await human.wait_gone()
        await human.wait_here()
        await human.ask('lippy: hello')
        self.assertRegex(bot.log(), 'kicked out of')
        self.assertEqual(await bot.stop(), 0)

    async def test_stays_out_after_a_ban(self):
        bot = self.bot(long_pause_seconds=1, rooms='other@rooms.localhost')
        human = await self.human(room='other@rooms.localhost')
        await human.wait_here()
        await human.plugin['xep_0045'].set_affiliation(human.room, 'outcast', jid='lippy@localhost')
        await human.wait_gone()
        await bot.logged('staying out of')
        await asyncio.sleep(2)
        self.assertFalse(human.here.is_set())
        self.assertEqual(await bot.stop(), 0)

    async def test_nick_taken(self):
        bob = await self.human('bob', nick='lippy', room='nicks@rooms.localhost')
        bot = self.bot(long_pause_seconds=1, rooms='nicks@rooms.localhost')
        human = await self.human(room='nicks@rooms.localhost', peer='lippy_')
        await human.wait_here()
        await human.ask('lippy_: hello')
        self.assertEqual(await bot.stop(), 0)
        await human.stop()
        second = await self.human('alice', nick='lippy_', room='nicks@rooms.localhost', peer='lippy')
        bot = self.bot(long_pause_seconds=1, rooms='nicks@rooms.localhost')
        await bot.logged('both taken')
        await bob.stop()
        await second.wait_here()
        self.assertEqual(await bot.stop(), 0)

    async def test_password_from_the_environment(self):
        bot = self.bot(password_file=None, password_env='LIPPY_TEST_PASSWORD',
                       environment={'LIPPY_TEST_PASSWORD': self.prosody.passwords['lippy']})
        await bot.logged('ready as')
        self.assertEqual(await bot.stop(), 0)

    async def test_proxy_of_the_environment_is_not_used(self):
        bot = self.bot(environment={'http_proxy': 'http://127.0.0.1:1', 'https_proxy': 'http://127.0.0.1:1'})
        await bot.logged('ready as')
        self.assertEqual(await bot.stop(), 0)

    async def test_configuration_that_is_wrong(self):
        bot = self.bot(nick='', colour='red', ping_seconds='soon')
        self.assertEqual(await bot.ended(), 1)
        for line in (r'lippy\.ini:\d+: \[xmpp\] nick: a value is missing', r'lippy\.ini:\d+: \[xmpp\] colour: unknown key',
                     r'lippy\.ini:\d+: \[xmpp\] ping_seconds: "soon" is not a number'):
            self.assertRegex(bot.log(), line)

    async def test_no_password(self):
        bot = self.bot(password_file='/nowhere/password')
        self.assertEqual(await bot.ended(), 1)
        self.assertRegex(bot.log(), r'\[xmpp\] password_file: cannot read /nowhere/password: No such file')


if __name__ == '__main__':
    main()
