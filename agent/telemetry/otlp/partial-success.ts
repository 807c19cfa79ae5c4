/** What a receiver answers: how many items it rejected, and why. Reads only these fields, of either encoding. */

export interface PartialSuccess {
  rejected: number;
  message: string;
}

/** An unreadable answer counts as "nothing rejected": the status said success. */
export function readPartialSuccess(body: Uint8Array, contentType: string): PartialSuccess {
  try {
    return contentType.includes('json') ? fromJson(body) : fromProtobuf(body);
  } catch {
    return { rejected: 0, message: '' };
  }
}

function fromJson(body: Uint8Array): PartialSuccess {
  if (body.length === 0) return { rejected: 0, message: '' };
  const { partialSuccess } = JSON.parse(Buffer.from(body).toString()) as { partialSuccess?: Record<string, unknown> };
  const rejected = Number(
    partialSuccess?.rejectedSpans ?? partialSuccess?.rejectedDataPoints ?? partialSuccess?.rejectedLogRecords ?? 0,
  );
  return { rejected: count(rejected), message: String(partialSuccess?.errorMessage ?? '') };
}

/** Export{Trace,Metrics,Logs}ServiceResponse {1: partial_success {1: rejected (int64), 2: error_message}}. */
function fromProtobuf(body: Uint8Array): PartialSuccess {
  const partial = fields(body).get(1);
  if (!(partial instanceof Uint8Array)) return { rejected: 0, message: '' };
  const inner = fields(partial);
  const rejected = inner.get(1);
  const message = inner.get(2);
  return {
    rejected: count(typeof rejected === 'number' ? rejected : 0),
    message: message instanceof Uint8Array ? Buffer.from(message).toString() : '',
  };
}

/** The message of a google.rpc.Status, as errors carry it in protobuf: {2: message}. Undefined if it is none. */
export function readStatusMessage(body: Uint8Array): string | undefined {
  try {
    const message = fields(body).get(2);
    return message instanceof Uint8Array ? Buffer.from(message).toString() : undefined;
  } catch {
    return undefined;
  }
}

function count(value: number): number {
  return Number.isFinite(value) && value > 0 ? Math.floor(value) : 0;
}

/** Fields of a protobuf message by number: varints as numbers, length-delimited ones as bytes; the last of each wins. */
function fields(bytes: Uint8Array): Map<number, number | Uint8Array> {
  const found = new Map<number, number | Uint8Array>();
  let at = 0;
  const varint = (): number => {
    for (let value = 0, weight = 1; ; weight *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError('message ends within a number');
      value += (byte & 127) * weight;
      if (byte < 128) return value;
    }
  };
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw new RangeError('message ends within a field');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (wireType === 0) found.set(number, varint());
    else if (wireType === 1) take(8);
    else if (wireType === 2) found.set(number, take(varint()));
    else if (wireType === 5) take(4);
    else throw new RangeError(`unknown wire type ${wireType}`);
  }
  return found;
}
