// A bot made with Slack's own framework, to see whether it is content with the fake. Arguments: the API's address, the app's token, the bot's.
// It echoes what is said to it, with a button; what else reaches it, it prints as lines of JSON.
import bolt from '@slack/bolt';

const [, , slackApiUrl, appToken, token] = process.argv;
const tell = (what) => process.stdout.write(JSON.stringify(what) + '\n');
const app = new bolt.App({ token, appToken, socketMode: true, logLevel: bolt.LogLevel.ERROR, clientOptions: { slackApiUrl } });

app.message(async ({ message, say }) => {
    if (message.channel_type !== 'im' || message.subtype) return; // its own changes come, too
    await say({ text: `echo ${message.text}`, blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'echo' } },
        { type: 'actions', elements: [{ type: 'button', action_id: 'yes', text: { type: 'plain_text', text: 'Yes' }, value: '1' }] }] });
});
app.event('app_mention', async ({ event, client }) => {
    await client.chat.postMessage({ channel: event.channel, thread_ts: event.ts, text: `mentioned by ${event.user}` });
});
app.action('yes', async ({ ack, body, client }) => {
    await ack();
    await client.chat.update({ channel: body.channel.id, ts: body.message.ts, text: `clicked by ${body.user.id}`, blocks: [] });
});
app.command('/lip', async ({ ack, command, client }) => {
    await ack({ text: 'privately' });
    const { channel } = await client.conversations.open({ users: command.user_id });
    await client.chat.postMessage({ channel: channel.id, text: `command ${command.text}` });
});
app.error(async (error) => tell({ error: String(error.stack ?? error) }));
await app.start();
tell({ ready: true });
process.stdin.resume().on('end', () => process.exit(0));
