// A person on Slack, by its official Web API client. Arguments: the API's address, a token, the bot's user id. Commands come as lines of JSON:
//
//     {"say": "...", "where": "room" | "private"}   in the room the first one begins a thread, the others go on in it
//     {"leave": true}                               the next one begins another thread
//
// What happens goes out in the same way: {"ready"}, {"heard": {"place", "text", "thread", "buttons": [...]}}, {"error"}.
import readline from 'node:readline';
import { LogLevel, WebClient } from '@slack/web-api';

const [, , slackApiUrl, token, bot] = process.argv, POLL_MS = 100;
const tell = (what) => process.stdout.write(JSON.stringify(what) + '\n');
const client = new WebClient(token, { slackApiUrl, logLevel: LogLevel.ERROR, retryConfig: { retries: 2, minTimeout: 100 } });
const general = 'C0GENERAL', direct = (await client.conversations.open({ users: bot })).channel.id;
let root = '', oldest = '0.000001';
const threads = new Set();

async function listen() {
    const found = [];
    for (const channel of [direct, general])
        for (const message of (await client.conversations.history({ channel, oldest, limit: 200 })).messages) found.push({ channel, message });
    for (const ts of threads)
        for (const message of (await client.conversations.replies({ channel: general, ts, oldest, limit: 200 })).messages)
            if (message.ts !== ts) found.push({ channel: general, message });
    found.sort((a, b) => (a.message.ts < b.message.ts ? -1 : 1));
    for (const { channel, message } of found) {
        if (message.ts <= oldest) continue;
        oldest = message.ts;
        if (channel === general && message.user !== bot) threads.add(message.thread_ts ?? message.ts);
        if (message.user !== bot) continue;
        const buttons = (message.blocks ?? []).filter((block) => block.type === 'actions').flatMap((block) => block.elements);
        tell({ heard: { place: channel === direct ? 'private' : 'room', text: message.text, thread: message.thread_ts ?? '',
            buttons: buttons.map((button) => button.text.text) } });
    }
}

async function act(command) {
    if (command.leave) root = '';
    if (command.say === undefined) return;
    const room = command.where !== 'private';
    const { ts } = await client.chat.postMessage({ channel: room ? general : direct, text: command.say, ...(room && root ? { thread_ts: root } : {}) });
    if (room && !root) threads.add((root = ts));
}

await listen();
tell({ ready: true });
let busy = Promise.resolve();
const timer = setInterval(() => (busy = busy.then(listen).catch(() => {})), POLL_MS);
for await (const line of readline.createInterface({ input: process.stdin })) {
    try {
        await act(JSON.parse(line));
    } catch (error) {
        tell({ error: String(error.stack) });
    }
}
clearInterval(timer);
process.exit(0);
