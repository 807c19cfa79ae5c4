/** Status conditions of custom resources, as Kubernetes' API conventions define them. */
import { z } from 'zod';
import { count, listByKey, timestamp } from './field-types.js';

const condition = z.strictObject({
  type: z.string().min(1).max(316).describe('What the condition is about.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds.'),
  observedGeneration: count().optional().describe('The generation of the spec that this was observed for.'),
  lastTransitionTime: timestamp().describe('When the status last changed.'),
  reason: z
    .string()
    .min(1)
    .max(1024)
    .regex(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/, { error: 'is not a reason; write one CamelCase word' })
    .describe('Why, as one CamelCase word for programs.'),
  message: z.string().max(32768).describe('Why, as a sentence for people, with what to do about it.'),
});

export type Condition = z.output<typeof condition>;

/** The list of conditions, one of each type. `types` explains each type in the list's description. */
export function conditionList(types: Record<string, string>) {
  const explained = Object.entries(types).map(([type, meaning]) => `${type}: ${meaning}`);
  return listByKey(condition.describe('One statement about the object.'), 'type', 16).describe(
    `Statements about the object, each true, false or unknown, with reason and message. ${explained.join('; ')}.`,
  );
}
