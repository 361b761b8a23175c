// A Discord as far as bots and people need it: gateway v10 and REST as documented, with the limits that are. One guild, one channel
// "general" that all people are in, and direct messages. Arguments: BOT:TOKEN ...; the people are alice and bob. What people see comes out
// as lines {"seen": {...}}; what they do goes in by the control port:
//
//     /say {"user", "where": "room" | "private", "text"}      "@lippy" is a mention
//     /click {"user", "message", "button"}                    button: a custom_id
//     /command {"user", "where", "text"}                      the slash command of the first bot
//     /submit {"user", "text"}                                the form that the user was shown last
//     /edit {"user", "text"}, /webhook {"text"}               the user's last message; a message by a webhook
//     /op {"op", "d"}, /close {"code"}, /forget               to all gateways; forget: all sessions are lost
//     /set {"heartbeat", "remaining", "acks", "bucket"}       of the gateway's hello, the login budget; of a channel, messages a second
//     /replay, /hold, /release                                all events again; those from now on wait, and come in the wrong order
//     /revoke {"bot"}                                         its token
//     /requests                                               all requests until now: {method, path, status, body}
import { Fake } from './fake.mjs';

let last = 1574737970416656432n; // no double holds such numbers
const make_id = () => (last += 4097n).toString();
const tell = (what) => process.stdout.write(JSON.stringify(what) + '\n');
const INTENTS = { GUILDS: 1 << 0, GUILD_MESSAGES: 1 << 9, DIRECT_MESSAGES: 1 << 12, CONTENT: 1 << 15 };
const PRIVILEGED = (1 << 1) | (1 << 8) | (1 << 15);
const EPHEMERAL = 1 << 6;
const IDENTIFY_GAP_MS = 5000;

const bots = process.argv.slice(2).map((argument) => {
    const [username, token] = argument.split(':');
    return { id: make_id(), app: make_id(), username, token, bot: true, identified: -IDENTIFY_GAP_MS, commands: [] };
});
const people = ['alice', 'bob'].map((username) => ({ id: make_id(), username, bot: false }));
const everyone = [...bots, ...people];
const guild = make_id();
const channels = new Map();
const room = add_channel({ type: 0, name: 'general', members: everyone });
const sessions = new Map(), messages = new Map(), nonces = new Map(), interactions = new Map(), forms = new Map(), own = new Map();
const buckets = new Map(), requests = [];
let held = null; // frames that wait for /release
const settings = { heartbeat: 41250, remaining: 1000, acks: true, bucket: 5 };

function add_channel(channel) {
    channel.id = make_id();
    channels.set(channel.id, channel);
    return channel;
}

const public_user = ({ id, username, bot }) => ({ id, username, bot, discriminator: '0000', global_name: null, avatar: null, public_flags: 0 });
const member_of = (user) => ({ roles: [], joined_at: new Date(0).toISOString(), deaf: false, mute: false, flags: 0, nick: null, pending: false });
const named = (name) => everyone.find((user) => user.username === name);
const error = (status, code, message = 'No.') => ({ status, body: { message, code } });
const empty = { status: 204, headers: { 'Content-Type': 'text/html; charset=utf-8' }, body: '' };

function direct(bot, person) {
    const found = [...channels.values()].find((c) => c.type === 1 && c.members.includes(bot) && c.members.includes(person));
    return found ?? add_channel({ type: 1, members: [bot, person] });
}

const channel_object = (channel) => ({ id: channel.id, type: channel.type, name: channel.name, last_message_id: null, flags: 0,
    ...(channel.type === 1 ? { recipients: channel.members.filter((m) => !m.bot).map(public_user) } : { guild_id: guild, position: 0,
        permission_overwrites: [], parent_id: null, nsfw: false, topic: null, rate_limit_per_user: 0 }) });

// ---- events to bots ----

function dispatch(bot, t, d, intent) {
    for (const session of sessions.values()) {
        if (session.bot !== bot || (intent && !(session.intents & intent))) continue;
        const hidden = t === 'MESSAGE_CREATE' && !(session.intents & INTENTS.CONTENT) && d.guild_id && d.author.id !== bot.id &&
            !d.mentions.some((user) => user.id === bot.id);
        const frame = JSON.stringify({ t, s: ++session.seq, op: 0, d: hidden ? { ...d, content: '', components: [] } : d });
        session.events.push({ seq: session.seq, frame });
        if (held) held.push({ session, frame });
        else session.socket?.say(frame);
    }
}

function add_message(channel, author, fields) {
    const content = fields.content ?? '';
    const mentions = everyone.filter((user) => content.includes(`<@${user.id}>`) || content.includes(`<@!${user.id}>`));
    const referenced = messages.get(fields.message_reference?.message_id);
    const message = {
        id: make_id(), channel_id: channel.id, author: public_user(author), content, timestamp: new Date().toISOString(), edited_timestamp: null,
        tts: false, mention_everyone: content.includes('@everyone'), mentions: mentions.map(public_user), mention_roles: [], attachments: [],
        embeds: [], pinned: false, type: referenced ? 19 : 0, flags: fields.flags ?? 0, components: fields.components ?? [],
        ...(channel.type === 0 && { guild_id: guild, member: member_of(author) }), ...(fields.nonce && { nonce: fields.nonce }),
        ...(referenced && { message_reference: { ...fields.message_reference, channel_id: channel.id }, referenced_message: referenced }),
        ...(fields.webhook_id && { webhook_id: fields.webhook_id }),
    };
    messages.set(message.id, message);
    if (message.flags & EPHEMERAL) return message;
    for (const bot of channel.members.filter((user) => user.bot))
        dispatch(bot, 'MESSAGE_CREATE', message, channel.type === 0 ? INTENTS.GUILD_MESSAGES : INTENTS.DIRECT_MESSAGES);
    return message;
}

function show(message, to, place) {
    for (const user of to.filter((each) => !each.bot))
        tell({ seen: { user: user.username, place, by: message.author.username, text: message.content, id: message.id,
            buttons: message.components.flatMap((row) => row.components.map((b) => ({ label: b.label, id: b.custom_id }))) } });
}

// ---- the gateway ----

function login(socket, { token, intents }) {
    const bot = bots.find((each) => each.token === token);
    if (!bot || bot.revoked) return socket.close(4004);
    if (intents & PRIVILEGED) return socket.close(4014);
    const soon = Date.now() - bot.identified < IDENTIFY_GAP_MS;
    bot.identified = Date.now();
    settings.remaining--;
    if (soon) return socket.say(JSON.stringify({ t: null, s: null, op: 9, d: false }));
    const session = { id: make_id(), bot, intents, seq: 0, events: [], socket };
    sessions.set(session.id, session);
    socket.session = session;
    dispatch_to(session, 'READY', { v: 10, user: public_user(bot), guilds: [{ id: guild, unavailable: true }], session_id: session.id,
        resume_gateway_url: `ws://127.0.0.1:${fake.port}/again`, application: { id: bot.app, flags: 0 }, session_type: 'normal', shard: [0, 1] });
    if (intents & INTENTS.GUILDS)
        dispatch_to(session, 'GUILD_CREATE', { id: guild, name: 'clinic', unavailable: false, large: false, member_count: everyone.length,
            joined_at: new Date(0).toISOString(), owner_id: people[0].id, roles: [{ id: guild, name: '@everyone', permissions: '2147483647',
                position: 0, color: 0, colors: { primary_color: 0 }, hoist: false, managed: false, mentionable: false, flags: 0 }],
            channels: [channel_object(room)], members: everyone.map((u) => ({ user: public_user(u), ...member_of(u) })), emojis: [],
            stickers: [], voice_states: [], threads: [], presences: [], stage_instances: [], guild_scheduled_events: [], features: [],
            preferred_locale: 'en-US' });
}

function dispatch_to(session, t, d) {
    const frame = JSON.stringify({ t, s: ++session.seq, op: 0, d });
    session.events.push({ seq: session.seq, frame });
    session.socket?.say(frame);
}

function resume(socket, { token, session_id, seq }) {
    const session = sessions.get(session_id);
    if (!session || session.bot.token !== token || session.bot.revoked || seq > session.seq)
        return socket.say(JSON.stringify({ t: null, s: null, op: 9, d: false }));
    session.socket?.terminate();
    session.socket = socket;
    socket.session = session;
    for (const event of session.events) if (event.seq > seq) socket.say(event.frame);
    dispatch_to(session, 'RESUMED', { _trace: [] });
}

function on_frame(socket, text) {
    let frame;
    socket.frames = socket.frames.filter((at) => Date.now() - at < 60000).concat(Date.now());
    try {
        frame = JSON.parse(text);
    } catch {
        return socket.close(4002);
    }
    if (text.length > 4096) return socket.close(4002);
    if (socket.frames.length > 120) return socket.close(4008);
    if (frame.op === 1) return settings.acks && socket.say(JSON.stringify({ t: null, s: null, op: 11, d: null }));
    if (frame.op === 2) return socket.session ? socket.close(4005) : login(socket, frame.d);
    if (frame.op === 6) return socket.session ? socket.close(4005) : resume(socket, frame.d);
    return socket.close(socket.session ? 4001 : 4003);
}

function open(socket, request) {
    const query = new URL(request.url, 'ws://x').searchParams;
    if (query.get('v') !== '10' || query.get('encoding') !== 'json') return socket.close(4012);
    requests.push({ method: 'WS', path: request.url, status: 101 });
    socket.frames = [];
    socket.on('message', (data) => on_frame(socket, data.toString()));
    socket.on('close', (code) => {
        if (!socket.session) return;
        if (code === 1000 || code === 1001) sessions.delete(socket.session.id);
        if (socket.session.socket === socket) socket.session.socket = null;
    });
    socket.say(JSON.stringify({ t: null, s: null, op: 10, d: { heartbeat_interval: settings.heartbeat, _trace: [] } }));
}

// ---- REST ----

const length = (text) => [...text].length;

// What Discord would refuse of a message, or null.
function wrong_with(m) {
    const rows = m.components ?? [];
    const bad = !(m.content || rows.length) || length(m.content ?? '') > 2000 || (m.nonce && length(String(m.nonce)) > 25) || rows.length > 5 ||
        rows.some((row) => row.type !== 1 || row.components.length < 1 || row.components.length > 5 ||
            row.components.some((b) => b.type !== 2 || !(b.style >= 1 && b.style <= 4) || !b.label || length(b.label) > 80 || !b.custom_id || length(b.custom_id) > 100));
    const ids = rows.flatMap((row) => row.components.map((b) => b.custom_id));
    return bad || new Set(ids).size < ids.length ? error(400, 50035, 'Invalid Form Body') : null;
}

function post_message(bot, channel, body) {
    if (!channel) return error(404, 10003);
    if (channel.type === 1 && channel.closed) return error(403, 50007);
    const wrong = wrong_with(body);
    if (wrong) return wrong;
    const key = `${bot.id} ${channel.id} ${body.nonce}`;
    if (body.nonce && body.enforce_nonce && nonces.has(key)) return { body: nonces.get(key) };
    const message = add_message(channel, bot, body);
    nonces.set(key, message);
    show(message, channel.members, channel.type === 0 ? 'room' : 'private');
    return { body: message };
}

function call_back(id, token, { type, data }) {
    const i = interactions.get(id);
    if (!i || i.token !== token || Date.now() - i.at > 3000) return error(404, 10062, 'Unknown interaction');
    if (i.answered) return error(400, 40060, 'Interaction has already been acknowledged.');
    if (type === 4) {
        const wrong = wrong_with(data);
        if (wrong) return wrong;
        say_to_interaction(i, data);
    } else if (type === 7 && i.message) {
        Object.assign(i.message, data);
        tell({ seen: { user: i.user.username, place: 'update', by: i.bot.username, text: i.message.content, id: i.message.id, buttons: [] } });
    } else if (type === 9) {
        forms.set(i.user, { ...data, channel: i.channel, message: i.message });
        tell({ seen: { user: i.user.username, place: 'form', by: i.bot.username, text: data.title, id: '', buttons: [] } });
    } else if (type !== 5 && !(type === 6 && i.message)) {
        return error(400, 50035);
    }
    i.answered = true;
    return empty;
}

function say_to_interaction(i, data) {
    const message = add_message(i.channel, i.bot, { ...data, flags: (data.flags ?? 0) & EPHEMERAL });
    const ephemeral = message.flags & EPHEMERAL;
    show(message, ephemeral ? [i.user] : i.channel.members, ephemeral ? 'ephemeral' : i.channel.type === 0 ? 'room' : 'private');
    return message;
}

function follow_up(app, token, body) {
    const i = [...interactions.values()].find((each) => each.token === token && each.bot.app === app);
    if (!i?.answered) return error(404, 10015, 'Unknown Webhook');
    return wrong_with(body) ?? { body: say_to_interaction(i, body) };
}

// A bucket: so many a second. The answer's headers tell how it stands.
function take_of(name, limit) {
    const now = Date.now(), bucket = buckets.get(name);
    const b = bucket && now < bucket.until ? bucket : { left: limit, until: now + 1000 };
    buckets.set(name, b);
    b.left--;
    const after = ((b.until - now) / 1000).toFixed(3);
    return { over: b.left < 0, after, headers: { 'X-RateLimit-Bucket': 'b' + name.length, 'X-RateLimit-Limit': String(limit),
        'X-RateLimit-Remaining': String(Math.max(b.left, 0)), 'X-RateLimit-Reset-After': after } };
}

const routes = [
    ['GET', /^\/gateway\/bot$/, () => ({ body: { url: `ws://127.0.0.1:${fake.port}`, shards: 1,
        session_start_limit: { total: 1000, remaining: settings.remaining, reset_after: 14400000, max_concurrency: 1 } } })],
    ['GET', /^\/users\/@me$/, (bot) => ({ body: public_user(bot) })],
    ['GET', /^\/channels\/(\d+)$/, (bot, body, id) => (channels.has(id) ? { body: channel_object(channels.get(id)) } : error(404, 10003))],
    ['POST', /^\/channels\/(\d+)\/messages$/, (bot, body, id) => post_message(bot, channels.get(id), body)],
    ['POST', /^\/channels\/(\d+)\/typing$/, (bot, body, id) => {
        tell({ seen: { user: '', place: 'typing', by: bot.username, text: id, id: '', buttons: [] } });
        return empty;
    }],
    ['POST', /^\/users\/@me\/channels$/, (bot, body) => {
        const person = people.find((each) => each.id === body.recipient_id);
        return person ? { body: channel_object(direct(bot, person)) } : error(400, 50033);
    }],
    ['PUT', /^\/applications\/(\d+)\/commands$/, (bot, body, app) => {
        if (app !== bot.app) return error(403, 20012);
        bot.commands = body.map((command) => ({ id: make_id(), application_id: app, version: '1', default_member_permissions: null, ...command }));
        return { body: bot.commands };
    }],
];

const free_routes = [ // an interaction's token is all they ask for
    ['POST', /^\/interactions\/(\d+)\/([\w.-]+)\/callback$/, (body, id, token) => call_back(id, token, body)],
    ['POST', /^\/webhooks\/(\d+)\/([\w.-]+)$/, (body, app, token) => follow_up(app, token, body)],
];

function route(request, path, body) {
    for (const [method, pattern, act] of free_routes) {
        const match = method === request.method && path.match(pattern);
        if (match) return act(body, ...match.slice(1));
    }
    const bot = bots.find((each) => request.headers.authorization === `Bot ${each.token}` && !each.revoked);
    if (!bot) return error(401, 0, '401: Unauthorized');
    for (const [method, pattern, act] of routes) {
        const match = method === request.method && path.match(pattern);
        if (!match) continue;
        const bucket = take_of(`${method} ${pattern} ${match[1]}`, settings.bucket);
        if (bucket.over)
            return { status: 429, headers: { ...bucket.headers, 'Retry-After': '1', 'X-RateLimit-Scope': 'user' },
                body: { message: 'You are being rate limited.', retry_after: Number(bucket.after), global: false } };
        const result = act(bot, body, ...match.slice(1));
        return { ...result, headers: { ...bucket.headers, ...result.headers } };
    }
    return error(404, 0, '404: Not Found');
}

function rest(request, text) {
    const path = request.url.replace(/^\/api\/v10/, '').replace(/\?.*/, '');
    const body = text ? JSON.parse(text) : {};
    const agent = /^DiscordBot \(\S+, \S+\)/.test(request.headers['user-agent'] ?? '');
    const result = agent ? route(request, path, body) : { status: 403, headers: { 'Content-Type': 'text/html' }, body: '<html>error code: 1010</html>' };
    requests.push({ method: request.method, path, status: result.status ?? 200, body });
    return result;
}

// ---- what people do ----

function interact(user, channel, bot, type, data, message) {
    const i = { id: make_id(), token: 'aW50' + Math.random().toString(36).slice(2), user, channel, bot, message, at: Date.now(), answered: false };
    interactions.set(i.id, i);
    dispatch(bot, 'INTERACTION_CREATE', { id: i.id, application_id: bot.app, type, token: i.token, version: 1, data, channel_id: channel.id,
        channel: channel_object(channel), locale: 'en-US', entitlements: [], authorizing_integration_owners: {}, attachment_size_limit: 10485760,
        app_permissions: '2147483647', context: channel.type === 0 ? 0 : 1, ...(message && { message }),
        ...(channel.type === 0 ? { guild_id: guild, guild_locale: 'en-US', member: { user: public_user(user), ...member_of(user), permissions: '0' } } :
            { user: public_user(user) }) });
    return { id: i.id };
}

const place = (user, where, bot) => (where === 'room' ? room : direct(bot, user));

const fake = new Fake({
    http: rest,
    open,
    control: {
        say({ user, where, text, bot = bots[0].username }) {
            const content = text.replace(/@(\w+)/g, (all, name) => (named(name) ? `<@${named(name).id}>` : all));
            const message = add_message(place(named(user), where, named(bot)), named(user), { content });
            own.set(user, message);
            return message;
        },
        edit({ user, text }) {
            const message = Object.assign(own.get(user), { content: text, edited_timestamp: new Date().toISOString() });
            const channel = channels.get(message.channel_id);
            for (const bot of bots) dispatch(bot, 'MESSAGE_UPDATE', message, channel.type === 0 ? INTENTS.GUILD_MESSAGES : INTENTS.DIRECT_MESSAGES);
        },
        webhook: ({ text }) => add_message(room, { id: make_id(), username: 'hook', bot: true },
            { content: text.replace('@lippy', `<@${bots[0].id}>`), webhook_id: make_id() }),
        click({ user, message, button }) {
            const m = messages.get(message), bot = bots.find((each) => each.id === m.author.id);
            return interact(named(user), channels.get(m.channel_id), bot, 3, { component_type: 2, custom_id: button }, m);
        },
        command({ user, where, text, bot = bots[0].username }) {
            const command = named(bot).commands[0];
            const options = text ? [{ name: command.options[0].name, type: 3, value: text }] : [];
            return interact(named(user), place(named(user), where, named(bot)), named(bot), 2, { id: command.id, name: command.name, type: 1, options });
        },
        submit({ user, text }) {
            const form = forms.get(named(user)), field = form.components[0].components[0];
            const components = [{ type: 1, components: [{ type: 4, custom_id: field.custom_id, value: text }] }];
            return interact(named(user), form.channel, bots[0], 5, { custom_id: form.custom_id, components }, form.message);
        },
        op: (frame) => fake.sockets.forEach((socket) => socket.say(JSON.stringify({ t: null, s: null, ...frame }))),
        close: ({ code }) => fake.sockets.forEach((socket) => socket.close(code)),
        forget: () => sessions.clear(),
        replay: () => sessions.forEach((session) => session.events.forEach(({ frame }) => session.socket?.say(frame))),
        hold: () => (held = []),
        release() {
            for (const { session, frame } of held.reverse()) session.socket?.say(frame);
            held = null;
        },
        close_direct: ({ user }) => (direct(bots[0], named(user)).closed = true),
        set: (changes) => Object.assign(settings, changes),
        revoke: ({ bot }) => (named(bot).revoked = true),
        requests: () => requests,
        commands: ({ bot }) => named(bot).commands,
    },
});
await fake.start();
