// A person in a real browser: Converse.js in headless Chromium, in a room on the server's websocket. Driven by lines of JSON:
//
//   node browser.mjs '{"websocket":"ws://...","jid":"...","password":"...","room":"...","peer":"lippy","chromium":"..."}'
//   {"say":"lippy: hello"}   ->  {"heard":["..."]}      what the peer answered
//   {"shot":"path.png"}      ->  {"shot":"path.png"}
//   {"text":true}            ->  {"text":"..."}         all that the room shows
//
// The first line out is {"ready":true}. Nothing but loopback is reached. What goes wrong is told on stderr; then exit status 1.
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const options = JSON.parse(process.argv[2]);
const dist = path.dirname(createRequire(import.meta.url).resolve('converse.js/dist/converse.min.js'));
const types = {
    '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.svg': 'image/svg+xml', '.png': 'image/png',
    '.woff2': 'font/woff2', '.wasm': 'application/wasm', '.mp3': 'audio/mpeg', '.webp': 'image/webp',
};
const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>chat</title>
<link rel="stylesheet" href="/dist/converse.min.css"></head><body class="converse-fullscreen">
<script type="module">
import converse from '/dist/converse.min.js';
converse.initialize({
    assets_path: '/dist/', websocket_url: ${JSON.stringify(options.websocket)}, discover_connection_methods: false,
    view_mode: 'fullscreen', theme: 'classic', allow_registration: false, autocomplete_providers_url: '',
    auto_join_rooms: ${JSON.stringify([options.room])}, muc_nickname_from_jid: true, muc_respect_autojoin: false,
    notify_all_room_messages: false, show_desktop_notifications: false, play_sounds: false, loglevel: 'warn',
    persistent_store: 'sessionStorage', i18n: 'en',
});
</script></body></html>`;

const tell = (o) => process.stdout.write(JSON.stringify(o) + '\n');

// The files of Converse.js, from a server of our own: its module wants an origin.
const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://x');
    if (pathname === '/') {
        response.setHeader('content-type', 'text/html');
        return response.end(page);
    }
    // the wasm of its encryption plug-in is asked for at the root
    const file = path.join(dist, path.normalize(pathname.replace(/^\/dist\//, '/')));
    const wanted = pathname.startsWith('/dist/') || pathname.endsWith('.wasm');
    if (!wanted || !file.startsWith(dist + path.sep) || !fs.statSync(file, { throwIfNoEntry: false })?.isFile()) {
        response.statusCode = 404;
        return response.end();
    }
    response.setHeader('content-type', types[path.extname(file)] ?? 'application/octet-stream');
    fs.createReadStream(file).pipe(response);
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));

const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'lippy-browser-'));
const context = await chromium.launchPersistentContext(profile, {
    executablePath: options.chromium, headless: true, viewport: { width: 1100, height: 900 },
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync'],
});

// Resolves when count() has stood still for a while.
async function settled(tab, count, quietMs) {
    for (let last = -1, since = Date.now(); Date.now() - since < quietMs;) {
        const now = await count();
        if (now !== last) {
            last = now;
            since = Date.now();
        }
        await tab.waitForTimeout(50);
    }
}

async function enterRoom(tab) {
    await tab.goto(`http://127.0.0.1:${server.address().port}/`);
    await tab.locator('input[name=jid]').fill(options.jid);
    await tab.locator('input[name=password]').fill(options.password);
    await tab.locator('input[type=submit], button[type=submit]').first().click();
    const box = tab.locator('converse-muc-message-form textarea.chat-textarea');
    await box.waitFor();
    // the archive arrives after the form is there
    await settled(tab, () => tab.locator('converse-chat-message').count(), 500);
    return box;
}

async function say(tab, box, text) {
    const answers = tab.locator(`.chat-msg[data-from="${options.room}/${options.peer}"] .chat-msg__text`);
    const before = await answers.count();
    await box.fill(text);
    await box.press('Enter');
    for (const end = Date.now() + 15000; await answers.count() <= before && Date.now() < end;) await tab.waitForTimeout(50);
    await settled(tab, () => answers.count(), 300);
    return (await answers.allInnerTexts()).slice(before);
}

try {
    await context.route((url) => url.hostname !== '127.0.0.1', (route) => route.abort());
    const tab = context.pages()[0] ?? await context.newPage();
    tab.setDefaultTimeout(20000);
    const box = await enterRoom(tab);
    tell({ ready: true });
    for await (const line of readline.createInterface({ input: process.stdin })) {
        const order = JSON.parse(line);
        if (order.say !== undefined) tell({ heard: await say(tab, box, order.say) });
        if (order.shot) {
            await tab.screenshot({ path: order.shot });
            tell({ shot: order.shot });
        }
        if (order.text) tell({ text: await tab.locator('converse-muc-chatarea').innerText() });
    }
} catch (error) {
    console.error(String(error).slice(0, 2000));
    process.exitCode = 1;
} finally {
    await context.close();
    server.close();
    server.closeAllConnections();
    fs.rmSync(profile, { recursive: true, force: true });
}
