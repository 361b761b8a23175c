// A Slack as far as an app in Socket Mode and a person need it: one workspace with one channel "general" that all are in, and direct messages.
// Arguments: the app's token (xapp-...), then NAME:TOKEN ...; the first is the app's bot user.
//
// As documented: a connection's address is good for once; an envelope goes to one of the connections, and comes again, at most three times,
// when it is not acknowledged within three seconds; what happens while no connection is open is not sent later.
import { randomUUID } from 'node:crypto';
import { Fake } from './fake.mjs';

const ACK_MS = 3000, RETRIES_MOST = 3, SOCKETS_MOST = 10;
const PACE_MS = 900;          // between two messages of the bot to one channel
const TEXT_MOST = 4000, SECTION_MOST = 3000, BUTTONS_MOST = 25, LABEL_MOST = 75, VALUE_MOST = 2000;

const [, , app_token, ...people] = process.argv;
const users = people.map((argument, i) => {
    const [name, token] = argument.split(':');
    return { id: `U0${name.toUpperCase()}`, name, token, is_bot: i === 0 };
});
const bot = { ...users[0], bot_id: 'B0BOT', app_id: 'A0APP' };
const general = { id: 'C0GENERAL', name: 'general', is_im: false, members: users.map((user) => user.id) };
const channels = new Map([[general.id, general]]), messages = [];
const tickets = new Set(), sockets = [], unacked = new Map(), sent = [], calls = [], errors = new Map(), posted_ms = new Map();
let held = null, last_ts = 0, serial = 0, acks = 0;

function make_ts() {
    last_ts = Math.max(Date.now() * 1000, last_ts + 1);
    return `${Math.floor(last_ts / 1e6)}.${String(last_ts % 1e6).padStart(6, '0')}`;
}
const after = (a, b) => Number(a.replace('.', '')) > Number(b.replace('.', ''));
const named = (name) => users.find((user) => user.name === name);
const no = (error, more) => ({ ok: false, error, ...more });

// ---- envelopes ----

function deliver(envelope) {
    const open = sockets.filter((socket) => socket.readyState === socket.OPEN && !socket.leaving);
    const socket = open.at(-1);
    if (!socket) return;
    sent.push(envelope);
    unacked.set(envelope.envelope_id, setTimeout(() => {
        unacked.delete(envelope.envelope_id);
        const retry_attempt = (envelope.retry_attempt ?? 0) + 1;
        if (retry_attempt <= RETRIES_MOST) deliver({ ...envelope, retry_attempt, retry_reason: 'timeout' });
    }, ACK_MS));
    socket.say(JSON.stringify(envelope));
}

function send_envelope(type, payload, accepts_response_payload) {
    const envelope = { envelope_id: randomUUID(), payload, type, accepts_response_payload, retry_attempt: 0, retry_reason: '' };
    if (type !== 'events_api') delete envelope.retry_attempt, delete envelope.retry_reason;
    if (held) held.push(envelope);
    else deliver(envelope);
}

function send_event(event) {
    send_envelope('events_api', {
        token: 'verification', team_id: 'T0TEAM', api_app_id: bot.app_id, event, type: 'event_callback', event_id: `Ev0${++serial}`,
        event_time: Math.floor(Date.now() / 1000), is_ext_shared_channel: false,
        authorizations: [{ enterprise_id: null, team_id: 'T0TEAM', user_id: bot.id, is_bot: true, is_enterprise_install: false }],
    }, false);
}

function open(socket, request) {
    const ticket = new URL(request.url, 'http://x').searchParams.get('ticket');
    if (!tickets.delete(ticket)) return socket.close(4400, 'the address is used up');
    sockets.push(socket);
    socket.on('close', () => sockets.splice(sockets.indexOf(socket), 1));
    socket.on('message', (text) => {
        const { envelope_id } = JSON.parse(String(text));
        clearTimeout(unacked.get(envelope_id));
        acks += unacked.delete(envelope_id);
    });
    if (sockets.length > SOCKETS_MOST) {
        socket.say(JSON.stringify({ type: 'disconnect', reason: 'too_many_websockets', debug_info: { host: 'fake' } }));
        return socket.close();
    }
    socket.say(JSON.stringify({ type: 'hello', num_connections: sockets.length, connection_info: { app_id: bot.app_id },
        debug_info: { host: 'fake', build_number: 1, approximate_connection_time: 18060 } }));
    const pings = setInterval(() => socket.ping('Ping from fake'), 5000);
    socket.on('close', () => clearInterval(pings));
}

// ---- messages ----

const top_level = (message) => !message.thread_ts || message.thread_ts === message.ts || message.subtype === 'thread_broadcast';
const shown = ({ channel, metadata, ...message }, with_metadata) => (with_metadata && metadata ? { ...message, metadata } : message);

function add_message(user, given) {
    const channel = channels.get(given.channel), ts = make_ts();
    const message = { type: 'message', user: user.id, ts, text: given.text ?? '', team: 'T0TEAM', ...given,
        ...(user.is_bot ? { bot_id: bot.bot_id, app_id: bot.app_id } : { client_msg_id: given.client_msg_id ?? randomUUID() }) };
    messages.push(message);
    const event = { ...shown(message), channel: channel.id, event_ts: ts, channel_type: channel.is_im ? 'im' : 'channel' };
    send_event(event);
    if (!channel.is_im && message.text.includes(`<@${bot.id}>`) && !user.is_bot) {
        const { channel_type, ...mention } = event;
        send_event({ ...mention, type: 'app_mention' });
    }
    return message;
}

// What is wrong with blocks, or null.
function wrong_blocks(blocks) {
    if (blocks.length > 50) return 'too many blocks';
    for (const block of blocks) {
        if (block.type === 'section' && !(block.text?.text.length > 0 && block.text.text.length <= SECTION_MOST)) return 'section';
        if (block.type !== 'actions') continue;
        if (!block.elements?.length || block.elements.length > BUTTONS_MOST) return 'elements';
        const ids = new Set(block.elements.map((element) => element.action_id));
        if (ids.size !== block.elements.length) return 'action ids';
        for (const { text, value, action_id } of block.elements)
            if (!text.text || text.text.length > LABEL_MOST || value.length > VALUE_MOST || action_id.length > 255) return 'a button';
    }
    return null;
}

const methods = {
    'auth.test': (user) => ({ ok: true, url: 'https://fake.test/', team: 'Fake', team_id: 'T0TEAM', user: user.name, user_id: user.id,
        ...(user.is_bot ? { bot_id: bot.bot_id, is_enterprise_install: false } : {}) }),
    'chat.postMessage': (user, given) => {
        const channel = channels.get(given.channel);
        if (!channel?.members.includes(user.id)) return no('channel_not_found');
        if (!given.text && !given.blocks) return no('no_text');
        const wrong = user.is_bot && given.blocks && wrong_blocks(given.blocks);
        if (wrong) return no('invalid_blocks', { errors: [wrong] });
        if (user.is_bot && (given.text.length > TEXT_MOST || /<![a-z]/.test(given.text))) return no('msg_too_long');
        if (user.is_bot && Date.now() - (posted_ms.get(channel.id) ?? 0) < PACE_MS) return { limited: 1 };
        if (user.is_bot) posted_ms.set(channel.id, Date.now());
        const { channel: id, text, blocks, thread_ts, metadata } = given;
        if (thread_ts && !messages.some((message) => message.ts === thread_ts)) return no('thread_not_found');
        const message = add_message(user, { channel: id, text, ...(blocks && { blocks }), ...(thread_ts && { thread_ts }), ...(metadata && { metadata }) });
        return { ok: true, channel: id, ts: message.ts, message: shown(message) };
    },
    'chat.update': (user, given) => {
        const message = messages.find((each) => each.ts === given.ts && each.channel === given.channel);
        if (!message) return no('message_not_found');
        if (message.user !== user.id) return no('cant_update_message');
        if (given.blocks && wrong_blocks(given.blocks)) return no('invalid_blocks');
        Object.assign(message, { text: given.text, blocks: given.blocks ?? [], edited: { user: user.id, ts: make_ts() } });
        send_event({ type: 'message', subtype: 'message_changed', message: shown(message), channel: message.channel, hidden: true,
            ts: make_ts(), channel_type: channels.get(message.channel).is_im ? 'im' : 'channel' });
        return { ok: true, channel: message.channel, ts: message.ts, text: message.text };
    },
    'conversations.open': (user, given) => {
        const other = users.find((each) => each.id === given.users);
        if (!other) return no('user_not_found');
        return { ok: true, channel: { id: direct(user, other).id } };
    },
    'conversations.history': (user, given) => list(user, given, messages.filter((message) => message.channel === given.channel && top_level(message)).reverse()),
    'conversations.replies': (user, given) => list(user, given,
        messages.filter((message) => message.channel === given.channel && (message.ts === given.ts || message.thread_ts === given.ts)), given.ts),
};

// parent: comes whatever "oldest" says
function list(user, given, all, parent) {
    const channel = channels.get(given.channel), limit = Number(given.limit ?? 100), from = Number(given.cursor ?? 0);
    if (!channel?.members.includes(user.id)) return no('channel_not_found');
    const found = all.filter((message) => message.ts === parent || after(message.ts, given.oldest ?? '0.0'));
    if (parent && !found.length) return no('thread_not_found');
    const more = found.length > from + limit, include = String(given.include_all_metadata) === 'true';
    return { ok: true, messages: found.slice(from, from + limit).map((message) => shown(message, include)), has_more: more,
        ...(more && { response_metadata: { next_cursor: String(from + limit) } }) };
}

function direct(user, other) {
    const members = [user.id, other.id].sort(), id = 'D0' + members.map((member) => member.slice(2)).join('');
    if (!channels.has(id)) channels.set(id, { id, is_im: true, members });
    return channels.get(id);
}

// ---- HTTP ----

function parse(request, body) {
    const url = new URL(request.url, 'http://x'), query = Object.fromEntries(url.searchParams);
    if ((request.headers['content-type'] ?? '').startsWith('application/json')) return { ...query, ...JSON.parse(body || '{}') };
    const form = Object.fromEntries(new URLSearchParams(body));
    for (const name of ['blocks', 'metadata']) if (form[name]) form[name] = JSON.parse(form[name]);
    return { ...query, ...form };
}

function call(name, token, given) {
    const error = errors.get(name);
    if (error && error.times !== 0) {
        if (error.times) error.times--;
        return no(error.error, error.more);
    }
    if (name === 'apps.connections.open') {
        if (token !== app_token) return no(token ? 'invalid_auth' : 'not_authed');
        const ticket = randomUUID();
        tickets.add(ticket);
        return { ok: true, url: `ws://127.0.0.1:${fake.port}/link?ticket=${ticket}` };
    }
    const user = users.find((each) => each.token === token);
    if (!user) return no(token === app_token ? 'not_allowed_token_type' : token ? 'invalid_auth' : 'not_authed');
    if (user.revoked) return no('token_revoked');
    return methods[name] ? methods[name](user, given) : no('unknown_method');
}

function on_request(request, body) {
    const name = new URL(request.url, 'http://x').pathname.replace('/api/', ''), given = parse(request, body);
    const token = (request.headers.authorization ?? '').replace('Bearer ', '') || given.token;
    const result = call(name, token, given);
    calls.push({ name, by: users.find((user) => user.token === token)?.name ?? 'app', error: result.error });
    if (result.limited) return { status: 429, headers: { 'Retry-After': String(result.limited) }, body: no('ratelimited') };
    return { body: result };
}

// ---- what a person's program does ----

function click({ user, number, channel }) {
    const clicker = named(user), room = channel === 'general' ? general : direct(bot, clicker);
    const message = messages.filter((each) => each.channel === room.id && each.user === bot.id && each.blocks?.some((block) => block.type === 'actions')).at(-1);
    const button = message?.blocks.find((block) => block.type === 'actions').elements[number - 1];
    if (!button) throw new Error('no such button');
    send_envelope('interactive', {
        type: 'block_actions', api_app_id: bot.app_id, token: 'verification', team: { id: 'T0TEAM', domain: 'fake' }, enterprise: null,
        is_enterprise_install: false, user: { id: clicker.id, username: user, name: user, team_id: 'T0TEAM' }, trigger_id: `1.2.${++serial}`,
        container: { type: 'message', message_ts: message.ts, channel_id: room.id, is_ephemeral: false }, channel: { id: room.id, name: room.name ?? 'directmessage' },
        message: shown(message), state: { values: {} }, response_url: `http://127.0.0.1:${fake.port}/response`,
        actions: [{ type: 'button', block_id: 'b1', action_id: button.action_id, text: button.text, value: button.value, action_ts: make_ts() }],
    }, true);
}

function command({ user, text, channel }) {
    const person = named(user), room = channel === 'general' ? general : direct(bot, person);
    send_envelope('slash_commands', { token: 'verification', team_id: 'T0TEAM', team_domain: 'fake', channel_id: room.id,
        channel_name: room.name ?? 'directmessage', user_id: person.id, user_name: user, command: '/lip', text, api_app_id: bot.app_id,
        is_enterprise_install: 'false', response_url: `http://127.0.0.1:${fake.port}/response`, trigger_id: `3.4.${++serial}` }, true);
}

const disconnect = (reason) => sockets.forEach((socket) => {
    socket.leaving = reason !== 'warning';
    socket.say(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'fake' } }));
});

const fake = new Fake({
    http: on_request,
    open,
    control: {
        click,
        command,
        // a message of anybody's, with whatever subtype; in private: to the bot
        post: ({ user, where, ...more }) => add_message(named(user), { channel: (where === 'private' ? direct(bot, named(user)) : general).id, ...more }),
        posts: () => messages.map((message) => ({ ...message, name: users.find((user) => user.id === message.user).name, direct: channels.get(message.channel).is_im })),
        event: ({ event }) => send_event(event),
        envelope: ({ type, payload }) => send_envelope(type, payload, false),
        revoke: ({ user }) => void (named(user).revoked = true),
        // {"method": ..., "error": ..., "times": ..., "more": {...}}
        error: ({ method, ...error }) => void errors.set(method, error),
        disconnect: ({ reason, close_after_ms }) => {
            const leaving = [...sockets];
            disconnect(reason);
            if (close_after_ms !== undefined) setTimeout(() => leaving.forEach((socket) => socket.close()), close_after_ms);
        },
        state: () => ({ sockets: sockets.length, unacked: unacked.size, acks, sent: sent.length, retried: sent.filter((each) => each.retry_attempt).length }),
        calls: () => calls,
        replay: () => sent.slice().forEach((envelope) => deliver({ ...envelope, retry_attempt: 1, retry_reason: 'timeout' })),
        hold: () => void (held = []),
        release: () => {
            const all = held.reverse();
            held = null;
            all.forEach(deliver);
        },
    },
});
await fake.start();
