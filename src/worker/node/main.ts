/** `npm run engine -- --host unix:///tmp/drydock.sock [--memory 256] [--data-root DIR] [--share DIR] [--publish-on ADDRESS] [--outside on|off] [--allow-host HOST[:PORT]]…` */
import { parseArgs } from 'node:util';
import { toAppError } from '../../base/errors.ts';
import { isAddress } from '../../grammar/address.ts';
import { parseAllowedHost } from './outside/allowed.ts';
import { directWay } from './outside/direct.ts';
import { startEngine } from './engine.ts';

const usage =
  'Usage: npm run engine -- --host unix:///path/to.sock | tcp://127.0.0.1:PORT [--memory MEGABYTES] [--data-root DIR] [--share DIR] [--publish-on ADDRESS] [--outside on|off] [--allow-host HOST[:PORT]]…';

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      host: { type: 'string' },
      memory: { type: 'string', default: '256' },
      'data-root': { type: 'string' },
      share: { type: 'string' },
      'publish-on': { type: 'string' },
      outside: { type: 'string', default: 'on' },
      'allow-host': { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true || values.host === undefined) {
    say(usage);
    process.exitCode = values.help === true ? 0 : 1;
    return;
  }
  const publishOn = values['publish-on'];
  if (publishOn !== undefined && !isAddress(publishOn)) throw new Error(`--publish-on wants an address of this machine, not ${publishOn}`);
  if (values.outside !== 'on' && values.outside !== 'off') throw new Error(`--outside wants on or off, not ${values.outside}`);
  const allowed = values['allow-host'].map(parseAllowedHost);
  if (values.outside === 'off' && allowed.length > 0) throw new Error('--allow-host says nothing where --outside is off');
  const memoryMegabytes = Number(values.memory);
  if (!Number.isInteger(memoryMegabytes) || memoryMegabytes < 128 || memoryMegabytes > 1024)
    throw new Error('--memory wants 128 to 1024 megabytes');
  const engine = await startEngine({
    host: values.host,
    memoryMegabytes,
    dataRoot: values['data-root'],
    share: values.share,
    publishOn,
    outside: values.outside === 'on' ? [directWay({ allowed })] : [],
    say,
  });
  say(`The engine listens. Try:  DOCKER_HOST=${engine.address} docker run --rm hello-world`);
  engine.playground.lifecycle.onBroken((error) => void engine.stop().finally(() => fail(error)));
  const stop = (): void => void engine.stop().then(() => process.exit(0), fail);
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

function fail(error: unknown): never {
  const { message, detail } = toAppError(error);
  process.stderr.write([message, detail['console']].filter(Boolean).join('\n') + '\n');
  process.exit(1);
}

main().catch(fail);
