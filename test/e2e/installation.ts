/** Before the suite: the receivers run, and the chart is installed by helm, as a user would do it. */
import { execa } from 'execa';
import { startReceivers } from './receivers.js';
import { VALUES } from './values.js';

export const RELEASE = 'pgscope';
export const NAMESPACE = 'pgscope';

export default async function install(): Promise<void> {
  await startReceivers();
  await helm('upgrade', '--install', RELEASE, 'charts/pgscope', '--create-namespace', '--wait', '--values', '-');
}

/** Runs helm in pgscope's namespace; `--values -` are the suite's, with changes if any. */
export async function helm(...args: string[]): Promise<string> {
  return (await execa('helm', [...args, '--namespace', NAMESPACE], { input: JSON.stringify(VALUES) })).stdout;
}
