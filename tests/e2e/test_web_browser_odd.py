"""The web in a real browser: an emergency, the keyboard, and a server that is gone for a while. Leaves pictures."""
from browser import find_chromium
from web_world import BrowserWorld, picture
from world import main


class Odd(BrowserWorld):
    async def test_emergency(self):
        for country, calls in (('gb', ['tel:999']), (None, ['tel:112', 'tel:999', 'tel:911'])):
            bot = await self.web(**({'country': country} if country else {}))
            page = await self.page(bot)
            heard = (await page.order(say='my mouth dropped on one side an hour ago'))['heard']
            self.assertRegex(heard[-1], r'Call .*(999|112)')
            state = await self.sound(page)
            self.assertEqual((state['calls'], state['alerts']), (calls, 1))
            await page.order(shot=picture('emergency-' + (country or 'anywhere')))
            await page.stop()

    async def test_several_signs(self):
        page = await self.page(await self.web(country='gb'))
        await page.order(say='my lip twitches')
        await page.order(say='me, 70, a man')
        state = await self.sound(page)
        heard = await page.order(pick='no') if 'pregnant' in state['said'][-1] else {'choices': ['None of these']}
        self.assertIn('None of these', heard['choices'])
        await page.order(check=['a weak or numb arm', 'slurred speech'])
        said = (await page.state())['said']
        mine = [words for words in said if words.startswith('me')][-1]
        self.assertRegex(mine, r'^me: You:\na weak or numb arm or leg\nslurred speech')
        self.assertRegex(said[-1], '999')

    async def test_keyboard(self):
        page = await self.page(await self.web(), width=1000, height=800, scale=1)
        await page.order(say='my lip twitches')
        await page.order(say='me, 30, a man')
        for _ in range(3):
            await page.order(keys=['Shift+Tab'])
        self.assertNotEqual((await page.state())['focus'], 'text')
        before = len((await page.state())['said'])
        await page.order(keys=['Enter'])
        await page.until(lambda state: len(state['said']) >= before + 2)
        self.assertEqual((await page.state())['focus'], 'text')
        await page.order(keys=['Shift+Enter'])  # a new line sends nothing
        self.assertEqual((await page.state())['said'][-1].split(':')[0], 'lippy')

    async def test_cut_and_back(self):
        bot = await self.web()
        page = await self.page(bot)
        await page.order(say='my upper lip twitches')
        said = (await page.state())['said']
        bot.freeze()
        await page.order(type='it is about me, I am 40')
        waiting = await page.until(lambda state: 'lost' in state['status'], 30)
        self.assertIn('unsent', waiting['said'][-1])
        await page.order(shot=picture('phone-lost'))
        bot.thaw()
        state = await page.until(lambda state: len(state['said']) >= len(said) + 2 and 'lost' not in state['status'], 30)
        self.assertEqual(state['said'][:len(said)], said)
        self.assertEqual([words for words in state['said'] if 'I am 40' in words], ['me: You:\nit is about me, I am 40'])
        self.assertEqual(state['said'][-1].split(':')[0], 'lippy')

    async def test_server_restarts(self):
        bot = await self.web()
        page = await self.page(bot)
        await page.order(say='my upper lip twitches')
        self.assertEqual(await bot.stop(), 0)
        await page.until(lambda state: 'lost' in state['status'])
        again = await self.web(port=bot.port)
        await page.until(lambda state: 'lost' not in state['status'], 30)  # with a cookie that the new one has given
        self.assertEqual((await page.state())['said'], [])
        self.assertRegex((await page.order(say='my lip twitches'))['heard'][0], 'not a doctor')
        self.assertEqual(await again.stop(), 0)


if __name__ == '__main__':
    find_chromium()
    main()
