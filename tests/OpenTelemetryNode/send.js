// Sends one trace of two spans, as an instrumented service would, and prints its id and what the exporter was answered.
// node send.js URL KEY proto|http gzip|none
'use strict';

const { context, trace, SpanKind, SpanStatusCode } = require('@opentelemetry/api');
const { resourceFromAttributes } = require('@opentelemetry/resources');
const { BasicTracerProvider, BatchSpanProcessor } = require('@opentelemetry/sdk-trace-base');

const [url, key, encoding, compression] = process.argv.slice(2);
const { OTLPTraceExporter } = require(`@opentelemetry/exporter-trace-otlp-${encoding}`);

const exporter = new OTLPTraceExporter({ url, compression, headers: { 'x-functions-key': key } });
const answers = [];
const send = exporter.export.bind(exporter);
exporter.export = (spans, done) => send(spans, (result) => {
  answers.push(result.error ? String(result.error) : 'success');
  done(result);
});

const provider = new BasicTracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'node-shop', 'deployment.environment.name': 'test' }),
  spanProcessors: [new BatchSpanProcessor(exporter)],
});
const tracer = provider.getTracer('checkout', '1.2.3');

const root = tracer.startSpan('POST /checkout', { kind: SpanKind.SERVER, attributes: { 'http.request.method': 'POST', 'order_id': 'ord-node' } });
const child = tracer.startSpan(
  'charge',
  { kind: SpanKind.INTERNAL, attributes: { amount: 12.5, attempts: 2, retried: true, tags: ['a', 'b'] } },
  trace.setSpan(context.active(), root));
child.recordException(new Error('card declined'));
child.setStatus({ code: SpanStatusCode.ERROR, message: 'card declined' });
child.end();
root.end();

// What failed is in the answers.
provider.shutdown().catch(() => {}).then(() => console.log(JSON.stringify({ traceId: root.spanContext().traceId, answers })));
