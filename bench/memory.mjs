// Resident memory of a process, in MiB.
import { readFile, writeFile } from 'node:fs/promises';

async function status(pid, name) {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(text.match(new RegExp(`${name}:\\s+(\\d+)`))[1]) / 1024;
}

/** Now. */
export const resident = (pid) => status(pid, 'VmRSS');

/** By how much the peak during `act` lies above what was there before. */
export async function growth(pid, act) {
  const before = await resident(pid);
  await writeFile(`/proc/${pid}/clear_refs`, '5');
  const result = await act();
  return { result, grown: (await status(pid, 'VmHWM')) - before };
}
