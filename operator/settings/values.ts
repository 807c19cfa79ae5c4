/** Reads one value each. A problem is thrown as a ValueError that says what is wrong with the value and what to write. */
import { durationMs, durationProblem } from '../../api/duration.js';

export class ValueError extends Error {}

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
/** Equality and set terms; the API server says what is wrong with the rest. */
const SELECTOR = /^[\w./!=(), -]{1,1000}$/;

export function dnsLabel(text: string): string {
  if (DNS_LABEL.test(text)) return text;
  throw new ValueError('is no name; write small letters, digits and -, at most 63 of them');
}

export function dnsSubdomain(text: string): string {
  if (DNS_SUBDOMAIN.test(text) && text.length <= 253) return text;
  throw new ValueError('is no name of an object; write small letters, digits, - and ., at most 253 of them');
}

/** Names between commas, at least one, each once. */
export function dnsLabels(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) {
    if (name === '') throw new ValueError('has an empty name; write names with one comma between them');
    if (!DNS_LABEL.test(name)) {
      throw new ValueError(
        `has ${JSON.stringify(name)}, which is no name; write small letters, digits and -, at most 63 of them`,
      );
    }
  }
  return [...new Set(names)];
}

export function duration(text: string): number {
  const problem = durationProblem(text, 'm');
  if (problem !== undefined) throw new ValueError(problem);
  return durationMs(text);
}

export function port(text: string): number {
  const number = Number(text);
  if (/^[0-9]+$/.test(text) && number <= 65_535) return number;
  throw new ValueError('is no port; write a number from 1 to 65535, or 0 for any free one');
}

export function selector(text: string): string {
  if (SELECTOR.test(text)) return text;
  throw new ValueError('is no label selector; write for example app.kubernetes.io/name=pgscope');
}

export function attributeValue(text: string): string {
  if (text.length <= 255 && text.trim() === text) return text;
  throw new ValueError('has spaces around it or more than 255 characters; write the name alone');
}

/** The value of a variable that stands for a flag without a value. */
export function yesOrNo(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new ValueError('is neither true nor false; write one of them');
}
