// A bot by Discord's most used client library, discord.js, on our fake: what it is content with may be called a Discord. Arguments: the REST
// address without its version, a token. What happens goes out as lines of JSON.
import { Client, Events, GatewayIntentBits, Partials, MessageFlags, ActionRowBuilder, ButtonBuilder, ButtonStyle, REST, Routes } from 'discord.js';

const [, , api, token] = process.argv;
const tell = (what) => process.stdout.write(JSON.stringify(what) + '\n');
const client = new Client({
    intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages, GatewayIntentBits.DirectMessages],
    partials: [Partials.Channel],
    rest: { api, version: '10' },
});

client.on(Events.ClientReady, async () => {
    const commands = await client.application.commands.set([{ name: 'lip', description: 'Talk', options: [{ name: 'text', type: 3, description: 'What' }] }]);
    tell({ ready: client.user.username, guilds: client.guilds.cache.map((guild) => guild.name), commands: commands.map((c) => c.name) });
});
client.on(Events.ShardResume, () => tell({ resumed: true }));
client.on(Events.Error, (error) => tell({ error: String(error.stack) }));

client.on(Events.MessageCreate, async (message) => {
    if (message.author.bot || (message.inGuild() && !message.mentions.has(client.user))) return;
    await message.channel.sendTyping();
    const row = new ActionRowBuilder().addComponents(new ButtonBuilder().setCustomId('yes').setLabel('Yes').setStyle(ButtonStyle.Secondary));
    const options = { content: 'heard: ' + message.cleanContent, components: [row], nonce: message.id, enforceNonce: true };
    const [first, second] = [await message.reply(options), await message.channel.send(options)];
    const again = await message.author.createDM();
    tell({ message: message.content, guild: message.guild?.name ?? null, same: first.id === second.id, direct: again.isDMBased() });
});

client.on(Events.InteractionCreate, async (interaction) => {
    const ephemeral = { flags: MessageFlags.Ephemeral };
    if (interaction.isChatInputCommand()) {
        await interaction.reply({ content: 'command: ' + interaction.options.getString('text'), ...ephemeral });
        await interaction.followUp({ content: 'more', ...ephemeral });
        const twice = await interaction.client.rest.post(Routes.interactionCallback(interaction.id, interaction.token),
            { body: { type: 4, data: { content: 'twice' } }, auth: false }).catch((error) => error.code);
        tell({ command: interaction.commandName, guild: interaction.guild?.name ?? null, twice });
    } else if (interaction.isButton()) {
        await interaction.update({ components: [] });
        tell({ button: interaction.customId, of: interaction.message.content, by: interaction.user.username });
    }
});

process.on('unhandledRejection', (error) => tell({ error: String(error.stack) }));
process.stdin.resume().on('end', () => client.destroy().finally(() => process.exit(0)));
await client.login(token);
