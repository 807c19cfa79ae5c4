/** Kubernetes' label selector, bounded: which objects are meant, by their labels. */
import { z } from 'zod';
import { withRules } from './rule.js';

const MOST_LABELS = 32;
const MOST_EXPRESSIONS = 16;
const MOST_VALUES = 64;
const KEY_MAX_LENGTH = 317;
const KEY_PATTERN = '^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$';
const VALUE_PATTERN = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

const labelValue = z.string().max(63).regex(VALUE_PATTERN, {
  error: 'is not a label value; write at most 63 letters, digits, -, _ and ., first and last a letter or digit',
});

const labelKey = z.string().min(1).max(KEY_MAX_LENGTH).regex(new RegExp(KEY_PATTERN), {
  error: 'is not a label key; write for example app or app.kubernetes.io/name',
});

const matchLabels = withRules(
  z.record(z.string(), labelValue.describe('The value that the label must have.')),
  {
    message: `has too many labels; at most ${MOST_LABELS} are allowed`,
    holds: (labels) => Object.keys(labels).length <= MOST_LABELS,
    keywords: { maxProperties: MOST_LABELS },
  },
  {
    message: 'has a key that is not a label key; write for example app or app.kubernetes.io/name',
    holds: (labels) => Object.keys(labels).every((key) => labelKey.safeParse(key).success),
    cel: `self.all(key, size(key) <= ${KEY_MAX_LENGTH} && key.matches('${KEY_PATTERN}'))`,
  },
);

const matchExpression = withRules(
  z.strictObject({
    key: labelKey.describe('The label that the expression is about.'),
    operator: z
      .enum(['In', 'NotIn', 'Exists', 'DoesNotExist'])
      .describe('How the label is compared: In and NotIn with the values, Exists and DoesNotExist without any.'),
    values: z
      .array(labelValue.describe('A label value.'))
      .max(MOST_VALUES)
      .optional()
      .meta({ 'x-kubernetes-list-type': 'atomic', description: 'The values for In and NotIn; at least one.' }),
  }),
  {
    message: 'In and NotIn need values, Exists and DoesNotExist take none',
    holds: ({ operator, values = [] }) => ['In', 'NotIn'].includes(operator) === values.length > 0,
    cel: "self.operator in ['In', 'NotIn'] ? has(self.values) && size(self.values) > 0 : !has(self.values) || size(self.values) == 0",
  },
);

/** The selector's schema; `{}` selects everything, as everywhere in Kubernetes. */
export const labelSelector = z.strictObject({
  matchLabels: matchLabels.optional().describe('Labels that must all be there with exactly these values.'),
  matchExpressions: z
    .array(matchExpression.describe('One condition on one label.'))
    .max(MOST_EXPRESSIONS)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'atomic', description: 'Conditions that must all hold.' }),
});
