/** What the operator is told at its start, by options or by variables. The door of operator/settings/. */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { nearestName } from '../api/nearest-name.js';
import type { ControllerSettings } from './cluster.js';
import { environmentName, FLAGS, type Flag, type FlagName } from './settings/flags.js';
import { usageOf } from './settings/help.js';
import {
  attributeValue,
  dnsLabel,
  dnsLabels,
  dnsSubdomain,
  duration,
  port,
  selector,
  ValueError,
  yesOrNo,
} from './settings/values.js';

export { environmentName, FLAGS, type Flag } from './settings/flags.js';
export { helpText, usageOf } from './settings/help.js';

const COMMANDS = ['run', 'cleanup', 'install-programs'] as const;
export type Command = (typeof COMMANDS)[number];

export interface OperatorSettings extends ControllerSettings {
  command: Command;
  /** Undefined: all namespaces. */
  watchNamespaces: readonly string[] | undefined;
  agentSelector: string;
  /** 0: any free one. */
  port: number;
  leaseName: string;
  leaderElection: boolean;
  /** A file; undefined: the pod's service account. */
  kubeconfig: string | undefined;
}

/** Wrong options: one line for each, with field, value and remedy. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** `argv` without node and script. Throws a SettingsError that names everything that is wrong. */
export function readSettings(argv: readonly string[], env: NodeJS.ProcessEnv): OperatorSettings {
  const problems: string[] = [];
  const { command, given } = readArguments(argv, problems);
  const values = new Values(given, env, problems);
  const namespace = values.read('namespace', dnsLabel) ?? values.podNamespace();
  const settings = {
    namespace: namespace ?? '',
    watchNamespaces: values.read('watch-namespaces', dnsLabels),
    destinations: values.read('destinations', dnsLabels) ?? [],
    allowRawText: values.isSet('allow-raw-text'),
    labelGraceMs: values.read('label-grace', duration) ?? 0,
    clusterName: values.read('cluster-name', attributeValue),
    agentSelector: values.read('agent-selector', selector) ?? '',
    port: values.read('port', port) ?? 0,
    leaseName: values.read('lease-name', dnsSubdomain) ?? '',
    leaderElection: !values.isSet('no-leader-election'),
    kubeconfig: values.read('kubeconfig', (file) => file),
  };
  if (problems.length > 0 || command === undefined) throw new SettingsError(problems.join('\n'));
  return { command, ...settings };
}

interface Arguments {
  command: Command | undefined;
  given: Record<string, unknown>;
}

function readArguments(argv: readonly string[], problems: string[]): Arguments {
  const options: ParseArgsOptionsConfig = Object.fromEntries(
    (FLAGS as readonly Flag[]).map(({ name, value }) => [name, { type: value === undefined ? 'boolean' : 'string' }]),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
    return { command: commandOf(positionals, problems), given: values };
  } catch (error) {
    problems.push(argumentProblem(error as Error));
    return { command: undefined, given: {} };
  }
}

function commandOf([first, extra]: string[], problems: string[]): Command | undefined {
  const command = COMMANDS.find((known) => known === first);
  if (command === undefined) {
    problems.push(
      `${first ?? 'the command'}: ${first === undefined ? 'is missing' : 'there is no such command'}; write run, cleanup or install-programs`,
    );
  }
  if (extra !== undefined) problems.push(`${extra}: is no option; write options as --name value`);
  return command;
}

function argumentProblem({ message }: Error): string {
  const [, named] = /^Option '(?:-., )?(--[\w-]+).*? argument (?:missing|is ambiguous)/.exec(message) ?? [];
  if (named !== undefined) return `${named}: has no value; write ${usage(named)}`;
  const [, valued] = /^Option '(?:-., )?(--[\w-]+)' does not take an argument/.exec(message) ?? [];
  if (valued !== undefined) return `${valued}: takes no value; write ${usage(valued)} alone`;
  const unknown = /^Unknown option '(.+?)'/.exec(message)?.[1];
  if (unknown === undefined) return message;
  const meant = nearestName(
    unknown.replace(/^-+/, ''),
    FLAGS.map(({ name }) => name),
  );
  return `${unknown}: there is no such option; ${meant === undefined ? '--help lists them' : `did you mean --${meant}?`}`;
}

function usage(option: string): string {
  const flag = (FLAGS as readonly Flag[]).find(({ name }) => option === `--${name}`);
  return flag === undefined ? option : usageOf(flag);
}

/** A Service called pgscope makes the kubelet set PGSCOPE_PORT=tcp://… in every pod beside it, unless enableServiceLinks is false. */
const SERVICE_LINK = /^(tcp|udp|sctp):\/\//;

class Values {
  readonly #given: Record<string, unknown>;
  readonly #env: NodeJS.ProcessEnv;
  readonly #problems: string[];

  constructor(given: Record<string, unknown>, env: NodeJS.ProcessEnv, problems: string[]) {
    this.#given = given;
    this.#env = env;
    this.#problems = problems;
  }

  /** The option's value, else its variable's, else the default; undefined if there is none or it is wrong. An empty variable is none. */
  read<T>(name: FlagName, parse: (text: string) => T): T | undefined {
    const flag: Flag | undefined = FLAGS.find((one) => one.name === name);
    const given = this.#given[name];
    if (typeof given === 'string') return this.#parsed(`--${name}`, given, parse);
    const variable = this.#variable(name);
    if (variable !== undefined) return this.#parsed(environmentName(name), variable, parse);
    return flag?.default === undefined ? undefined : parse(flag.default);
  }

  isSet(name: FlagName): boolean {
    const variable = this.#variable(name);
    if (this.#given[name] === true || variable === undefined) return this.#given[name] === true;
    return this.#parsed(environmentName(name), variable, yesOrNo) ?? false;
  }

  podNamespace(): string | undefined {
    const { POD_NAMESPACE } = this.#env;
    if (POD_NAMESPACE) return this.#parsed('POD_NAMESPACE', POD_NAMESPACE, dnsLabel);
    if (this.#given.namespace === undefined && this.#variable('namespace') === undefined) {
      this.#problems.push(
        '--namespace: is missing; in a pod set POD_NAMESPACE from metadata.namespace, elsewhere write --namespace NAME',
      );
    }
    return undefined;
  }

  #variable(name: FlagName): string | undefined {
    const value = this.#env[environmentName(name)];
    return value === undefined || value === '' || SERVICE_LINK.test(value) ? undefined : value;
  }

  #parsed<T>(field: string, text: string, parse: (text: string) => T): T | undefined {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      this.#problems.push(`${field}: ${JSON.stringify(text)} ${error.message}`);
      return undefined;
    }
  }
}
