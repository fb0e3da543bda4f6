/** Ends with 0 when an address answers that all is well, otherwise with 1 and what it said. */
const [address = ''] = process.argv.slice(2);
try {
  const response = await fetch(address, { signal: AbortSignal.timeout(8_000) });
  process.stdout.write(`${await response.text()}\n`);
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  process.stdout.write(`${address}: ${error.cause?.message ?? error.message}\n`);
  process.exitCode = 1;
}
