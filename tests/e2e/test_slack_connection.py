"""What can go wrong between the bot and Slack: nothing is lost, nothing said twice, and no server is hammered."""
import asyncio
import json
import os

from slack_world import MENTION
from test_slack_faults import SlackFaults
from world import main


class Connection(SlackFaults):
    async def away(self, bot, times=1):
        """The bot loses its connection and does not get another before the fault is over."""
        await self.fake.tell('fault', upgrade={'status': 503, 'times': times})
        await self.fake.tell('drop')
        await bot.logged('again in')

    # ---- coming back ----

    async def test_what_was_written_meanwhile(self):
        """In private, and in a thread; and what is new in a channel that it knows. After a loss, and after a restart."""
        bot = await self.begun()
        root = (await self.fake.tell('post', user='bob', text=MENTION + ' help'))['ts']
        self.asked += 1
        await self.all_answered()
        for restart in (False, True):
            if restart:
                self.assertEqual(await bot.stop(), 0)
            else:
                await self.away(bot)
            await self.ask(2)
            for text, more in ((MENTION + ' help', {}), (MENTION + ' help', {'thread_ts': root}), ('good morning', {})):
                await self.fake.tell('post', user='bob', text=text, **more)
            self.asked += 2
            if restart:
                bot = self.bot()
            await self.all_answered()
            await self.ask()
            await self.all_answered()
        self.assertEqual(await bot.stop(), 0)
        with open(os.path.join(self.state_dir, 'slack.state'), encoding='utf-8') as f:
            kept = f.read()
        self.assertNotIn('help', kept)
        self.assertFalse([token for token in (*self.fake.tokens.values(), self.app_token) if token in kept])
        self.assertEqual(json.loads(kept)['me'], 'U0LIPPY')

    async def test_more_missed_than_fits_a_page(self):
        bot = await self.begun()
        root = (await self.fake.tell('post', user='bob', text=MENTION + ' help'))['ts']
        self.asked += 1
        await self.all_answered()
        await self.away(bot)
        await self.fake.tell('post', user='alice', text=MENTION + ' help')
        self.asked += 1
        for _ in range(230):
            await self.fake.tell('post', user='bob', text='good morning')
        await self.all_answered()
        self.assertTrue(root)
        self.assertEqual(await bot.stop(), 0)

    async def test_a_connection_is_replaced(self):
        bot = await self.begun()
        for reason in ('warning', 'refresh_requested'):
            connected = bot.count('connected to')
            await self.fake.tell('disconnect', reason=reason, close_after_ms=3000)
            await self.ask()
            await bot.logged('ready as', times=connected + 1)
            await self.ask()
            await self.all_answered()
            await asyncio.sleep(5)
            self.assertEqual((await self.fake.tell('state'))['sockets'], 1)
            self.assertEqual(bot.count('connected to'), connected + 1)
        self.assertEqual(bot.count('again in'), 0)
        self.assertEqual((await self.fake.tell('state'))['retried'], 0)
        self.assertEqual(await bot.stop(), 0)

    async def test_no_other_connection_to_be_had(self):
        """The one that will end is used until then."""
        bot = await self.begun()
        await self.fake.tell('error', method='apps.connections.open', error='internal_error', times=2)
        await self.fake.tell('disconnect', reason='warning')
        await asyncio.sleep(1)
        await self.ask()
        await bot.logged('ready as', times=2)
        await self.all_answered()
        self.assertEqual(bot.count('again in'), 0)
        self.assertEqual(await bot.stop(), 0)

    async def test_acknowledged_while_nothing_can_be_said(self):
        bot = await self.begun(connect_seconds=4)
        await self.fake.tell('fault', http={**self.POST, 'status': 0, 'times': 1})
        await self.ask(10)
        await asyncio.sleep(2)
        state = await self.fake.tell('state')
        self.assertEqual((state['unacked'], state['retried']), (0, 0))
        await self.all_answered(30)
        self.assertEqual(await bot.stop(), 0)

    # ---- ends ----

    async def ends(self, bot, reason):
        self.assertEqual(await bot.ended(), 3)
        self.assertRegex(bot.log(), 'error run: slack: the server refuses us.*' + reason)
        self.assertLess(len(await self.fake.tell('calls')), 8)

    async def test_tokens_that_are_not_valid(self):
        await self.ends(self.bot(token='xoxb-wrong'), 'bot_token: invalid_auth')
        await self.ends(self.bot(app_token='xapp-wrong'), 'app_token: invalid_auth')

    async def test_errors_that_only_a_person_can_mend(self):
        await self.fake.tell('error', method='auth.test', error='account_inactive')
        await self.ends(self.bot(), 'account_inactive')
        await self.fake.tell('error', method='auth.test', error='x', times=0)
        await self.fake.tell('error', method='apps.connections.open', error='missing_scope', more={'needed': 'connections:write'})
        await self.ends(self.bot(), 'missing_scope, needed: connections:write')

    async def test_tokens_in_each_others_place(self):
        bot = self.bot(token='xapp-1-2', app_token='xoxb-1-2')
        self.assertEqual(await bot.ended(), 1)
        self.assertRegex(bot.log(), r'\[slack\] app_token: is not one; it begins with xapp-')

    async def test_a_revoked_token(self):
        bot = await self.begun()
        await self.fake.tell('revoke', user='lippy')
        await self.ask()
        self.assertEqual(await bot.ended(), 3)
        self.assertRegex(bot.log(), 'token_revoked')
        self.assertEqual(len(await self.said()), 1)

    async def test_socket_mode_switched_off(self):
        bot = await self.begun()
        await self.fake.tell('disconnect', reason='link_disabled')
        self.assertEqual(await bot.ended(), 3)
        self.assertRegex(bot.log(), 'Socket Mode has been switched off')

    async def test_too_many_connections(self):
        bot = await self.begun(long_pause_seconds=2)
        await self.fake.tell('disconnect', reason='too_many_websockets', close_after_ms=200)
        await bot.logged('too many connections open; again in 2')
        await bot.logged('ready as', times=2)
        await self.ask()
        await self.all_answered()
        self.assertEqual(await bot.stop(), 0)


if __name__ == '__main__':
    main()
