// A person with Lippy's own page in headless Chromium. Driven by lines of JSON:
//
//   node web.mjs '{"url":"http://127.0.0.1:8077/","chromium":"...","width":390,"height":844,"dark":false}'
//   {"say":"hello"}              ->  {"heard":["..."]}      typed and sent; what came, once it stands still
//   {"pick":"None of these"}     ->  {"heard":["..."]}      a quick reply, or an item of the menu
//   {"check":["a weak arm"]}     ->  {"heard":["..."]}      several of a list, and sent
//   {"type":"hello"}             ->  {"typed":true}         typed and sent, waiting for nothing
//   {"tap":"Start over"}         ->  {"tapped":true}        picked, waiting for nothing
//   {"state":true}               ->  {"state":{...}}        what the page shows
//   {"axe":true}                 ->  {"axe":[{...}]}        what axe-core finds
//   {"shot":"path.png"}          ->  {"shot":"path.png"}
//   {"tab":true}, {"close":true} ->  {"tabs":2}             another tab, and the first again
//   {"size":[320,568]}, {"reload":true}, {"keys":["Tab"]}
//
// The first line out is {"ready":true}. Requests to any other place than the page's are refused and told: {"state":{"elsewhere":[...]}}.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const options = JSON.parse(process.argv[2]);
const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const origin = new URL(options.url).origin;
const tell = (o) => process.stdout.write(JSON.stringify(o) + '\n');
const [elsewhere, complaints] = [[], []];

const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'lippy-web-'));
const context = await chromium.launchPersistentContext(profile, {
    executablePath: options.chromium, headless: true, viewport: { width: options.width ?? 390, height: options.height ?? 844 },
    colorScheme: options.dark ? 'dark' : 'light', deviceScaleFactor: options.scale ?? 2, hasTouch: !options.width,
    reducedMotion: options.calm ? 'reduce' : 'no-preference',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync'],
});

async function open(tab) {
    tab.setDefaultTimeout(15000);
    // a page that is not there for a moment is no mistake of it
    tab.on('console', (message) => message.type() === 'error' && !/ERR_CONNECTION|ERR_EMPTY|ERR_SOCKET|WebSocket connection/.test(message.text()) && complaints.push(message.text()));
    tab.on('pageerror', (error) => complaints.push(String(error)));
    await tab.goto(options.url);
    await live(tab);
    return tab;
}

const live = (tab) => tab.waitForFunction(() => document.querySelector('#log').getAttribute('aria-live') === 'polite');
const answers = (tab) => tab.locator('#said article.lippy');

// What comes after doing, once it stands still for a while.
async function heardAfter(tab, act) {
    const before = await answers(tab).count();
    await act();
    for (const end = Date.now() + 15000; await answers(tab).count() <= before && Date.now() < end;) await tab.waitForTimeout(30);
    for (let last = -1, since = Date.now(); Date.now() - since < 250;) {
        const now = await answers(tab).count();
        if (now !== last) [last, since] = [now, Date.now()];
        await tab.waitForTimeout(30);
    }
    const texts = await answers(tab).allInnerTexts();
    const choices = await tab.locator('#said .replies button:visible, #said .replies label').allInnerTexts();
    return { heard: texts.slice(before), choices };
}

async function type(tab, words) {
    await tab.locator('#text').fill(words);
    await tab.locator('#text').press('Enter');
}

async function pick(tab, label) {
    const item = tab.locator('#menu button', { hasText: label });
    if (await item.count()) {
        await tab.locator('#menu summary').click();
        return item.click();
    }
    return tab.locator('.replies').getByRole('button', { name: label, exact: true }).click();
}

async function check(tab, labels) {
    for (const label of labels) await tab.locator('.replies').getByRole('checkbox', { name: label }).check();
    await tab.getByRole('button', { name: 'Send what I picked' }).click();
}

const state = (tab) => tab.evaluate(() => ({
    said: [...document.querySelectorAll('#said article, #waiting article')].map((node) => node.className + ': ' + node.innerText),
    replies: document.querySelectorAll('.replies').length,
    status: document.querySelector('#status').textContent,
    dots: !document.querySelector('#dots').hidden,
    calls: [...document.querySelectorAll('.call')].map((node) => node.getAttribute('href')),
    alerts: document.querySelectorAll('[aria-live=assertive]').length,
    focus: document.activeElement?.id || document.activeElement?.textContent?.trim() || '',
    wider: document.documentElement.scrollWidth > innerWidth || document.querySelector('#log').scrollWidth > document.querySelector('#log').clientWidth,
    slipped: innerHeight > 360 && (document.documentElement.scrollHeight > innerHeight || scrollY > 0),
    cookies: document.cookie,
    small: [...document.querySelectorAll('button, summary, textarea, .replies label, .call')]
        .filter((node) => node.checkVisibility() && (node.getBoundingClientRect().height < 44 || node.getBoundingClientRect().width < 44))
        .map((node) => node.textContent),
}));

async function audit(tab) {
    await tab.evaluate(axe + ';0');
    await tab.waitForTimeout(400); // an animation dims colours
    const found = await tab.evaluate(() => window.axe.run());
    return found.violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.map((node) => node.html.slice(0, 200)) }));
}

async function obey(tabs, order) {
    const tab = tabs[tabs.length - 1];
    if (order.say) return heardAfter(tab, () => type(tab, order.say));
    if (order.pick) return heardAfter(tab, () => pick(tab, order.pick));
    if (order.tap) return pick(tab, order.tap).then(() => ({ tapped: true }));
    if (order.check) return heardAfter(tab, () => check(tab, order.check));
    if (order.type) return type(tab, order.type).then(() => ({ typed: true }));
    if (order.state) return { state: { ...await state(tab), elsewhere, complaints } };
    if (order.axe) return { axe: await audit(tab) };
    if (order.shot) return tab.waitForTimeout(500).then(() => tab.screenshot({ path: order.shot })).then(() => ({ shot: order.shot }));
    if (order.size) return tab.setViewportSize({ width: order.size[0], height: order.size[1] }).then(() => ({ size: order.size }));
    if (order.reload) return tab.reload().then(() => live(tab)).then(() => ({ reload: true }));
    if (order.live) return live(tab).then(() => ({ live: true }));
    if (order.keys) {
        for (const key of order.keys) await tab.keyboard.press(key);
        return { keys: order.keys };
    }
    if (order.tab) tabs.push(await open(await context.newPage()));
    if (order.close) await tabs.pop().close();
    return { tabs: tabs.length };
}

try {
    await context.route((url) => url.origin !== origin && url.protocol !== 'ws:', (route) => {
        elsewhere.push(route.request().url());
        return route.abort();
    });
    const tabs = [await open(context.pages()[0] ?? await context.newPage())];
    tell({ ready: true });
    for await (const line of readline.createInterface({ input: process.stdin })) tell(await obey(tabs, JSON.parse(line)));
} catch (error) {
    console.error(String(error).slice(0, 2000));
    process.exitCode = 1;
} finally {
    await context.close();
    fs.rmSync(profile, { recursive: true, force: true });
}
