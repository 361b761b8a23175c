// The page's side of chat/web.h: shows the talk, sends what is written, and takes both up again when the connection was lost.
'use strict';

const $ = (id) => document.getElementById(id);
const [log, said, waiting, dots, form, text, menu, state] = ['log', 'said', 'waiting', 'dots', 'write', 'text', 'menu', 'status'].map($);
const calm = state.textContent;
const PAUSE_MS = 600; // an answer that comes faster looks like none
const ECHO_MS = 8000; // the server says at once that it has a message
const EMERGENCY = 4;

let socket = null, live = false, attempt = 0, timer = 0, watch = 0, hiddenSince = 0;
let talk = '', last = 0;              // what is shown: of which talk, up to which message
const unsent = new Map();             // by id: {say, as, id, node}
let line = Promise.resolve(), hurry = () => {}; // frames are shown one after another

// --- drawing; never through innerHTML ---

function make(tag, className, ...children) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    node.append(...children);
    return node;
}

function link(url) {
    const node = make('a', '', url);
    node.href = url;
    node.rel = 'noreferrer';
    node.target = '_blank';
    return node;
}

// *words* stand out, <https://...> is a link.
function inline(words) {
    const parts = words.split(/(\*[^\s*](?:[^*\n]*[^\s*])?\*|<https?:\/\/[^\s>]+>)/);
    const nodes = parts.map((part, i) => i % 2 === 0 ? part : part[0] === '*' ? make('strong', '', part.slice(1, -1)) : link(part.slice(1, -1)));
    return nodes.filter((node) => node !== '');
}

// A paragraph for each line, and lists of lines that begin with "- ".
function blocks(words) {
    const out = [];
    for (const row of words.split('\n')) {
        const before = out[out.length - 1];
        if (row.startsWith('- ')) {
            const list = before?.tagName === 'UL' ? before : make('ul');
            list.append(make('li', '', ...inline(row.slice(2))));
            if (list !== before) out.push(list);
        } else if (row.trim() !== '') {
            out.push(make('p', '', ...inline(row)));
        }
    }
    return out;
}

const speaker = (name) => make('span', 'unseen', name + ': ');

function call(number) {
    const node = make('a', 'call', 'Call ' + number);
    node.href = 'tel:' + number.replace(/\s/g, '');
    return node;
}

// The heading of advice is its first words; in an emergency the number comes first, to be tapped.
function advice(node, level) {
    node.dataset.level = level;
    const first = node.querySelector('p');
    if (first?.childNodes.length !== 1 || first.firstChild.tagName !== 'STRONG') return;
    const title = make('h2', '', first.textContent);
    const numbers = level === EMERGENCY ? first.textContent.match(/\d[\d ]*\d/g) ?? [] : [];
    first.replaceWith(...(numbers.length ? [make('div', 'calls', ...numbers.map(call))] : []), title);
}

function bubble(part) {
    const node = make('article', 'lippy', speaker('Lippy'), ...blocks(part.text));
    if (part.level) advice(node, part.level);
    if (part.level === EMERGENCY && live) node.setAttribute('aria-live', 'assertive');
    return node;
}

function button(label, className, act) {
    const node = make('button', className, label);
    node.type = 'button';
    node.addEventListener('click', act);
    return node;
}

function replies(part) {
    const many = part.together > 1 ? part.together : 0;
    const box = make('div', 'replies');
    const one = (label, i) => button(label, '', () => answer(part.numbered ? String(i + 1) : label, label));
    box.setAttribute('role', 'group');
    box.setAttribute('aria-label', many ? 'Pick what fits' : 'Pick an answer');
    if (many || part.choices.some((label) => label.length > 24)) box.classList.add('long');
    if (!many) {
        box.append(...part.choices.map(one));
        return box;
    }
    const checks = part.choices.slice(0, many).map((label) => {
        const check = make('input');
        check.type = 'checkbox';
        box.append(make('label', '', check, make('span', '', label)));
        return check;
    });
    const pick = button('Send what I picked', 'pick', () => {
        const picked = checks.flatMap((check, i) => check.checked ? [i] : []);
        answer(picked.map((i) => i + 1).join(', '), picked.map((i) => part.choices[i]).join('\n'));
    });
    // "None of these" beside something picked would take it back
    const others = part.choices.slice(many).map((label, i) => one(label, many + i));
    const choose = () => {
        pick.hidden = !checks.some((check) => check.checked);
        others.forEach((other) => { other.hidden = !pick.hidden; });
    };
    box.addEventListener('change', choose);
    box.append(make('div', 'row', pick, ...others));
    choose();
    return box;
}

// On a phone, to focus the field would bring up the keyboard.
function answer(say, as) {
    send(say, as);
    (matchMedia('(pointer: coarse)').matches ? log : text).focus({ preventScroll: true });
}

// What is new is read from its beginning; what fits is shown whole.
function reveal(node) {
    const smooth = live && !matchMedia('(prefers-reduced-motion: reduce)').matches;
    const top = node.offsetTop - 12;
    log.scrollTo({ top: Math.min(top, log.scrollHeight - log.clientHeight), behavior: smooth ? 'smooth' : 'auto' });
}

function mine(words) { return make('article', 'me', speaker('You'), words); }

function showDots(yes) {
    dots.hidden = !yes;
    if (yes) reveal(dots);
}

// --- frames in ---

async function show(frame) {
    if (frame.talk !== undefined && frame.talk !== talk) {
        [talk, last] = [frame.talk, 0];
        said.replaceChildren();
    }
    if (frame.n) last = frame.n;
    if (frame.n) said.querySelectorAll('.replies').forEach((old) => old.remove());
    if (frame.me !== undefined) {
        arrived(frame.id);
        const node = said.appendChild(mine(frame.me));
        if (live) {
            reveal(node);
            showDots(true);
        }
    }
    if (frame.parts) await showAnswer(frame.parts);
    if (frame.had) arrived(frame.had);
    if (frame.wait) sendLater(frame);
    if (frame.live) goLive();
}

async function showAnswer(parts) {
    const urgent = parts.some((part) => part.level === EMERGENCY);
    if (live && !urgent) await new Promise((done) => { hurry = done; setTimeout(done, PAUSE_MS); });
    showDots(false);
    const nodes = parts.flatMap((part) => part.choices ? [bubble(part), replies(part)] : [bubble(part)]);
    said.append(...nodes);
    reveal(urgent ? nodes.find((node) => node.dataset.level === String(EMERGENCY)) : nodes[0]);
}

function goLive() {
    live = true;
    attempt = 0;
    tell(calm);
    log.setAttribute('aria-live', 'polite');
    if (last) reveal(said.lastElementChild?.matches('.replies') ? said.lastElementChild.previousElementSibling : said.lastElementChild);
    requestAnimationFrame(() => said.classList.add('live'));
    for (const message of unsent.values()) transmit(message);
}

// --- frames out ---

function tell(words, away = false) {
    if (state.textContent !== words) state.textContent = words;
    state.classList.toggle('away', away);
}

function newId() { return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join(''); }

function transmit({ say, as, id }) {
    if (!live || socket.readyState !== WebSocket.OPEN) return;
    socket.send(JSON.stringify(as && as !== say ? { say, as, id } : { say, id }));
    clearTimeout(watch);
    watch = setTimeout(() => { if (unsent.size) lost(); }, ECHO_MS);
}

function send(say, as) {
    const message = { say, as, id: newId(), node: mine(as ?? say) };
    said.querySelectorAll('.replies').forEach((old) => old.remove());
    message.node.classList.toggle('unsent', !live);
    unsent.set(message.id, message);
    waiting.append(message.node);
    reveal(message.node);
    if (live) showDots(true);
    transmit(message);
}

function arrived(id) {
    unsent.get(id)?.node.remove();
    unsent.delete(id);
    if (!unsent.size) clearTimeout(watch);
}

// Too much at once: the server wants a pause.
function sendLater({ id, wait }) {
    const message = unsent.get(id);
    if (!message) return;
    clearTimeout(watch);
    showDots(false);
    message.node.classList.add('unsent');
    tell('One moment, that was a lot at once', true);
    setTimeout(() => {
        tell(calm);
        transmit(message);
    }, wait * 1000);
}

// --- the connection ---

function lost() {
    const old = socket;
    socket = null;
    if (old) old.onclose = old.onmessage = null;
    old?.close();
    live = false;
    log.setAttribute('aria-live', 'off');
    showDots(false);
    unsent.forEach((message) => message.node.classList.add('unsent'));
    tell('Connection lost. It will be back …', true);
    clearTimeout(timer);
    timer = setTimeout(connect, Math.min(15000, 400 * 2 ** attempt++) * (0.5 + Math.random()));
}

// The request gives us a cookie where the server no longer knows ours, and waits for a network that is not there yet.
async function connect() {
    clearTimeout(timer);
    if (socket) return;
    const attempted = socket = { close() {} };
    try {
        const page = await fetch('/', { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout?.(10000) });
        if (socket !== attempted) return;
        if (!page.ok) throw new Error(page.status);
    } catch {
        if (socket === attempted) lost();
        return;
    }
    socket = new WebSocket(location.origin.replace(/^http/, 'ws') + '/talk');
    socket.onopen = () => socket.send(JSON.stringify({ hello: talk, after: last }));
    socket.onmessage = (event) => {
        const frame = JSON.parse(event.data);
        if (frame.parts?.some((part) => part.level === EMERGENCY)) hurry();
        line = line.then(() => show(frame)).catch(console.error);
    };
    socket.onclose = (event) => {
        if (event.code !== 4001) return lost();
        lost();
        clearTimeout(timer); // open in too many places: where somebody looks at it, it goes on
        tell('Open in another window. Tap here to go on', true);
    };
}

function again() {
    attempt = 0;
    if (!live) connect();
}

addEventListener('online', again);
addEventListener('focus', again);
addEventListener('pointerdown', again);
addEventListener('offline', lost);
// A phone that slept may hold a connection that is long dead.
document.addEventListener('visibilitychange', () => {
    if (document.hidden) hiddenSince = Date.now();
    else if (live && Date.now() - hiddenSince > 30000) lost();
    if (!document.hidden) again();
});

// --- the person ---

function grow() {
    text.style.height = 'auto';
    text.style.height = text.scrollHeight + 3 + 'px';
}

text.addEventListener('input', grow);
text.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    sendText();
});
form.addEventListener('submit', (event) => {
    event.preventDefault();
    sendText();
});

function sendText() {
    const words = text.value.trim();
    if (!words) return;
    text.value = '';
    grow();
    send(words);
}

menu.addEventListener('click', (event) => {
    const item = event.target.closest('button');
    if (!item) return;
    menu.open = false;
    answer(item.dataset.say, item.textContent);
});
document.addEventListener('click', (event) => { if (!menu.contains(event.target)) menu.open = false; });
document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !menu.open) return;
    menu.open = false;
    menu.querySelector('summary').focus();
});

connect();
