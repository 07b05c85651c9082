// OTLP as it goes over the wire by default, protobuf, read by field numbers into the form of OTLP's JSON: only what the
// sink looks at; the rest is passed over. (github.com/open-telemetry/opentelemetry-proto, trace.proto, metrics.proto)
import protobuf from 'google-protobuf';

type Reader = InstanceType<typeof protobuf.BinaryReader>;
/** How one field is read: a scalar, or a message of other fields. */
type Field = readonly [name: string, how: Scalar | Message, isRepeated?: 'repeated'];
interface Message {
  readonly [number: number]: Field;
}
type Scalar = keyof typeof SCALARS;

const SCALARS = {
  text: (reader: Reader) => reader.readString(),
  id: (reader: Reader) => Buffer.from(reader.readBytes() as Uint8Array).toString('hex'),
  flag: (reader: Reader) => reader.readBool(),
  enum: (reader: Reader) => reader.readEnum(),
  int64: (reader: Reader) => reader.readInt64String(),
  fixed64: (reader: Reader) => reader.readFixed64String(),
  sfixed64: (reader: Reader) => reader.readSfixed64String(),
  double: (reader: Reader) => reader.readDouble(),
  /** Packed. */
  doubles: (reader: Reader) => {
    const bytes = Buffer.from(reader.readBytes() as Uint8Array);
    return Array.from({ length: bytes.length / 8 }, (_, n) => bytes.readDoubleLE(8 * n));
  },
} as const;

const VALUE: Message = {
  1: ['stringValue', 'text'],
  2: ['boolValue', 'flag'],
  3: ['intValue', 'int64'],
  4: ['doubleValue', 'double'],
};
const ATTRIBUTE: Message = { 1: ['key', 'text'], 2: ['value', VALUE] };
const RESOURCE: Message = { 1: ['attributes', ATTRIBUTE, 'repeated'] };
const LINK: Message = { 1: ['traceId', 'id'], 2: ['spanId', 'id'] };
const STATUS: Message = { 2: ['message', 'text'], 3: ['code', 'enum'] };
const SPAN: Message = {
  1: ['traceId', 'id'],
  2: ['spanId', 'id'],
  4: ['parentSpanId', 'id'],
  5: ['name', 'text'],
  6: ['kind', 'enum'],
  7: ['startTimeUnixNano', 'fixed64'],
  8: ['endTimeUnixNano', 'fixed64'],
  9: ['attributes', ATTRIBUTE, 'repeated'],
  13: ['links', LINK, 'repeated'],
  15: ['status', STATUS],
};
const SCOPE_SPANS: Message = { 2: ['spans', SPAN, 'repeated'] };
const RESOURCE_SPANS: Message = { 1: ['resource', RESOURCE], 2: ['scopeSpans', SCOPE_SPANS, 'repeated'] };
const TRACES: Message = { 1: ['resourceSpans', RESOURCE_SPANS, 'repeated'] };

const NUMBER_POINT: Message = {
  4: ['asDouble', 'double'],
  6: ['asInt', 'sfixed64'],
  7: ['attributes', ATTRIBUTE, 'repeated'],
};
const HISTOGRAM_POINT: Message = {
  4: ['count', 'fixed64'],
  5: ['sum', 'double'],
  7: ['explicitBounds', 'doubles'],
  9: ['attributes', ATTRIBUTE, 'repeated'],
};
const NUMBERS: Message = { 1: ['dataPoints', NUMBER_POINT, 'repeated'] };
const METRIC: Message = {
  1: ['name', 'text'],
  5: ['gauge', NUMBERS],
  7: ['sum', NUMBERS],
  9: ['histogram', { 1: ['dataPoints', HISTOGRAM_POINT, 'repeated'] }],
};
const SCOPE_METRICS: Message = { 2: ['metrics', METRIC, 'repeated'] };
const RESOURCE_METRICS: Message = { 1: ['resource', RESOURCE], 2: ['scopeMetrics', SCOPE_METRICS, 'repeated'] };
const METRICS: Message = { 1: ['resourceMetrics', RESOURCE_METRICS, 'repeated'] };

export const readTraces = (bytes: Uint8Array): unknown => read(new protobuf.BinaryReader(bytes), TRACES);
export const readMetrics = (bytes: Uint8Array): unknown => read(new protobuf.BinaryReader(bytes), METRICS);

function read(reader: Reader, message: Message): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  while (reader.nextField() && !reader.isEndGroup()) {
    const field = message[reader.getFieldNumber()];
    if (field === undefined) {
      reader.skipField();
      continue;
    }
    const [name, how, isRepeated] = field;
    const value = typeof how === 'string' ? SCALARS[how](reader) : readInner(reader, how);
    if (isRepeated === undefined) found[name] = value;
    else found[name] = [...((found[name] as unknown[] | undefined) ?? []), value];
  }
  return found;
}

function readInner(reader: Reader, message: Message): Record<string, unknown> {
  return read(new protobuf.BinaryReader(reader.readBytes() as Uint8Array), message);
}
