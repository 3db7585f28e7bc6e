import { Ledger } from './ledger.js';

/** `ledger.main.ts <file> [port]`: the ledger as a process. Says where it is on its first line, and ends with SIGTERM. */
async function main([file, port]: readonly string[]): Promise<void> {
  if (file === undefined) throw new Error('Which file?');
  const ledger = await Ledger.start({ file, port: Number(port ?? 0) });
  process.stdout.write(`${JSON.stringify({ url: ledger.url })}\n`);
  process.once('SIGTERM', () => void ledger.close());
}

await main(process.argv.slice(2));
