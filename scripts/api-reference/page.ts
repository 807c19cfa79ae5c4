/** docs/api.md, written from the CustomResourceDefinitions. */
import { parse } from 'yaml';
import { crdFiles } from '../../api/crd.js';
import { type Field, fieldsOf, type Rule, rulesOf } from './fields.js';
import { kindsOfStrings } from './patterns.js';
import { code, type FieldSchema, typeInWords } from './type.js';

interface Column {
  name: string;
  jsonPath: string;
  description?: string;
  priority?: number;
}

interface Definition {
  spec: {
    group: string;
    scope: string;
    names: { kind: string; plural: string; shortNames: string[]; categories: string[] };
    versions: {
      name: string;
      schema: { openAPIV3Schema: FieldSchema & { properties: { spec: FieldSchema; status?: FieldSchema } } };
      additionalPrinterColumns: Column[];
      selectableFields?: { jsonPath: string }[];
    }[];
  };
}

/** The page as Markdown. */
export function apiReference(): string {
  const definitions = [...crdFiles().values()].map((text) => parse(text) as Definition);
  return `${[INTRODUCTION, ...kindsOfStrings(), ...definitions.flatMap(kindSection)].join('\n')}\n`;
}

const INTRODUCTION = `# API reference

<!-- Generated from api/ by scripts/generate-api-reference.ts; do not edit. -->

Every field of pgscope's custom resources. \`kubectl explain pgp.spec\` says the same; [profiles.md](profiles.md) shows how they are used.

In paths, \`[]\` stands for each entry of a list. A field that is required has to be there if the object around it is. Unknown fields are
refused under \`--validate=strict\`, which is kubectl's default. Kinds of strings:
`;

function kindSection({ spec: { group, scope, names, versions } }: Definition): string[] {
  const [version] = versions;
  if (version === undefined) return [];
  const { description: purpose = '', properties } = version.schema.openAPIV3Schema;
  const { spec, status } = properties;
  const rules = [...rulesOf('spec', spec), ...(status ? rulesOf('status', status) : [])];
  return [
    `\n## ${names.kind}`,
    purpose,
    '',
    `\`apiVersion: ${group}/${version.name}\`, \`kind: ${names.kind}\`; ${scope.toLowerCase()}; kubectl knows it as ${names.plural}, ` +
      `${names.shortNames.map(code).join(', ')}, and in the category ${names.categories.map(code).join(', ')}.` +
      selectable(version.selectableFields ?? []),
    `\n### Spec of ${names.kind}`,
    ...fieldTable(fieldsOf('spec', spec, true)),
    ...(status ? statusSection(names.kind, status) : []),
    `\n### Rules of ${names.kind}`,
    'Checked by the API server beside types and bounds; a refusal quotes the message.',
    '',
    ...rules.map(ruleLine),
    `\n### Columns of ${names.kind}`,
    'What `kubectl get` shows:',
    '',
    ...version.additionalPrinterColumns.map(columnLine),
  ];
}

function statusSection(kind: string, status: FieldSchema): string[] {
  return [
    `\n### Status of ${kind}`,
    ...fieldTable(fieldsOf('status', status, false)),
    `\nThe reasons of its conditions, and what to do about them: [profiles.md](profiles.md#conditions-and-reasons).`,
  ];
}

function selectable(fields: { jsonPath: string }[]): string {
  return fields.length === 0
    ? ''
    : ` \`--field-selector\` takes ${fields.map(({ jsonPath }) => code(jsonPath.slice(1))).join(', ')}.`;
}

function fieldTable(fields: Field[]): string[] {
  return ['| field | type and bounds | default | |', '|---|---|---|---|', ...fields.map(fieldRow)];
}

function fieldRow({ path, schema, required }: Field): string {
  const type = `${typeInWords(schema)}${required ? '; required' : ''}`;
  return `| ${code(path)} | ${type} | ${fallback(schema)} | ${description(schema)} |`;
}

/** Of an object that is filled in, its fields tell. */
function fallback({ default: value }: FieldSchema): string {
  if (value === undefined || JSON.stringify(value) === '{}') return '';
  if (value === '') return 'empty';
  return Array.isArray(value) ? value.map(String).map(code).join(', ') || 'none' : code(String(value));
}

/** Without the default, which has a column of its own. */
function description(schema: FieldSchema): string {
  const text = schema.description ?? '';
  return fallback(schema) === '' ? text : text.slice(0, text.lastIndexOf(' Default: '));
}

function ruleLine({ path, rule, message }: Rule): string {
  return `- ${code(path)}: ${message}. ${code(rule)}`;
}

function columnLine({ name, jsonPath, description: text, priority = 0 }: Column): string {
  return `- ${name}: ${code(jsonPath.slice(1))}${text === undefined ? '' : `. ${text}`}${priority > 0 ? ' (with `-o wide`)' : ''}`;
}
