/** What a name is: its type, unit and origin. */

export type Origin = 'OpenTelemetry' | 'PostgreSQL receiver' | 'pgscope';

export interface AttributeName {
  name: string;
  type: 'string' | 'string[]' | 'int' | 'int[]' | 'double' | 'boolean';
  /** UCUM; empty for what is no quantity. */
  unit: string;
  origin: Origin;
  meaning: string;
}

export interface MetricName {
  name: string;
  instrument: 'counter' | 'gauge' | 'exponential histogram';
  unit: string;
  meaning: string;
  /** Names of the attributes that its points have beside those of its group. */
  attributes: string[];
}

export const standard = (name: string, type: AttributeName['type'], meaning: string): AttributeName => {
  return { name, type, unit: '', origin: 'OpenTelemetry', meaning };
};
export const receiver = (name: string, type: AttributeName['type'], unit: string, meaning: string): AttributeName => {
  return { name, type, unit, origin: 'PostgreSQL receiver', meaning };
};
export const own = (name: string, type: AttributeName['type'], unit: string, meaning: string): AttributeName => {
  return { name, type, unit, origin: 'pgscope', meaning };
};

const metric =
  (instrument: MetricName['instrument']) =>
  (name: string, unit: string, meaning: string, attributes: AttributeName[] = []): MetricName => {
    return { name, instrument, unit, meaning, attributes: attributes.map((attribute) => attribute.name) };
  };
export const counter = metric('counter');
export const gauge = metric('gauge');
export const histogram = metric('exponential histogram');
